/** Blocks made by the real programs: arguments, side files, what is kept and what is not, two builders at once. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { blocksOf, countBlocks } from '../../../lib/cache/block/block.js';
import { buildBlocks } from '../../../lib/cache/builder/levels.js';
import { CACHE_PERIODS } from '../../../lib/source/cache-level.js';
import { countTurns } from '../../tools/count-turns.js';
import { cacheSite, range, type TestSite } from '../site.js';

const LEVELS = [
  "cacheLevel_00 = 'intrinsic | hourly'",
  "cacheLevel_01 = '1 min | daily'",
  "cacheLevel_02 = '0.5 s | perminute | a b'",
];
const DAY = range('2017-03-01', '2017-03-02');

async function build(site: TestSite, level: number, over = DAY, more: { force?: boolean; signal?: AbortSignal } = {}) {
  const lines: string[] = [];
  const { source, configuration } = site;
  const options = { source: source(), level: site.level(level), range: over, configuration, ...more };
  const summary = await buildBlocks({ ...options, log: (line) => lines.push(line) });
  return { ...summary, lines };
}

const block = (site: TestSite, file: string): string => join(site.cacheRoot, 'data/T/S', file);
const DAILY = '_noparam/bin-60s/2017/03/2017-03-01_bin-60s.d2s';
const side = (file: string): string => join(dirname(file), `.${file.slice(file.lastIndexOf('/') + 1)}.json`);

t.test('a long look at blocks that are valid leaves others their turn', async (t) => {
  const site = cacheSite(t, LEVELS);
  const days = range('2017-03-01', '2017-03-06');
  await build(site, 1, days);
  const turns = await countTurns(async () => t.match(await build(site, 1, days), { built: 0, skipped: 5 }));
  t.ok(turns >= 5, `${turns} turns in five days`);
});

t.test('what a builder of a long run has finished is not swept', async (t) => {
  const site = cacheSite(t, LEVELS);
  await build(site, 1);
  const folder = dirname(block(site, DAILY));
  const old = new Date(Date.now() - 2 * 86_400_000);
  const names = ['.a.d2s.elsewhere.1.0.tmp', '.a.d2s.lock', '.b.d2s.elsewhere.1.0.tmp', '.b.d2s.lock'];
  for (const name of names) {
    writeFileSync(join(folder, name), '30 elsewhere-1-0');
    // Locks are renewed as long as their builders live.
    if (name !== '.a.d2s.lock') utimesSync(join(folder, name), old, old);
  }
  await build(site, 1);
  t.same(
    names.filter((name) => existsSync(join(folder, name))),
    ['.a.d2s.elsewhere.1.0.tmp', '.a.d2s.lock'],
  );
});

t.test('a binned block: arguments, file, side file, modes; then it is skipped', async (t) => {
  const site = cacheSite(t, [...LEVELS, "reducer = 'note_args'"]);
  site.program('note_args', `#!/bin/sh\necho "$@" >> "$(dirname "$0")/reduced"\nexec cat\n`);
  const summary = await build(site, 1);
  t.match(summary, { built: 1, skipped: 0, empty: 0, failed: 0, lines: [] });
  t.strictSame(site.calls(), ['2017-03-01 2017-03-02']);
  t.equal(readFileSync(join(site.folder, 'bin/reduced'), 'utf8'), '-b 2017-03-01 60.000000\n');
  const file = block(site, DAILY);
  t.equal(statSync(file).size, summary.bytes);
  t.equal(statSync(file).mode & 0o777, 0o664);
  t.equal(statSync(dirname(file)).mode & 0o777, 0o775);
  const record = JSON.parse(readFileSync(side(file), 'utf8'));
  t.match(record, {
    format: 2,
    checksum: /^[0-9a-f]{16}$/,
    dataset: 'T/S',
    params: '',
    begin: '2017-03-01T00:00:00',
    end: '2017-03-02T00:00:00',
    bytes: summary.bytes,
    records: 12343,
    empty: false,
    final: true,
    recheckAfter: null,
  });
  t.strictSame(readdirSync(dirname(file)).sort(), ['.2017-03-01_bin-60s.d2s.json', '2017-03-01_bin-60s.d2s']);
  t.match(await build(site, 1), { built: 0, skipped: 1 });
  t.equal(site.calls().length, 1);
  t.match(await build(site, 1, DAY, { force: true }), { built: 1 });
});

t.test('times of readers by period, parameters of the level', async (t) => {
  const site = cacheSite(t, LEVELS);
  await build(site, 0, range('2017-03-01T05:30', '2017-03-01T06:00:00.001'));
  await build(site, 2, range('2017-03-01T05:30:10', '2017-03-01T05:30:20'));
  t.strictSame(site.calls(), ['2017-03-01T05:00 2017-03-01T07:00', '2017-03-01T05:30 2017-03-01T05:31 a b']);
  t.ok(existsSync(block(site, '_noparam/intrinsic/2017/03/01/2017-03-01T05_intrinsic.d2s')));
  t.ok(existsSync(block(site, 'a_b/bin-500ms/2017/03/01/05/2017-03-01T05-30_bin-500ms.d2s')));
});

t.test('no data is a block too', async (t) => {
  const site = cacheSite(t, [...LEVELS, "reader = 'GAP=1 test_reader'"]);
  t.match(await build(site, 0, range('2017-03-01T11:00', '2017-03-01T14:00')), { built: 3, empty: 2 });
  const file = block(site, '_noparam/intrinsic/2017/03/01/2017-03-01T12_intrinsic.d2s');
  t.match(JSON.parse(readFileSync(side(file), 'utf8')), { empty: true, records: 0, final: true });
  t.match(await build(site, 0, range('2017-03-01T11:00', '2017-03-01T14:00')), { skipped: 3 });
});

t.test('a reader that ends well and says nothing has no data', async (t) => {
  // Runs that are shared, runs of reducers of the site's own, Q streams.
  for (const lines of [[], ["reducer = 'own'"], ['qstream = 1', "reducer = 'own'", "cacheReader = 'x'"]]) {
    const site = cacheSite(t, [...LEVELS, "reader = 'true'", ...lines]);
    site.program('own', '#!/bin/sh\nexec cat\n');
    for (const level of [0, 1]) {
      const summary = await build(site, level, range('2017-03-01', '2017-03-01T00:30'));
      t.match(summary, { built: 1, empty: 1, failed: 0, lines: [] }, `${lines}, level ${level}: ${summary.lines}`);
      t.match(await build(site, level, range('2017-03-01', '2017-03-01T00:30')), { skipped: 1 });
    }
    const folder = dirname(block(site, DAILY));
    for (const name of readdirSync(folder).filter((one) => !one.startsWith('.'))) {
      const text = readFileSync(join(folder, name), 'latin1');
      t.match(text, /^\[00\]\d{6}<stream .*\n\[xx\]\d{6}<exception type="NoDataInInterval" /s);
    }
  }
});

t.test('nothing is kept of what did not end well', async (t) => {
  const bad: Record<string, string> = {
    'reader behind a healthy reducer': 'test_reader "$@"; exit 1; #',
    'no stream': 'echo hello; #',
    'cut inside a packet': 'test_reader "$@" | head -c 1000; #',
    'an exception': `printf '[00]000025<stream version="2.2" />\\n[xx]000043<exception type="ServerError" message="" />'; #`,
    killed: 'kill -9 $$; #',
  };
  for (const [name, reader] of Object.entries(bad)) {
    const site = cacheSite(t, [...LEVELS, "reader = 'bad_reader'"]);
    site.program('bad_reader', `#!/bin/sh\nPATH=$(dirname "$0"):$PATH\n${reader}\n`);
    for (const level of [0, 1]) {
      const summary = await build(site, level, range('2017-03-01', '2017-03-01T00:30'));
      t.match(summary, { built: 0, failed: 1, lines: { length: 1 } }, `${name}, level ${level}: ${summary.lines}`);
    }
    t.strictSame(
      readdirSync(dirname(block(site, DAILY))),
      ['.2017-03-01_bin-60s.d2s.failed'],
      `${name}: no file is left but the mark`,
    );
  }
});

t.test('a reducer that swallows what it is given has not found that there are no data', async (t) => {
  const site = cacheSite(t, [...LEVELS, "reducer = 'swallow'"]);
  site.program('swallow', '#!/bin/sh\ncat >> /dev/null\n');
  const summary = await build(site, 1);
  t.match(summary, { built: 0, empty: 0, failed: 1, lines: [/the reducer was given \d+ bytes, printed nothing/] });
  t.notOk(existsSync(block(site, DAILY)));
});

/** A reader that fails whenever 05:30 is in its range. */
const MOODY = `#!/bin/sh
case "$1/$2" in
  *T0[0-5]:*/*T0[6-9]:*) exit 4 ;;
esac
exec "$(dirname "$0")/test_reader" "$@"
`;

