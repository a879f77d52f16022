/** das2_bin_avg, das2_bin_peakavgsec and das2_bin_minmaxavgsec: what differs from das2_bin_avgsec, whose machinery they share. */
import t from 'tap';
import { binAvg } from '../../lib/filter/bin-avg.js';
import { binAvgsec } from '../../lib/filter/bin-avgsec.js';
import { binMinmaxavgsec } from '../../lib/filter/bin-minmaxavgsec.js';
import { binPeakavgsec, createBinPeakavgsec } from '../../lib/filter/bin-peakavgsec.js';
import { assertValidStream } from '../tools/assert-valid-stream.js';
import { headerPacket, packetHeader, record, STREAM } from '../tools/build-stream.js';
import { dataOf, planesOfPacket, propertiesOf, runProgram, tagsOf } from '../tools/run-filter.js';
import { splitStream } from '../tools/split-stream.js';

const X = '<x type="little_endian_real8" units="us2000"/>';
const HEADER = packetHeader(1, `${X}<y type="sun_real4" name="a" units="V"><properties double:yFill="-9"/></y>`);
const TYPES = ['little_endian_real8', 'sun_real4'];
const rows = (...values: number[]): Buffer[] => values.map((value, i) => record(1, TYPES, [i * 1e6, value]));
const WAVEFORM = headerPacket('00', '<stream version="2.2"><properties renderer="waveform"/></stream>');
const SCAN = packetHeader(
  1,
  `${X}<yscan type="sun_real4" name="w" zUnits="V" yUnits="s" nitems="3" yTagInterval="0.1" yTagMin="0"/>`,
);
const scan = (...values: number[]): Buffer => record(1, TYPES, values);

t.test('minmaxavg: average, minimum, maximum, count; spikes survive', (t) => {
  const { output, error } = runProgram(binMinmaxavgsec, ['10'], STREAM, HEADER, ...rows(1, -9, 3, 50, Number.NaN));
  t.equal(error, undefined);
  t.strictSame(dataOf(output), [[5e6, 18, 1, 50, 3]]);
  const planes = planesOfPacket(output, 1);
  t.strictSame(
    planes
      .slice(1)
      .map((plane) => [plane.attributes.get('name'), plane.attributes.get('units'), plane.attributes.get('type')]),
    [
      ['a', 'V', 'sun_real4'],
      ['a.min', 'V', 'sun_real4'],
      ['a.max', 'V', 'sun_real4'],
      ['a.count', '', 'sun_real4'],
    ],
  );
  t.strictSame(propertiesOf(planes[4]), { source: 'a', operation: 'BIN_COUNT' });
  t.equal(propertiesOf(splitStream(output)[0]?.root).sourceId, 'das2_bin_minmaxavgsec');
  assertValidStream(t, output);
  t.end();
});

t.test('minmaxavg: a bin of fill has the count 0, -s comes before the count', (t) => {
  const { output } = runProgram(
    binMinmaxavgsec,
    ['-s', '-b', '2000-01-01', '2'],
    STREAM,
    HEADER,
    ...rows(-9, -9, 1, 3),
  );
  t.strictSame(dataOf(output), [
    [1e6, -9, -9, -9, -9, 0],
    [3e6, 2, 1, 3, Math.fround(Math.SQRT2), 2],
  ]);
  t.end();
});

t.test('minmaxavg: text planes count in ascii14, waveforms collapse with their companions', (t) => {
  const header = packetHeader(1, '<x type="time24" units="UTC"/><y type="ascii10" name="a" units="V"/>');
  const text = runProgram(binMinmaxavgsec, ['60'], STREAM, header, record(1, ['time24', 'ascii10'], [0, 2])).output;
  t.strictSame(dataOf(text), [
    ['2000-01-01T00:00:30.000 ', ' 2.00e+00 ', ' 2.00e+00 ', ' 2.00e+00 ', ' 1.000000e+00\n'],
  ]);
  const collapsed = runProgram(binMinmaxavgsec, ['1'], WAVEFORM, SCAN, scan(0, 1, 2, 6)).output;
  t.strictSame(dataOf(collapsed), [[0.5e6, 3, 1, 6, 3]]);
  t.strictSame(
    planesOfPacket(collapsed, 1).map(({ name }) => name),
    ['x', 'y', 'y', 'y', 'y'],
  );
  const kept = runProgram(binMinmaxavgsec, ['0.1'], WAVEFORM, SCAN, scan(0, 1, 2, 6)).output;
  t.strictSame(dataOf(kept), [[0.05e6, 1, 2, 6, 1, 2, 6, 1, 2, 6, 1, 1, 1]]);
  t.end();
});

t.test('minmaxavg agrees with das2_bin_avgsec -r', (t) => {
  const input = [STREAM, HEADER, ...rows(1, 5, -9, 2, 8, 8, -1)];
  const mine = dataOf(runProgram(binMinmaxavgsec, ['-b', '2000-01-01', '3'], ...input).output);
  const theirs = dataOf(runProgram(binAvgsec, ['-r', '-b', '2000-01-01', '3'], ...input).output);
  t.strictSame(
    mine.map((row) => row.slice(0, 4)),
    theirs,
  );
  t.end();
});

