/** das2_bin_avgsec as a program: its command line, and compressed input. Its rules are in the files beside this one. */
import t from 'tap';
import { binAvgsec } from '../../lib/filter/bin-avgsec.js';
import { REAL8, reduce, tags, X } from '../tools/averaged-stream.js';
import { headerPacket, packetHeader, record } from '../tools/build-stream.js';

t.test('a deflated stream comes out plain', async (t) => {
  const { deflateSync } = await import('node:zlib');
  const body = Buffer.concat([packetHeader(1, X), record(1, [REAL8], [1]), record(1, [REAL8], [2])]);
  const head = headerPacket('00', '<stream version="2.2" compression="deflate"/>');
  const outcome = reduce({ seconds: 10 }, Buffer.concat([head, deflateSync(body)]));
  t.equal(outcome.packets[0]?.root?.attributes.get('compression'), 'none');
  t.equal(tags(outcome), '[00][01]:01:');
});

t.test('the command line', async (t) => {
  const create = (...args: string[]): void => {
    binAvgsec.create(args, { write: () => {} });
  };
  for (const line of [
    '60',
    '-r -s -p 60',
    '60 -r',
    '-rsp 60',
    '-b 2001-01-01T00:00 60',
    '60 -b 2001-001',
    '0.5',
    '1e3',
    '+60',
    '60 -',
    '.5',
  ]) {
    t.doesNotThrow(() => create(...line.split(' ')), line);
  }
  for (const line of [
    '',
    '0',
    '-5',
    '5s',
    'text',
    'nan',
    'inf',
    '0x10',
    '1e999',
    '60 70',
    '-x 60',
    '-b',
    '-b junk 60',
    '-b 2001-01-01',
    '-',
    '60 - -',
  ]) {
    t.throws(() => create(...line.split(' ').filter(Boolean)), { code: 'usage' }, line);
  }
  t.equal(binAvgsec.usageStatus, 100);
  t.match(binAvgsec.help, 'BIN_SECONDS');
});