t.test('one block that fails does not stop the others', async (t) => {
  const site = cacheSite(t, [...LEVELS, "reader = 'moody'"]);
  site.program('moody', MOODY);
  t.match(await build(site, 0, range('2017-03-01T04:00', '2017-03-01T07:00')), {
    built: 2,
    failed: 1,
    failures: [{ kind: 'reader', count: 1, first: /T05_intrinsic.d2s: the reader ended with status 4/ }],
  });
  t.strictSame(
    site.calls(),
    ['2017-03-01T04:00 2017-03-01T05:00', '2017-03-01T06:00 2017-03-01T07:00'],
    'after the run for all three has failed',
  );
});

t.test('blocks that are not settled are not final', async (t) => {
  const site = cacheSite(t, [...LEVELS, "validRange = '2017-03-01T06:00 to 2017-03-05'"]);
  await build(site, 0, range('2017-03-01T05:00', '2017-03-01T07:00'));
  const flag = (hour: string) =>
    JSON.parse(
      readFileSync(side(block(site, `_noparam/intrinsic/2017/03/01/2017-03-01T${hour}_intrinsic.d2s`)), 'utf8'),
    );
  t.match(flag('05'), { final: false, recheckAfter: /^20/ });
  t.match(flag('06'), { final: true });
  const now = new Date();
  const hour = new Date(now.getTime() - 3_600_000).toISOString().slice(0, 13);
  site.define(LEVELS);
  await build(site, 0, range(`${hour}:00`, `${hour}:30`));
  const day = hour.slice(0, 10).replaceAll('-', '/');
  const recent = JSON.parse(readFileSync(side(block(site, `_noparam/intrinsic/${day}/${hour}_intrinsic.d2s`)), 'utf8'));
  t.equal(recent.final, false, 'inside the hold-off');
});

