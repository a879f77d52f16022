import t from 'tap';
import { cacheableParams, normalizeParams, parseCacheLevels } from '../../lib/source/cache-level.js';
import { parseDsdf } from '../../lib/source/definition/dsdf.js';

const PLAIN = { reducible: true, requiresInterval: false, counts: false };

function levels(text: string, source = PLAIN) {
  return parseCacheLevels(parseDsdf(text).entries, source);
}

t.test('normalisation N1', async (t) => {
  const table: [string | undefined, string][] = [
    [undefined, '_noparam'],
    ['', '_noparam'],
    ['   ', '_noparam'],
    ['high', 'high'],
    ['b A', 'A_b'],
    ['10 10', '10_10'],
    ['KEEP-SPIKES Bu', 'Bu_KEEP_SPIKES'],
    ['-r no-spikes', '_r_no_spikes'],
    ['c -a b', '_a_b_c'],
    ['--opt=x y', '__opt=x_y'],
    ['lfdr:ExEw mfdr:ExEw', 'lfdr:ExEw_mfdr:ExEw'],
    ['\u{1f600} \uffee', '\uffee_\u{1f600}'],
  ];
  for (const [params, name] of table) t.equal(normalizeParams(params), name, JSON.stringify(params ?? null));
});

t.test('what may be a folder', async (t) => {
  for (const params of ['_noparam', '-noparam', '.x', 'a/b', 'a\\b', `'a b'`, '"a"', 'a\u0001', 'x'.repeat(201)]) {
    t.equal(cacheableParams(params), undefined, params);
  }
  t.equal(cacheableParams('x'.repeat(200)), 'x'.repeat(200));
  t.equal(cacheableParams('  '), '_noparam');
});

t.test('levels', async (t) => {
  const table: [value: string, directory: string, period: string, params: string][] = [
    ['intrinsic | daily', 'intrinsic', 'daily', ''],
    ['60 s | hourly | a b', 'bin-60s', 'hourly', 'a b'],
    ['250 ms | hourly', 'bin-250ms', 'hourly', ''],
    ['0.5 s | daily', 'bin-500ms', 'daily', ''],
    ['1 min | daily', 'bin-60s', 'daily', ''],
    ['1500 us | persecond', 'bin-1500us', 'persecond', ''],
    ['1 \u00b5s | perminute', 'bin-1us', 'perminute', ''],
    ['1000 \u03bcs | monthly', 'bin-1ms', 'monthly', ''],
    ['5000 ns|yearly', 'bin-5us', 'yearly', ''],
    ['1 h | yearly', 'bin-3600s', 'yearly', ''],
    ['2 days | yearly', 'bin-172800s', 'yearly', ''],
    ['0.1 ms | daily', 'bin-100us', 'daily', ''],
    ['60s | daily |', 'bin-60s', 'daily', ''],
    ['3 millisecond | daily', 'bin-3ms', 'daily', ''],
  ];
  for (const [value, directory, period, params] of table) {
    const found = levels(`cacheLevel_07 = '${value}'`);
    const [level] = found.levels;
    t.same(
      [level?.directory, level?.period, level?.params, level?.number, found.errors],
      [directory, period, params, 7, []],
      value,
    );
  }
  t.equal(levels(`cacheLevel = '0.5 s | daily'`).levels[0]?.seconds, 0.5);
});

t.test('a bad level disables itself alone', async (t) => {
  for (const value of [
    '0.5 x | daily',
    '0 s | daily',
    '-1 s | daily',
    '1 s',
    '1 s | daily | a | b',
    '1 s | weekly',
    '1 | daily',
    '0.5 us | daily',
    '1e3 s | daily',
    '1.5 ns | daily',
    'Intrinsic | daily',
    '1 s | daily | a/b',
    '1 s | daily | _noparam',
    '1 constructor | daily',
    '',
  ]) {
    const found = levels(`cacheLevel_00 = 'intrinsic | daily'\ncacheLevel_01 = '${value}'`);
    t.same(
      [found.levels.map(({ number }) => number), found.errors.map(({ key }) => key)],
      [[0], ['cacheLevel_01']],
      value,
    );
  }
  const keys = levels(`cacheLevel_1_2 = 'intrinsic | daily'\ncacheLevels = 'x'`);
  t.same([keys.levels.length, keys.errors.length], [0, 1]);
  const odd = levels(
    ['', '1234567', '-1', '1e2', '0x1', ' 1'].map((key) => `cacheLevel_${key} = 'intrinsic | daily'`).join('\n'),
  );
  t.equal(odd.levels.length, 0, 'one to six digits');
});

t.test('numbers, doubles and collisions', async (t) => {
  const found = levels(
    `cacheLevel_10 = '1 s | daily | a-b'\ncacheLevel_2 = '60 s | daily | a_b'\ncacheLevel = '1 s | daily'\n` +
      `cacheLevel_00 = '2 s | daily'\ncacheLevel_11 = '2 s | daily | a_b'`,
  );
  t.same(
    found.levels.map(({ number }) => number),
    [0, 2, 11],
  );
  t.same(
    found.errors.map(({ key }) => key),
    ['cacheLevel_00', 'cacheLevel_10'],
  );
});

t.test('sources that cannot have them', async (t) => {
  const text = `cacheLevel_00 = 'intrinsic | daily'\ncacheLevel_01 = '1 s | daily'`;
  const fixed = levels(text, { ...PLAIN, reducible: false });
  t.same([fixed.levels.length, fixed.errors.length], [1, 1]);
  const counting = levels(text, { ...PLAIN, counts: true });
  t.same(
    [counting.levels.map(({ directory }) => directory), counting.errors],
    [['intrinsic'], [{ key: 'cacheLevel_01', reason: 'a source whose reducer counts can have intrinsic levels only' }]],
  );
  const interval = levels(text, { ...PLAIN, requiresInterval: true });
  t.same([interval.levels.length, interval.errors.length], [0, 2]);
});

t.test('deprecated forms', async (t) => {
  const warnings: string[] = [];
  const read = (value: string) =>
    parseCacheLevels(parseDsdf(`cacheLevel_03 = '${value}'`).entries, PLAIN, (line) => warnings.push(line)).levels.map(
      ({ number, directory, params }) => [number, directory, params],
    );
  t.same(read('1 s; daily; x y'), [[3, 'bin-1s', 'x y']]);
  t.same(read('1 s; daily | 60 s; daily; p'), [
    [3, 'bin-1s', ''],
    [4, 'bin-60s', 'p'],
  ]);
  t.equal(warnings.length, 2);
});
