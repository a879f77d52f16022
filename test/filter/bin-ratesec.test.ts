import t from 'tap';
import { binRatesec } from '../../lib/filter/bin-ratesec.js';
import { assertValidStream } from '../tools/assert-valid-stream.js';
import { headerPacket, packetHeader, record, STREAM } from '../tools/build-stream.js';
import { dataOf, planesOfPacket, propertiesOf, runProgram, tagsOf } from '../tools/run-filter.js';
import { splitStream } from '../tools/split-stream.js';

const X = '<x type="little_endian_real8" units="us2000"/>';
const HEADER = packetHeader(2, `${X}<y type="sun_real4" name="a" units="V"/>`);
const WIDE = packetHeader(9, `${X}<yscan type="sun_real4" name="s" zUnits="V" nitems="254"/>`);
const TYPES = ['little_endian_real8', 'sun_real4'];
const at = (...seconds: number[]): Buffer[] => seconds.map((second) => record(2, TYPES, [second * 1e6, 1]));
const wide = (second: number): Buffer => record(9, TYPES, [second * 1e6, ...new Array<number>(254).fill(0)]);

const run = (args: readonly string[], ...rest: Uint8Array[]) => runProgram(binRatesec, args, STREAM, HEADER, ...rest);

t.test('every bin from the first to the last, gaps as 0', (t) => {
  const { output, error } = run(['60'], ...at(0, 1, 2, 61, 240));
  t.equal(error, undefined);
  t.equal(tagsOf(output), '[00][01]:01::01::01::01::01:');
  t.strictSame(dataOf(output), [
    [30e6, 3],
    [90e6, 1],
    [150e6, 0],
    [210e6, 0],
    [270e6, 1],
  ]);
  assertValidStream(t, output);
  t.end();
});

t.test('-m writes bins as they are left, -e only says where data are', (t) => {
  t.strictSame(dataOf(run(['-m', '60'], ...at(0, 1, 61, 2)).output), [
    [30e6, 2],
    [90e6, 1],
    [30e6, 1],
  ]);
  t.strictSame(dataOf(run(['-e', '60'], ...at(0, 1, 240)).output), [
    [30e6, 1],
    [270e6, 1],
  ]);
  const { output } = run(['-m', '-e', '-b', '1999-12-31T23:59:30', '60'], ...at(0, 1, 240));
  t.strictSame(dataOf(output), [
    [0, 1],
    [240e6, 1],
  ]);
  t.equal(planesOfPacket(output, 1)[1]?.attributes.get('name'), 'coverage');
  t.end();
});

t.test('all packet types count together; -v counts bytes of content', (t) => {
  const stream = [WIDE, ...at(0), wide(1), ...at(2)];
  t.strictSame(dataOf(run(['60'], ...stream).output), [[30e6, 3]]);
  t.strictSame(dataOf(run(['-v', 'bytes', '60'], ...stream).output), [[30e6, 12 + 1024 + 12]]);
  t.strictSame(dataOf(run(['--vol-units=kB', '60'], WIDE, wide(0)).output), [[30e6, 1]]);
  t.strictSame(dataOf(run(['--volume', 'MB', '60'], WIDE, wide(0)).output), [[30e6, 2 ** -10]]);
  t.end();
});

t.test('labels name the interval', (t) => {
  const labels = (args: readonly string[]): [string | undefined, string | undefined] => {
    const { output } = run(args);
    return [propertiesOf(splitStream(output)[0]?.root).yLabel, planesOfPacket(output, 1)[1]?.attributes.get('units')];
  };
  t.strictSame(labels(['60']), ['Stream Volume (packets/minute)', 'packets minute**-1']);
  t.strictSame(labels(['120']), ['Stream Volume (packets/2 minutes)', 'packets']);
  t.strictSame(labels(['30']), ['Stream Volume (packets/30 s)', 'packets']);
  t.strictSame(labels(['0.001']), ['Stream Volume (packets/ms)', 'packets ms**-1']);
  t.strictSame(labels(['-v', 'kB', '86400']), ['Stream Volume (kB/day)', 'kB day**-1']);
  t.strictSame(labels(['5400']), ['Stream Volume (packets/1.5 hours)', 'packets']);
  t.strictSame(labels(['-e', '60']), ['Coverage', '']);
  t.strictSame(labels(['-y', 'Mine', '60'])[0], 'Mine');
  t.end();
});

t.test('stream header: axis properties of the input go, title changes', (t) => {
  const stream = headerPacket(
    '00',
    '<stream version="2.2"><properties title="T" zLabel="Z" double:yFill="0" yScaleType="log" xLabel="t" renderer="spectrogram"/></stream>',
  );
  const header = (args: readonly string[]): Record<string, string> =>
    propertiesOf(splitStream(runProgram(binRatesec, args, stream, HEADER).output)[0]?.root);
  t.strictSame(header(['60']), {
    title: 'T (coverage)',
    xLabel: 't',
    renderer: 'stairSteps',
    yLabel: 'Stream Volume (packets/minute)',
    'Datum:xTagWidth': '60.000000 s',
    'Datum:xCacheResolution': '60.000000 s',
    sourceId: 'das2_bin_ratesec',
  });
  t.equal(header(['-t', 'Other', '60']).title, 'Other');
  t.equal(propertiesOf(splitStream(run(['60']).output)[0]?.root).title, 'Data Coverage');
  t.end();
});

t.test('comments are dropped, exceptions pass, faults flush', (t) => {
  const comment = headerPacket('xx', '<comment type="log:info" source="" value="x"/>');
  const exception = headerPacket('xx', '<exception type="NoDataInInterval" message="x"/>');
  t.equal(tagsOf(run(['60'], comment, exception).output), '[00][01][xx]');
  const { output, error } = run(['60'], ...at(0), Buffer.from('rubbish'));
  t.equal(tagsOf(output), '[00][01]:01:[xx]');
  t.equal(error?.exitStatus, 22);
  t.end();
});

t.test('a stream that would make billions of rows is refused', (t) => {
  const { output, error } = run(['1e-6'], ...at(0, 1e6));
  t.equal(error?.code, 'outputLimit');
  t.equal(tagsOf(output), '[00][01]:01::01:[xx]');
  t.strictSame(dataOf(run(['-m', '1e-6'], ...at(0, 1e6)).output).length, 2);
  t.end();
});

t.test('times so far away that bins have no numbers are refused', (t) => {
  // Counting on from 1e17 in steps of one never ends in 8-byte reals.
  for (const seconds of [
    [0, 1e11],
    [0, 1e11, 1e11 + 0.001],
    [0, 1e300],
  ]) {
    const { error, output } = run(['1e-6', '-b', '2000-01-01'], ...at(...seconds));
    t.equal(error?.code, 'outputLimit', String(seconds));
    t.equal(tagsOf(output), '[00][01]:01:[xx]');
  }
  t.end();
});

t.test('command line', (t) => {
  for (const args of [[], ['0'], ['x'], ['-v', 'TB', '60'], ['-q', '60'], ['60', '60'], ['-b', 'junk', '60']]) {
    t.equal(runProgram(binRatesec, args).error?.code, 'usage', args.join(' '));
  }
  t.end();
});