t.test('what makes a block invalid is built again', async (t) => {
  const site = cacheSite(t, LEVELS);
  await build(site, 1);
  site.define([...LEVELS, "summary = 'other words'"]);
  t.match(await build(site, 1), { skipped: 1 }, 'words do not matter');
  site.define([...LEVELS, "version = '2'"]);
  t.match(await build(site, 1), { built: 1 }, 'another version of the data');
  site.define([...LEVELS, "reader = 'STEP=9 test_reader'"]);
  t.match(await build(site, 1), { built: 1 }, 'another reader');
  t.match(await build(site, 1), { skipped: 1 });
  site.define([...LEVELS, "reader = 'STEP=9 test_reader'", "cacheInvalidBefore = '2999-01-01'"]);
  t.match(await build(site, 1), { built: 1 }, 'cacheInvalidBefore');
  site.define([...LEVELS, "reader = 'STEP=9 test_reader'"]);
  writeFileSync(block(site, DAILY), '');
  t.match(await build(site, 1), { built: 1 }, 'an empty file');
  writeFileSync(block(site, DAILY), 'x', { flag: 'a' });
  t.match(await build(site, 1), { built: 1 }, 'another size');
});

t.test('many builders, one run of the reader a block', async (t) => {
  const site = cacheSite(t, LEVELS);
  const sums = await Promise.all([1, 2, 3].map(() => build(site, 0, range('2017-03-01T04:00', '2017-03-01T08:00'))));
  t.equal(
    sums.reduce((n, { built }) => n + built, 0),
    4,
  );
  t.equal(
    sums.reduce((n, { skipped }) => n + skipped, 0),
    8,
  );
  t.ok(site.calls().length <= 2, 'no block is read twice');
});

