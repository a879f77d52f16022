/** Text to bytes and back without `Buffer`, beside what `Buffer` says. */
import fc from 'fast-check';
import t from 'tap';
import { fileText, hasMoreBytesThan, joinBytes, latin1Bytes, latin1Text, utf8Bytes, utf8Text } from '../lib/bytes.js';

/** Texts of all planes, lone surrogates among them. */
const text = fc.string({ unit: 'binary', maxLength: 40 }).chain((one) => fc.constantFrom(one, `${one}\ud800`));

t.test('UTF-8 is what Buffer makes of it, in both directions', (t) => {
  fc.assert(
    fc.property(text, (one) => {
      t.strictSame([...utf8Bytes(one)], [...Buffer.from(one)]);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      t.equal(utf8Text(bytes), Buffer.from(bytes).toString('utf8'));
      t.equal(latin1Text(bytes), Buffer.from(bytes).toString('latin1'));
    }),
  );
  t.equal(utf8Text(Buffer.from('\ufeffa')), '\ufeffa', 'a byte order mark stays');
  t.end();
});

t.test('ISO-8859-1 and joining', (t) => {
  fc.assert(
    fc.property(text, (one) => {
      t.strictSame([...latin1Bytes(one)], [...Buffer.from(one, 'latin1')]);
    }),
  );
  t.strictSame([...joinBytes(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3))], [1, 2, 3]);
  t.equal(joinBytes().length, 0);
  t.end();
});

t.test('the limit counts bytes, not characters', (t) => {
  fc.assert(
    fc.property(text, fc.nat(200), (one, limit) => {
      t.equal(hasMoreBytesThan(one, limit), Buffer.byteLength(one) > limit);
    }),
  );
  // Three bytes a character: more than the limit although there are fewer characters than half of it.
  t.equal(hasMoreBytesThan('\u20ac'.repeat(9), 25), true);
  t.equal(hasMoreBytesThan('\u20ac'.repeat(9), 27), false);
  t.end();
});

t.test('a file that somebody wrote: UTF-8, or what old files use', (t) => {
  const said: string[] = [];
  const read = (bytes: Uint8Array) => fileText(bytes, (line) => said.push(line));
  t.equal(read(Buffer.from('Universit\u00e4t \u20ac')), 'Universit\u00e4t \u20ac');
  t.equal(read(Buffer.from('kept: \ufffd')), 'kept: \ufffd', 'a replacement character of the file itself');
  t.strictSame(said, []);
  t.equal(read(Buffer.from('Universit\u00e4t', 'latin1')), 'Universit\u00e4t');
  t.strictSame(said, ['not UTF-8; read as ISO-8859-1']);
  t.end();
});
