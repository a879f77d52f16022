/** The filter behind `planes`: which bytes stay, what is said about names that there are not, and when. */
import t from 'tap';
import { isDas2Error } from '../../lib/error.js';
import { createPlaneSelection } from '../../lib/filter/plane-selection.js';
import { assertValidStream } from '../tools/assert-valid-stream.js';
import { cut, headerPacket, packetHeader, record, STREAM } from '../tools/build-stream.js';

const X = '<x type="little_endian_real8" units="us2000"/>';
const plane = (name: string, type = 'little_endian_real4') => `<y type="${type}" name="${name}" units="V"/>`;
const TYPES = ['little_endian_real8', 'little_endian_real4'];
const ABC = packetHeader(1, `${X}${plane('a')}${plane('b')}${plane('c')}`);

function select(names: readonly string[], chunks: readonly Uint8Array[], flushes = false) {
  const parts: Buffer[] = [];
  const filter = createPlaneSelection(names, { write: (bytes) => void parts.push(Buffer.from(bytes)) });
  let error: unknown;
  try {
    for (const chunk of chunks) {
      filter.push(chunk);
      if (flushes) filter.flush();
    }
    filter.end();
  } catch (fault) {
    error = fault;
  }
  return { output: Buffer.concat(parts), error, complaint: filter.complaint };
}

t.test('planes keep their order and their bytes, wherever chunks end', async (t) => {
  const rows = [0, 1, 2].map((i) => record(1, TYPES, [i * 1e6, i, -i, i / 8]));
  const input = Buffer.concat([STREAM, ABC, ...rows]);
  const expected = Buffer.concat([
    STREAM,
    packetHeader(1, `${X}${plane('a')}${plane('c')}`),
    ...[0, 1, 2].map((i) => record(1, TYPES, [i * 1e6, i, i / 8])),
  ]);
  const whole = select(['c', 'a'], [input]).output;
  assertValidStream(t, whole);
  t.same(whole.subarray(-3 * 20), expected.subarray(-3 * 20));
  t.notMatch(whole.toString('latin1'), 'name="b"');
  for (const sizes of [[1], [7], [64, 3]]) {
    t.same(select(['c', 'a'], cut(input, sizes)).output, whole, `${sizes}`);
    t.same(select(['c', 'a'], cut(input, sizes), true).output, whole, `${sizes}, flushed`);
  }
});

t.test('of text the last plane that stays ends the line', async (t) => {
  const types = ['time24', 'ascii14', 'ascii14'];
  const header = packetHeader(1, `<x type="time24" units="UTC"/>${plane('a', 'ascii14')}${plane('b', 'ascii14')}`);
  const { output } = select(['a'], [Buffer.concat([STREAM, header, record(1, types, [0, 1, 2])])]);
  const text = output.toString();
  t.match(text.slice(text.indexOf(':01:')), /^:01:2000-01-01T00:00:00\.\S* +1\.0+e\+0\n$/);
});

t.test('packet types without any of the planes are left out; comments stay', async (t) => {
  const comment = headerPacket('xx', '<comment type="log:info" source="s" value="v" />\n');
  const other = packetHeader(2, `${X}${plane('z')}`);
  const input = Buffer.concat([STREAM, comment, ABC, other, record(2, TYPES, [0, 1]), record(1, TYPES, [1, 1, 2, 3])]);
  const { output, error } = select(['b'], [input]);
  t.equal(error, undefined);
  t.match(output.toString('latin1'), 'log:info');
  t.notMatch(output.toString('latin1'), /\[02\]|:02:|name="z"/);
  assertValidStream(t, output);
  const both = select(['b', 'z'], [input]).output.toString('latin1');
  t.match(both, /:02:.*:01:/s);
});

t.test('a plane that there is not is a fault before anything has gone', async (t) => {
  const input = Buffer.concat([STREAM, ABC, record(1, TYPES, [0, 1, 2, 3])]);
  for (const names of [['nothing'], ['a', 'nothing']]) {
    const { output, error, complaint } = select(names, cut(input, [10]), true);
    t.ok(isDas2Error(error, 'illegalArgument'));
    t.equal(output.length, 0);
    t.equal(complaint, "planes: there is no plane 'nothing' in this answer; it has 'a', 'b', 'c'");
  }
  t.match(
    select(['y'], [Buffer.concat([STREAM, packetHeader(1, `${X}<y type="little_endian_real4" units="V"/>`)])])
      .complaint,
    'its planes have no names',
  );
});

t.test('of a long stream that has some of them it is told at the end', async (t) => {
  const rows = Buffer.concat(Array.from({ length: 40_000 }, (_one, i) => record(1, TYPES, [i * 1e6, i, i, i])));
  const { output, error } = select(['a', 'nothing'], [STREAM, ABC, ...cut(rows, [65_536])], true);
  t.ok(isDas2Error(error, 'illegalArgument'));
  t.equal(output.toString('latin1').split(':01:').length - 1, 40_000);
  t.match(output.subarray(-300).toString('latin1'), /<exception type="ServerError" message="planes: [^"]*nothing/);
});

t.test('a plane that turns up later is no fault', async (t) => {
  const late = packetHeader(2, `${X}${plane('late')}`);
  const input = Buffer.concat([STREAM, ABC, record(1, TYPES, [0, 1, 2, 3]), late, record(2, TYPES, [1, 9])]);
  const { output, error } = select(['a', 'late'], cut(input, [50]), true);
  t.equal(error, undefined);
  t.match(output.toString('latin1'), /:01:.*\[02\].*:02:/s);
});

t.test('an exception, and a stream without data, say enough', async (t) => {
  const exception = headerPacket('xx', '<exception type="NoDataInInterval" message="none" />\n');
  const { output, error } = select(['nothing'], [Buffer.concat([STREAM, exception])]);
  t.equal(error, undefined);
  t.match(output.toString(), 'NoDataInInterval');
  t.equal(select(['nothing'], [Buffer.concat([STREAM, ABC, exception])]).error, undefined);
  t.equal(select(['nothing'], [STREAM]).error, undefined);
});

t.test('a stream that breaks off is a fault of its own', async (t) => {
  const { error } = select(['nothing'], [Buffer.concat([STREAM, ABC, Buffer.from(':01:abc')])]);
  t.ok(error);
  t.notOk(isDas2Error(error, 'illegalArgument'));
});
