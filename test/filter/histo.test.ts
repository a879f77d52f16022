import t from 'tap';
import { histo } from '../../lib/filter/histo.js';
import { assertValidStream } from '../tools/assert-valid-stream.js';
import { headerPacket, packetHeader, record, STREAM } from '../tools/build-stream.js';
import { dataOf, planesOfPacket, propertiesOf, runProgram, tagsOf } from '../tools/run-filter.js';
import { splitStream } from '../tools/split-stream.js';

const X = '<x type="little_endian_real8" units="us2000"/>';
const TYPES = ['little_endian_real8', 'sun_real4'];
const HEADER = packetHeader(
  3,
  `${X}<y type="sun_real4" name="a" units="V"><properties yLabel="A" double:yFill="-9" yRange="0 to 1"/></y>`,
);
const rows = (values: readonly number[]): Buffer[] => values.map((value, i) => record(3, TYPES, [i, value]));

t.test('counts values; fill is none, zero is one', (t) => {
  const { output, error } = runProgram(histo, [], STREAM, HEADER, ...rows([2, 0, -9, 2, Number.NaN, 0, 2]));
  t.equal(error, undefined);
  t.equal(tagsOf(output), '[00][01]:01::01:');
  t.strictSame(dataOf(output), [
    [0, 2],
    [2, 3],
  ]);
  const [x, counts] = planesOfPacket(output, 1);
  t.strictSame(propertiesOf(x), { xLabel: 'A' });
  t.equal(x?.attributes.get('units'), 'V');
  t.equal(counts?.attributes.get('name'), 'a_hist');
  t.equal(counts?.attributes.get('units'), '');
  t.strictSame(propertiesOf(counts), { yLabel: 'Value Count' });
  assertValidStream(t, output);
  t.end();
});

t.test('cumulative forms', (t) => {
  const input = [STREAM, HEADER, ...rows([1, 2, 2, 4])];
  t.strictSame(dataOf(runProgram(histo, ['-b'], ...input).output), [
    [1, 0.25],
    [2, 0.75],
    [4, 1],
  ]);
  t.strictSame(dataOf(runProgram(histo, ['-a'], ...input).output), [
    [1, 1],
    [2, 0.75],
    [4, 0.25],
  ]);
  t.equal(runProgram(histo, ['-a', '-b'], ...input).error?.code, 'usage');
  t.end();
});

t.test('every item of a scan by itself; planes get ids in the order of appearance', (t) => {
  const first = packetHeader(
    5,
    `${X}<yscan type="sun_real4" name="s" zUnits="dB" yUnits="Hz" nitems="2" yTags="1,2"><properties zLabel="P" yLabel="F"/></yscan>`,
  );
  const { output } = runProgram(
    histo,
    [],
    STREAM,
    first,
    HEADER,
    ...rows([1]),
    record(5, TYPES, [0, 1, 2]),
    record(5, TYPES, [0, 2, 2]),
  );
  t.equal(tagsOf(output), '[00][01]:01::01:[02]:02:');
  t.strictSame(dataOf(output), [
    [1, 1, 0],
    [2, 1, 2],
    [1, 1],
  ]);
  const counts = planesOfPacket(output, 1)[1];
  t.strictSame(propertiesOf(counts), { zLabel: 'Value Count', yLabel: 'F' });
  t.equal(counts?.attributes.get('yTags'), '1,2');
  t.end();
});

t.test('a plane over x and y becomes a line over its values', (t) => {
  const header = packetHeader(
    3,
    `${X}<y type="sun_real4" name="y" units="R"/><z type="sun_real4" name="z" units="V"><properties zLabel="Z"/></z>`,
  );
  const { output } = runProgram(histo, [], STREAM, header, record(3, TYPES, [0, 1, 2]));
  const [x, counts] = planesOfPacket(output, 3);
  t.strictSame(propertiesOf(x), { xLabel: 'Z' });
  t.equal(counts?.name, 'y');
  t.strictSame(propertiesOf(counts), { yLabel: 'Value Count' });
  t.end();
});

t.test('a new definition writes what there is; messages pass; title', (t) => {
  const stream = headerPacket('00', '<stream version="2.2"><properties title="T" zLabel="gone" summary="S"/></stream>');
  const comment = headerPacket('xx', '<comment type="log:info" source="" value="x"/>');
  const { output } = runProgram(histo, [], stream, HEADER, ...rows([1]), comment, HEADER, ...rows([2]));
  t.equal(tagsOf(output), '[00][xx][01]:01:[02]:02:');
  t.strictSame(propertiesOf(splitStream(output)[0]?.root), {
    title: 'T - Histogram',
    summary: 'S',
    'double:yFill': '0',
    'double:zFill': '0',
    sourceId: 'das2_histo',
  });
  t.end();
});

t.test('a fault flushes and is told in the stream', (t) => {
  const { output, error } = runProgram(histo, [], STREAM, HEADER, ...rows([1]), Buffer.from('rubbish'));
  t.equal(tagsOf(output), '[00][01]:01:[xx]');
  t.equal(error?.exitStatus, 22);
  t.end();
});

t.test('more distinct values than memory may hold are refused', { timeout: 60000 }, (t) => {
  const block = Buffer.alloc(16 * 100_000);
  const header = packetHeader(1, '<x type="little_endian_real8" units="m"/><y type="sun_real4" name="a" units=""/>');
  function* chunks(): Generator<Uint8Array> {
    yield STREAM;
    yield header;
    for (let n = 0; n < 2_100_000; n += 100_000) {
      for (let i = 0; i < 100_000; i++) {
        block.write(':01:', i * 16, 'latin1');
        block.writeFloatBE(n + i + 1, i * 16 + 12);
      }
      yield block;
    }
  }
  const { error } = runProgram(histo, [], ...chunksCopied(chunks()));
  t.equal(error?.code, 'outputLimit');
  t.end();
});

t.test('what was written makes room for the values behind a new definition', (t) => {
  const items = 1000;
  const tags = Array.from({ length: items }, (_none, i) => i).join();
  const header = packetHeader(
    1,
    `<x type="little_endian_real8" units="m"/><yscan type="sun_real4" name="a" zUnits="" yUnits="" nitems="${items}" yTags="${tags}"/>`,
  );
  // Each of two definitions has 1500 distinct values, which take 1,500,000 places of 2,000,000.
  const part = [0, 500].map((first) =>
    record(1, TYPES, [0, ...Array.from({ length: items }, (_none, i) => first + i)]),
  );
  const { error, output } = runProgram(histo, [], STREAM, header, ...part, header, ...part);
  t.equal(error, undefined);
  t.equal(dataOf(output).length, 3000);
  t.equal(
    runProgram(
      histo,
      [],
      STREAM,
      header,
      ...part,
      record(1, TYPES, [0, ...Array.from({ length: items }, (_none, i) => 1500 + i)]),
    ).error?.code,
    'outputLimit',
  );
  t.end();
});

/** The generator reuses its block, so each is copied. */
function* chunksCopied(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const chunk of chunks) yield Uint8Array.from(chunk);
}
