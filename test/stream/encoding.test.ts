/**
 * The `type` attribute: names, synonyms and limits of stream-format 5.
 */
import t from 'tap';
import { isText, parseEncoding } from '../../lib/stream/encoding.js';

t.test('types that are known', (t) => {
  t.same(parseEncoding('sun_real8'), { kind: 'real8', littleEndian: false, width: 8, type: 'sun_real8' });
  t.same(parseEncoding('little_endian_real4'), {
    kind: 'real4',
    littleEndian: true,
    width: 4,
    type: 'little_endian_real4',
  });
  t.same(parseEncoding('double'), parseEncoding('sun_real8'));
  t.same(parseEncoding('float'), { kind: 'real4', littleEndian: false, width: 4, type: 'sun_real4' });
  t.same(parseEncoding('ascii14'), { kind: 'ascii', littleEndian: false, width: 14, type: 'ascii14' });
  t.same(parseEncoding('time24'), { kind: 'time', littleEndian: false, width: 24, type: 'time24' });
  for (const type of ['ascii2', 'ascii127', 'time5', 'time127']) t.ok(isText(parseEncoding(type)), type);
  t.notOk(isText(parseEncoding('sun_real4')));
  t.end();
});

t.test('types that are not', (t) => {
  for (const type of [
    '',
    'ascii',
    'ascii1',
    'ascii128',
    'ascii014',
    'ascii1e1',
    'time4',
    'time128',
    'int4',
    'Double',
    'sun_real16',
    'toString',
    'ascii14 ',
  ]) {
    t.throws(() => parseEncoding(type), { code: 'valueEncoding' }, type);
  }
  t.end();
});
