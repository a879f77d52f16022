/** The two filters of old das1 records, das1_bin_avg and das1_ascii. */
import t from 'tap';
import { das1Ascii } from '../../lib/filter/das1-ascii.js';
import { das1BinAvg } from '../../lib/filter/das1-bin-avg.js';
import { cut } from '../tools/build-stream.js';
import { runProgram } from '../tools/run-filter.js';

function das1(...records: readonly (readonly number[])[]): Buffer {
  const values = records.flat();
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) bytes.writeFloatBE(value, i * 4);
  return bytes;
}

function numbers(bytes: Buffer, perRecord: number): number[][] {
  return Array.from({ length: bytes.length / 4 / perRecord }, (_, record) =>
    Array.from({ length: perRecord }, (_, i) => bytes.readFloatBE((record * perRecord + i) * 4)),
  );
}

const INPUT = das1([-5, 1, 1], [0, 2, 10], [119, 4, 0], [120, 6, 20], [500, 0, 0], [Number.NaN, 1, 1], [510, 0, 3]);

t.test('das1_bin_avg: bins from offset 0, centres, fill', (t) => {
  const expected = [
    [60, 3, 10],
    [180, 6, 20],
    [540, 0, 3],
  ];
  t.strictSame(numbers(runProgram(das1BinAvg, ['2', '120'], INPUT).output, 3), expected);
  for (const size of [1, 5, 11, 12, 13]) {
    t.strictSame(
      numbers(runProgram(das1BinAvg, ['2', '120'], ...cut(INPUT, [size])).output, 3),
      expected,
      `chunks of ${size}`,
    );
  }
  t.strictSame(numbers(runProgram(das1BinAvg, ['2', '1000', '-1e31'], INPUT).output, 3), [
    [500, Math.fround(12 / 5), Math.fround(33 / 5)],
  ]);
  t.end();
});

t.test('das1_bin_avg: the words of its command line', (t) => {
  const refusal = (...args: string[]): string => runProgram(das1BinAvg, args, INPUT).error?.message ?? '';
  const { output } = runProgram(das1BinAvg, ['2', '1000', '-1e31'], INPUT);
  for (const args of [
    ['2', '1000', '-1e31', '-'],
    ['--', '2', '1000', '-1e31'],
  ]) {
    t.strictSame(runProgram(das1BinAvg, args, INPUT).output, output, args.join(' '));
  }
  t.match(refusal('2', '-60'), /^PERIOD must be .*'-60'/);
  t.match(refusal('-2', '60'), /^ITEMS must be .*'-2'/);
  t.match(refusal('2', '60', 'none'), /^FILL must be .*'none'/);
  t.match(refusal('2', '60', '0', '1'), /unexpected argument '1'/);
  t.match(refusal('2', '60', '-x'), /unknown option '-x'/);
  t.end();
});

t.test('das1_ascii: a line per record', (t) => {
  t.equal(
    runProgram(das1Ascii, ['-y', '2', '1997-01-01'], das1([21.25, 4148, -0.1411], [86400, 0, 1e-32])).output.toString(),
    '1997-01-01T00:00:21.250Z   4.148e+03  -1.411e-01\n1997-01-02T00:00:00.000Z   0.000e+00   1.000e-32\n',
  );
  t.equal(
    runProgram(das1Ascii, ['1997-001'], das1([0, 1])).output.toString(),
    '1997-01-01T00:00:00.000Z   1.000e+00\n',
  );
  t.end();
});

t.test('an end inside a record is told, after the records before it', (t) => {
  const cutShort = INPUT.subarray(0, 40);
  const { output, error } = runProgram(das1Ascii, ['-y', '2', '1997-01-01'], cutShort);
  t.equal(output.toString().split('\n').length, 4);
  t.equal(error?.exitStatus, 22);
  t.match(error?.message, /4 of 12 bytes/);
  t.equal(runProgram(das1BinAvg, ['2', '120'], cutShort).error?.exitStatus, 22);
  t.end();
});

t.test('command lines', (t) => {
  for (const args of [[], ['2'], ['0', '1'], ['2', '0'], ['2', '1', 'x'], ['2', '1', '0', '0'], ['-x', '2']]) {
    t.equal(runProgram(das1BinAvg, args).error?.code, 'usage', args.join(' '));
  }
  for (const args of [[], ['junk'], ['-y', '0', '1997'], ['1997', '1998']]) {
    t.equal(runProgram(das1Ascii, args).error?.code, 'usage', args.join(' '));
  }
  t.end();
});
