/** Which level serves a resolution, and which levels a parameter folder has. */
import t from 'tap';
import { coarsestLevel, levelsOfFolder, olderForm } from '../../../lib/cache/level/choose.js';
import { parseCacheLevels } from '../../../lib/source/cache-level.js';

const levelsOf = (...values: string[]) =>
  parseCacheLevels(new Map(values.map((value, i) => [`cacheLevel_0${i}`, value])), {
    reducible: true,
    requiresInterval: false,
    counts: false,
  }).levels;

t.test('the coarsest level that is not too coarse', (t) => {
  const levels = levelsOf('1 s | hourly', '60 s | daily', 'intrinsic | hourly');
  const chosen = (resolution?: number): string | undefined => coarsestLevel(levels, resolution)?.directory;
  t.equal(chosen(59), 'bin-1s');
  t.equal(chosen(60), 'bin-60s');
  t.equal(chosen(3600), 'bin-60s');
  t.equal(chosen(0.5), 'intrinsic');
  t.equal(chosen(), 'intrinsic');
  t.equal(coarsestLevel(levelsOf('1 s | hourly'), 0.5), undefined);
  t.equal(coarsestLevel(levelsOf('1 s | hourly', '1 s | daily'), 1)?.period, 'daily', 'the higher number wins');
  t.end();
});

t.test('levels by parameter folder, in the form of the server and of older scripts', (t) => {
  const levels = levelsOf('60 s | daily', '60 s | daily | -r no-spikes');
  const numbers = (folder: string): number[] => levelsOfFolder(levels, folder).map(({ number }) => number);
  t.strictSame(numbers('_noparam'), [0]);
  t.strictSame(numbers('_r_no_spikes'), [1]);
  t.strictSame(numbers('-r_no-spikes'), [1]);
  t.strictSame(numbers('other'), []);
  t.end();
});

t.test('folder names of older scripts', (t) => {
  const cases: readonly [string, string][] = [
    ['', '_noparam'],
    ['   ', '_noparam'],
    ['b A', 'A_b'],
    ['10 10', '10_10'],
    ['KEEP-SPIKES Bu', 'Bu_KEEP-SPIKES'],
    ['-r no-spikes', '-r_no-spikes'],
    ['c -a b', '-a_b_c'],
    ['--opt=x y', '--opt=x_y'],
    ['lfdr:ExEw mfdr:ExEw', 'lfdr:ExEw_mfdr:ExEw'],
  ];
  for (const [params, folder] of cases) t.equal(olderForm(params), folder, params);
  t.end();
});