t.test('peakavg: the largest value, also of negative data; waveforms do not collapse', (t) => {
  const { output } = runProgram(binPeakavgsec, ['10'], STREAM, HEADER, ...rows(-4, -2, -9, -3));
  t.strictSame(dataOf(output), [[5e6, -3, -2]]);
  t.strictSame(propertiesOf(planesOfPacket(output, 1)[1]), { 'double:yFill': '-9', source: 'a', operation: 'BIN_AVG' });
  t.strictSame(dataOf(runProgram(binPeakavgsec, ['1'], WAVEFORM, SCAN, scan(0, 1, 2, 6)).output), [
    [0.5e6, 1, 2, 6, 1, 2, 6],
  ]);
  t.end();
});

t.test('peakavg: progress comments are thinned out by the clock', (t) => {
  let clock = 0;
  const pieces: Buffer[] = [];
  const filter = createBinPeakavgsec(
    { seconds: 1 },
    { write: (bytes) => pieces.push(Buffer.from(bytes)) },
    () => clock,
  );
  filter.push(STREAM);
  for (let i = 0; i < 100; i++) {
    clock += 10;
    filter.push(headerPacket('xx', `<comment type="taskProgress" source="rdr" value="${i}"/>`));
  }
  filter.push(headerPacket('xx', '<comment type="taskSize" source="rdr" value="100"/>'));
  filter.end();
  const comments = splitStream(Buffer.concat(pieces)).slice(1);
  t.equal(comments.length, 11);
  t.equal(comments[0]?.root?.attributes.get('source'), 'das2_bin_peakavgsec');
  t.equal(comments[10]?.root?.attributes.get('source'), 'rdr');
  t.end();
});

t.test('bin_avg: bins in the units of x from the first record; nothing else changes', (t) => {
  const header = packetHeader(1, '<x type="sun_real4" units="km"/><y type="sun_real4" name="a" units="V"/>');
  const stream = headerPacket('00', '<stream version="2.2"><properties Datum:xTagWidth="2 km"/></stream>');
  const input = [1, 2, 3, 4, 11].map((x) => record(1, ['sun_real4'], [x, x * 2]));
  const comment = headerPacket('xx', '<comment type="taskSize" source="" value="7"/>');
  const exception = headerPacket('xx', '<exception type="NoDataInInterval" message="x"/>');
  const { output, error } = runProgram(binAvg, ['2.5'], stream, header, comment, ...input, exception);
  t.equal(error, undefined);
  t.strictSame(dataOf(output), [
    [2.25, 4],
    [4.75, 8],
    [12.25, 22],
  ]);
  t.equal(planesOfPacket(output, 1)[0]?.attributes.get('units'), 'km');
  t.strictSame(propertiesOf(splitStream(output)[0]?.root), { 'Datum:xTagWidth': '2 km', sourceId: 'das2_bin_avg' });
  t.equal(tagsOf(output), '[00][01][xx]:01::01:[xx]:01:');
  t.end();
});

t.test('command lines', (t) => {
  for (const args of [[], ['0'], ['-1'], ['nan'], ['1s'], ['1', '2'], ['-r', '5']]) {
    for (const program of [binAvg, binPeakavgsec, binMinmaxavgsec]) {
      t.equal(runProgram(program, args).error?.code, 'usage', `${program.name} ${args.join(' ')}`);
    }
  }
  t.end();
});

t.test('what has been reduced with companions can be reduced again', (t) => {
  const input = [STREAM, HEADER, ...rows(1, -9, 3, 50, Number.NaN, 7, -9, 2, 8, -4)];
  for (const [program, options] of [
    [binMinmaxavgsec, []],
    [binAvgsec, ['-r']],
    [binPeakavgsec, []],
  ] as const) {
    const fine = runProgram(program, [...options, '2'], ...input);
    const twice = runProgram(program, [...options, '10'], fine.output);
    const once = runProgram(program, [...options, '10'], ...input);
    t.equal(twice.error, undefined);
    assertValidStream(t, twice.output);
    const names = (output: Uint8Array) => planesOfPacket(output, 1).map((plane) => plane.attributes.get('name'));
    t.strictSame(names(twice.output), names(once.output), 'no companions of companions');
    t.strictSame(
      planesOfPacket(twice.output, 1).map((plane) => propertiesOf(plane).operation),
      planesOfPacket(once.output, 1).map((plane) => propertiesOf(plane).operation),
    );
    // Bin centres of the finer bins are the x of the coarser ones, and means of means are no means of all.
    const rest = (output: Uint8Array) => dataOf(output).map((values) => values.slice(2));
    t.strictSame(rest(twice.output), rest(once.output), program.name);
  }
  const deviations = runProgram(binAvgsec, ['-s', '2'], ...input);
  assertValidStream(t, runProgram(binAvgsec, ['-s', '-r', '10'], deviations.output).output);
  // Without companions of its own a reducer averages what it finds, as ever.
  const ranges = runProgram(binAvgsec, ['-r', '2'], ...input).output;
  const minima = dataOf(ranges).map((values) => Number(values[2]));
  const [plain] = dataOf(runProgram(binAvgsec, ['10'], ranges).output);
  t.equal(plain?.[2], Math.fround(minima.reduce((sum, value) => sum + value, 0) / minima.length));
  t.end();
});
