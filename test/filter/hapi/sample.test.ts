/** The look at the begin of a stream: what it sees is tested with the datasets (test/routes/hapi); here, that it ends. */
import t from 'tap';
import { HapiSample } from '../../../lib/filter/hapi/sample.js';
import { packetHeader, record, STREAM } from '../../tools/build-stream.js';

const X = '<x type="sun_real8" units="us2000"/>';
const types = ['sun_real8', 'sun_real4'];
const scan = (id: number, n: number): Buffer =>
  packetHeader(id, `${X}<yscan name="z" type="sun_real4" zUnits="V" nitems="2" yTags="${n},${n + 1}"/>`);
const row = (id: number, n: number): Buffer => record(id, types, [n * 1e6, n, n]);

t.test('it ends as soon as the channels change', (t) => {
  const sample = new HapiSample();
  sample.push(STREAM);
  for (const [n, isFull] of [false, true].entries()) {
    sample.push(Buffer.concat([scan(1, n), row(1, n)]));
    t.equal(sample.isFull, isFull);
  }
  t.ok(sample.tables().some(({ changes }) => changes));
  t.end();
});

t.test('types side by side are no change', (t) => {
  const sample = new HapiSample();
  sample.push(Buffer.concat([STREAM, ...[1, 2, 3].flatMap((id) => [scan(id, id), row(id, id), scan(id, id)])]));
  t.equal(sample.isFull, false);
  t.strictSame(
    sample.tables().map(({ packetIds, changes }) => [packetIds, changes]),
    [1, 2, 3].map((id) => [[id], false]),
  );
  t.end();
});

t.test('it ends in a stream of headers that never come to records', (t) => {
  const sample = new HapiSample();
  sample.push(STREAM);
  let count = 0;
  for (; count < 1000 && !sample.isFull; count++) sample.push(scan((count % 99) + 1, count));
  t.equal(count, 100);
  t.strictSame(sample.tables(), []);
  t.end();
});

t.test('times have the decimals of their plane, and of their values if these are finer', (t) => {
  const decimals = (x: string, ...times: readonly string[]): number | undefined => {
    const sample = new HapiSample();
    const width = /\d+/.exec(x)?.[0] ?? '';
    sample.push(
      Buffer.concat([STREAM, packetHeader(1, `<x type="${x}" units="UTC"/><y type="ascii8" name="y" units=""/>`)]),
    );
    for (const time of times) sample.push(Buffer.from(`:01:${time.padEnd(Number(width))}${'1'.padStart(7)}\n`));
    return sample.tables()[0]?.decimals;
  };
  t.equal(decimals('time24', '2001-01-01T00:00:00.000', '2001-01-01T00:00:01.500'), 3);
  t.equal(decimals('time27', '2001-01-01T00:00:00.000000', '2001-01-01T00:00:01.500000'), 6);
  t.equal(decimals('time30', '2001-01-01T00:00:00.000000000', '2001-01-01T00:00:01.500000000'), 9);
  const us2000 = new HapiSample();
  us2000.push(Buffer.concat([STREAM, scan(1, 1), record(1, types, [1.25, 1, 1])]));
  t.equal(us2000.tables()[0]?.decimals, 6, 'a microsecond');
  t.end();
});
