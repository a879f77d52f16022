import t from 'tap';
import { ascii } from '../../lib/filter/ascii.js';
import { binary } from '../../lib/filter/binary.js';
import { assertValidStream } from '../tools/assert-valid-stream.js';
import { headerPacket, packetHeader, record, STREAM } from '../tools/build-stream.js';
import { dataOf, planesOfPacket, runProgram, tagsOf } from '../tools/run-filter.js';

const TEXT = packetHeader(
  1,
  '<x type="time27" units="UTC"/><y type="ascii14" name="a" units="V"/><y type="ascii17" name="b" units=""/>' +
    '<y type="sun_real4" name="c" units="m"/>',
);
const TYPES = ['time27', 'ascii14', 'ascii17', 'sun_real4'];

const types = (args: readonly string[], header: Uint8Array): string =>
  planesOfPacket(runProgram(binary, args, STREAM, header).output, 1)
    .map((plane) => plane.attributes.get('type'))
    .join(' ');

t.test('which encoding comes out', (t) => {
  const little8 = 'little_endian_real8';
  const little4 = 'little_endian_real4';
  t.equal(types([], TEXT), `${little8} ${little4} ${little8} sun_real4`);
  t.equal(types(['-L'], TEXT), `${little8} ${little4} ${little8} ${little4}`);
  t.equal(types(['-B'], TEXT), 'sun_real8 sun_real4 sun_real8 sun_real4');
  t.equal(types(['-8'], TEXT), `${little8} ${little8} ${little8} sun_real8`);
  t.equal(types(['-4', '-B'], TEXT), 'sun_real8 sun_real4 sun_real4 sun_real4');
  const numbers = packetHeader(1, '<x type="sun_real4" units="us2000"/><y type="sun_real8" name="a" units=""/>');
  t.equal(types(['-4'], numbers), 'sun_real4 sun_real4');
  t.equal(types(['-8'], numbers), 'sun_real4 sun_real8', 'the width of x stays');
  t.end();
});

t.test('values, times and fill', (t) => {
  const unreadable = Buffer.from(record(1, TYPES, [2e6, 3, 4, 5]));
  unreadable.fill(0x2a, 4 + 27, 4 + 27 + 13);
  const rows = [record(1, TYPES, [0, 1.5, -2.25, 3]), record(1, TYPES, [1.5e6, -1e31, -1e31, 0]), unreadable];
  const { output, error } = runProgram(binary, [], STREAM, TEXT, ...rows);
  t.equal(error, undefined);
  const fill4 = Math.fround(-1e31);
  t.strictSame(dataOf(output), [
    [0, 1.5, -2.25, 3],
    [1.5e6, fill4, -1e31, 0],
    [2e6, fill4, 4, 5],
  ]);
  t.equal(planesOfPacket(output, 1)[0]?.attributes.get('units'), 'us2000');
  assertValidStream(t, output);
  t.end();
});

t.test('undoes das2_ascii', (t) => {
  const header = packetHeader(
    1,
    '<x type="little_endian_real8" units="us2000"/><yscan type="little_endian_real4" name="s" zUnits="V" nitems="3"/>',
  );
  const rows = [0, 1, 2].map((i) =>
    record(1, ['little_endian_real8', 'little_endian_real4'], [i * 1e6, i / 4, -i, 1e-5 * i]),
  );
  const original = Buffer.concat([STREAM, header, ...rows]);
  const text = runProgram(ascii, ['-r', '9', '-s', '6'], original).output;
  const { output } = runProgram(binary, ['-4'], text);
  t.strictSame(dataOf(output), dataOf(original));
  t.end();
});

t.test('messages pass; a bad time in x ends the stream with an exception', (t) => {
  const comment = headerPacket('xx', '<comment type="log:info" source="" value="x"/>');
  const row = record(1, TYPES, [0, 1, 2, 3]);
  const bad = Buffer.from(row);
  bad.fill(0x2a, 4, 4 + 26);
  const { output, error } = runProgram(binary, [], STREAM, comment, TEXT, row, bad, row);
  t.equal(tagsOf(output), '[00][xx][01]:01:[xx]');
  t.equal(error?.exitStatus, 14);
  t.match(output.toString('latin1'), /das2_binary: the x value/);
  t.end();
});

t.test('command line', (t) => {
  for (const args of [['-4', '-8'], ['-B', '-L'], ['-x'], ['word']])
    t.equal(runProgram(binary, args).error?.code, 'usage');
  t.end();
});