t.test('stopped while it builds: no file', async (t) => {
  const site = cacheSite(t, [...LEVELS, "reader = 'stuck'"]);
  site.program('stuck', '#!/bin/sh\ntouch "$(dirname "$0")/runs"\nexec sleep 600\n');
  const stop = new AbortController();
  const building = build(site, 1, DAY, { signal: stop.signal });
  building.catch(() => {});
  while (!existsSync(join(site.folder, 'bin/runs'))) await new Promise((resolve) => setTimeout(resolve, 20));
  stop.abort();
  await t.rejects(building, { name: 'AbortError' });
  t.strictSame(readdirSync(dirname(block(site, DAILY))), []);
});

t.test('a program that says nothing is ended', async (t) => {
  const lines = ['IDLE_TIMEOUT = 200 ms', 'FIRST_BYTE_TIMEOUT = 200 ms'];
  const site = cacheSite(t, [...LEVELS, "reader = 'sleep 60; true'"], lines);
  t.match(await build(site, 1), {
    failed: 1,
    lines: [/ended by the server: it gave no byte within FIRST_BYTE_TIMEOUT$/],
  });
});

t.test('never through a symbolic link below CACHE_ROOT', async (t) => {
  const site = cacheSite(t, LEVELS);
  mkdirSync(join(site.folder, 'elsewhere'));
  mkdirSync(join(site.cacheRoot, 'data/T'), { recursive: true });
  symlinkSync(join(site.folder, 'elsewhere'), join(site.cacheRoot, 'data/T/S'));
  await t.rejects(build(site, 1), { code: 'configuration', message: /symbolic link/ });
  t.strictSame(readdirSync(join(site.folder, 'elsewhere')), []);
});

t.test('leftovers of builders that died are swept after a day', async (t) => {
  const site = cacheSite(t, LEVELS);
  await build(site, 1);
  const folder = dirname(block(site, DAILY));
  const old = join(folder, '.2017-03-01_bin-60s.d2s.host.1.0.tmp');
  const young = join(folder, '.2017-03-01_bin-60s.d2s.host.2.0.tmp');
  for (const file of [old, young]) writeFileSync(file, 'x');
  utimesSync(old, new Date(0), new Date(Date.now() - 2 * 86_400_000));
  await build(site, 1);
  t.notOk(existsSync(old));
  t.ok(existsSync(young));
});

t.test('counting blocks', async (t) => {
  for (const period of CACHE_PERIODS) {
    for (const [begin, end] of [
      ['2016-02-28T23:59:30', '2016-03-01T00:00:00'],
      ['2016-02-28T23:59:30', '2016-03-01T00:00:00.001'],
      ['2016-02-29', '2016-02-29T00:00:01'],
    ] as const) {
      t.equal(
        countBlocks(range(begin, end), period),
        [...blocksOf(range(begin, end), period)].length,
        `${period} ${begin} ${end}`,
      );
    }
  }
});

t.test('bins that do not divide their period are told once', async (t) => {
  const site = cacheSite(t, ["cacheLevel_00 = '7 min | hourly'"]);
  mkdirSync(join(site.folder, 'state'));
  const hour = range('2017-03-01T05:00', '2017-03-01T06:00');
  t.match((await build(site, 0, hour)).lines, [/bin-420s do not divide hourly blocks/]);
  t.strictSame((await build(site, 0, hour, { force: true })).lines, []);
});
