/** The task that keeps the coverage of a source up to date, from cache and reader. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import t from 'tap';
import { buildBlocks } from '../../../lib/cache/builder/levels.js';
import { readCoverage } from '../../../lib/cache/coverage/store.js';
import { makeJob } from '../../../lib/queue/item.js';
import { SourceTree } from '../../../lib/source/tree/source-tree.js';
import { parseTime } from '../../../lib/stream/time.js';
import type { TaskResult } from '../../../lib/worker/task/task.js';
import { runTask } from '../../../lib/worker/task/tasks.js';
import { assertValidStream } from '../../tools/assert-valid-stream.js';
import { awayFromMidnight } from '../../tools/away-from-midnight.js';
import { cacheSite, filesBelow, range, type TestSite } from '../site.js';

const DAY = parseTime('2017-03-01').day;

function work(site: TestSite, dataset = 'T/S', begin = '', end = ''): Promise<TaskResult & { readonly log: string[] }> {
  const log: string[] = [];
  const job = makeJob({ category: 'TASK_COVERAGE', fields: [dataset, begin, end], requester: 'test' });
  return runTask(job, {
    configuration: site.configuration,
    sources: new SourceTree(site.configuration),
    log: (line) => log.push(line),
    progress() {},
    signal: new AbortController().signal,
  }).then((result) => ({ ...result, log }));
}

const counts = (site: TestSite, dataset = 'T/S') =>
  [...(readCoverage(site.configuration, dataset)?.days ?? [])]
    .sort(([a], [b]) => a - b)
    .map(([day, { records, resolution, final }]) => [day - DAY, records, resolution, final]);

// A record every seven seconds: the number of each day from the grid alone.
const recordsOf = (day: number) => Math.ceil(((DAY + day + 1) * 86400) / 7) - Math.ceil(((DAY + day) * 86400) / 7);

t.test('by the reader: every day of the valid range, in few runs; then nothing is left to do', async (t) => {
  const site = cacheSite(t, ["validRange = '2017-03-01 to 2017-04-10T12:00'"]);
  t.match(await work(site), { code: 0, status: 'counted 41 days, 0 of them from the cache' });
  t.strictSame(
    site.calls(),
    [
      '2017-04-10T00:00:00 2017-04-10T12:00:00',
      '2017-04-08T00:00:00 2017-04-10T00:00:00',
      '2017-04-04T00:00:00 2017-04-08T00:00:00',
      '2017-03-27T00:00:00 2017-04-04T00:00:00',
      '2017-03-11T00:00:00 2017-03-27T00:00:00',
      '2017-03-01T00:00:00 2017-03-11T00:00:00',
    ],
    'the latest first, twice as many each time, never beyond the valid range',
  );
  const all = counts(site);
  t.equal(all.length, 41);
  t.strictSame(all[3], [3, recordsOf(3), 0, true]);
  t.ok(Math.abs((all[40]?.[1] as number) - 43200 / 7) <= 1, 'half a day');
  t.match(await work(site), { code: 16 });
  t.equal(site.calls().length, 6);
  t.match(await work(site, 'T/S', '2017-03-05', '2017-03-07'), { code: 0, status: /^counted 2 days/ });
  t.strictSame(
    site.calls().slice(6),
    ['2017-03-06T00:00:00 2017-03-07T00:00:00', '2017-03-05T00:00:00 2017-03-06T00:00:00'],
    'days that are named are counted anew',
  );
  const folder = join(site.cacheRoot, 'coverage/T');
  assertValidStream(t, readFileSync(join(folder, 'S.d2s')));
  t.equal(JSON.parse(readFileSync(join(folder, 'S.json'), 'utf8')).counts[0].records.length, 41);
  t.equal(lstatSync(join(folder, 'S.json')).mode & 0o777, 0o664);
  site.define(["validRange = '2017-03-01 to 2017-03-03'", "reader = 'STEP=3600 test_reader'"]);
  t.match(await work(site), { code: 0 }, 'another reader, other counts');
  t.strictSame(
    counts(site).map(([day, records]) => [day, records]),
    [
      [0, 24],
      [1, 24],
    ],
  );
});

t.test('from the cache: the coarsest level that has a whole day, without any reader', async (t) => {
  const site = cacheSite(t, [
    "validRange = '2017-03-01 to 2017-03-05'",
    "cacheLevel_00 = 'intrinsic | hourly'",
    "cacheLevel_01 = '10 min | daily'",
    "cacheLevel_02 = '1 hour | monthly'",
    "cacheLevel_03 = '7 hour | yearly'",
    "cacheLevel_04 = '1 day | daily | -x'",
  ]);
  const build = (level: number, begin: string, end: string) =>
    buildBlocks({
      source: site.source(),
      level: site.level(level),
      range: range(begin, end),
      configuration: site.configuration,
    });
  await build(0, '2017-03-02', '2017-03-03');
  await build(0, '2017-03-03', '2017-03-03T12:00');
  await build(1, '2017-03-01', '2017-03-02');
  await build(4, '2017-03-01', '2017-03-05');
  const runs = site.calls().length;
  const summary = await work(site);
  t.match(summary, { code: 0, status: 'counted 4 days, 2 of them from the cache' });
  t.strictSame(
    site.calls().slice(runs),
    ['2017-03-04T00:00:00 2017-03-05T00:00:00', '2017-03-03T00:00:00 2017-03-04T00:00:00'],
    'the reader runs for what the cache does not have',
  );
  t.strictSame(counts(site), [
    [0, 144, 600, true],
    [1, recordsOf(1), 0, true],
    [2, recordsOf(2), 0, true],
    [3, recordsOf(3), 0, true],
  ]);
  // Blocks of an older server have no side file and are read.
  rmSync(join(site.cacheRoot, 'data/T/S/_noparam/bin-600s/2017/03/.2017-03-01_bin-600s.d2s.json'));
  t.match(await work(site, 'T/S', '2017-03-01', '2017-03-02'), { code: 0, status: /1 of them from the cache/ });
  t.strictSame(counts(site)[0], [0, 144, 600, true]);
  await build(2, '2017-03-01', '2017-03-02');
  t.match(await work(site, 'T/S', '2017-03-01', '2017-03-05'), { code: 0, status: /4 of them from the cache/ });
  t.strictSame(counts(site)[0], [0, 24, 3600, true], 'a month in one block');
});

t.test('blocks that were made too early do not count for good', async (t) => {
  const site = cacheSite(t, ["validRange = '2017-03-01 to 2017-03-05'", "cacheLevel_00 = '1 hour | monthly'"]);
  const [level] = [site.level(0)];
  await buildBlocks({
    source: site.source(),
    level,
    range: range('2017-03-01', '2017-03-05'),
    configuration: site.configuration,
  });
  t.match(await work(site), { code: 0, status: 'counted 4 days, 4 of them from the cache' });
  const finals = () => counts(site).map(([, , , final]) => final);
  t.strictSame(
    finals(),
    [true, true, true, true],
    'made when all had come in, though it reaches beyond the valid range',
  );
  const [block = ''] = filesBelow(join(site.cacheRoot, 'data'));
  const early = new Date('2017-03-04T12:00:00Z');
  utimesSync(block, early, early);
  t.match(await work(site, 'T/S', '2017-03-01', '2017-03-05'), { status: /4 of them from the cache/ });
  t.strictSame(finals(), [true, false, false, false], 'the hold-off is two days');
  const side = join(dirname(block), `.${basename(block)}.json`);
  const record = JSON.parse(readFileSync(side, 'utf8'));
  writeFileSync(side, JSON.stringify({ ...record, recheckAfter: early.toISOString() }));
  t.match(
    await work(site),
    { code: 0, status: 'counted 3 days, 0 of them from the cache' },
    'a block that is due is none',
  );
  t.strictSame(counts(site)[2], [2, recordsOf(2), 0, true]);
});

t.test('a reader that is told the step gives one record a day', async (t) => {
  const site = cacheSite(t, ["validRange = '2017-03-01 to 2017-03-04'", "reader = 'stepped $(resolution)'"]);
  site.program('stepped', `#!/bin/sh\nexport STEP=$1\nshift\nexec ${site.folder}/bin/test_reader "$@"\n`);
  t.match(await work(site), { code: 0, status: 'counted 3 days, 0 of them from the cache' });
  t.strictSame(counts(site)[1], [1, 1, 86400, true]);
  t.match(await work(site), { code: 16 });
});

t.test('a version that is declared anew has all days counted anew', async (t) => {
  const lines = ["validRange = '2017-03-01 to 2017-03-03'", "reader = 'STEP=3600 test_reader'"];
  const site = cacheSite(t, lines);
  t.match(await work(site), { code: 0 });
  site.define([...lines, "version = '2'"]);
  t.match(await work(site), { code: 0, status: /^counted 2 days/ });
  t.match(await work(site), { code: 16 });
});

t.test('what is not done in time is left to another job, as long as that gets further', async (t) => {
  const site = cacheSite(t, ["validRange = '2017-03-01 to 2017-03-06'", "reader = 'STEP=3600 test_reader'"]);
  const { now } = Date;
  t.teardown(() => {
    Date.now = now;
  });
  let late = 0;
  Date.now = () => now() + late;
  const asked: unknown[] = [];
  const run = (fields: string[], outcome: 'queued' | 'full') =>
    runTask(makeJob({ category: 'TASK_COVERAGE', fields, requester: 'test' }), {
      configuration: site.configuration,
      sources: new SourceTree(site.configuration),
      log() {},
      progress(status) {
        // Each run of the reader takes a little more than three minutes.
        if (!status.endsWith('cache')) late += 200_000;
      },
      async submit(...words) {
        asked.push(words);
        return outcome;
      },
      signal: new AbortController().signal,
    });
  const whole = ['T/S', '', ''];
  t.match(await run(whole, 'queued'), { code: 0, status: 'counted 1 of 5 days; another job was queued for the rest' });
  t.strictSame(asked, [['TASK_COVERAGE', whole, { repeat: true }]]);
  t.match(await run(whole, 'full'), { code: 1, status: 'counted 1 of 4 days; time was up' });
  t.match(await run(['T/S', '2017-03-01', '2017-03-05'], 'queued'), {
    code: 1,
    status: 'counted 3 of 4 days; time was up',
  });
  t.equal(asked.length, 2, 'days that are named would be counted from the first again');
  for (let i = 0; i < 2; i++) await run(whole, 'queued');
  t.match(await run(whole, 'queued'), { code: 16 });
  site.define(["validRange = '2017-03-01 to 2017-03-06'", "reader = 'false'"]);
  const before = asked.length;
  t.match(await run(whole, 'queued'), { code: 13 });
  t.equal(asked.length, before, 'a job that gets nowhere has no follower');
});

t.test('jobs for the same source lose nothing of each other', async (t) => {
  const site = cacheSite(t, ["reader = 'STEP=3600 test_reader'"]);
  const parts = ['2017-03-01', '2017-03-03', '2017-03-05', '2017-03-07', '2017-03-09'];
  await Promise.all(parts.slice(1).map((end, i) => work(site, 'T/S', parts[i], end)));
  t.equal(counts(site).length, 8);
  t.strictSame(readdirSync(join(site.cacheRoot, 'coverage/T')).sort(), ['S.d2s', 'S.json']);
});

t.test('days without data, and days that are still to come in', async (t) => {
  await awayFromMidnight();
  const today = new Date().toISOString().slice(0, 10);
  const before = new Date(Date.now() - 10 * 86_400_000).toISOString().slice(0, 10);
  const site = cacheSite(t, [`validRange = '${before} to now'`, "reader = 'STEP=3600 test_reader'"]);
  t.match(await work(site), { code: 0 });
  const all = counts(site);
  t.equal(all.length, 11, 'today is one of them');
  t.equal(all[0]?.[3], true);
  t.equal(all.at(-1)?.[3], false, `${today} is not over`);
  const calls = site.calls().length;
  t.match(await work(site), { code: 0 });
  t.equal(site.calls().length, calls + 2, 'today, and those that may still change');
  t.notMatch(site.calls().slice(calls).join(), before, 'what is known for good is not counted again');
  const empty = cacheSite(t, ["validRange = '2017-03-01 to 2017-03-03'", "reader = 'true'"]);
  t.match(await work(empty), { code: 0 });
  t.strictSame(counts(empty), [
    [0, 0, 0, true],
    [1, 0, 0, true],
  ]);
});

t.test('one bad day spoils no others; a broken reader is soon given up', async (t) => {
  const site = cacheSite(t, ["validRange = '2017-03-01 to 2017-04-01'", "reader = 'picky'"]);
  site.program(
    'picky',
    `#!/bin/sh
echo "$@" >> ${site.folder}/bin/runs
[ "$(date -u -d "$1" +%s)" -le 1489017600 ] && [ "$(date -u -d "$2" +%s)" -gt 1489017600 ] && { echo 'tape broke' >&2; exit 3; }
STEP=3600 exec ${site.folder}/bin/test_reader "$@"
`,
  );
  const summary = await work(site);
  t.match(summary, { code: 1, status: /^counted 30 of 31 days; the reader ended with status 3: tape broke/ });
  t.match(summary.log, [/tape broke/]);
  t.notOk(
    counts(site).some(([day]) => day === 8),
    'the 9th stays unknown',
  );
  t.equal(counts(site).length, 30);
  site.define(["validRange = '2016-12-01 to 2017-04-01'", "reader = 'slow'"]);
  site.program(
    'slow',
    `#!/bin/sh
[ "$(date -u -d "$2" +%s)" -gt 1485907200 ] && { echo 'not yet here' >&2; exit 3; }
STEP=21600 exec ${site.folder}/bin/test_reader "$@"
`,
  );
  t.match(await work(site), { code: 1, status: /not yet here/ });
  t.equal(counts(site).length, 62, 'data that are delivered two months late: all of them');
  const broken = cacheSite(t, ["validRange = '1990-01-01 to 2020-01-01'"]);
  writeFileSync(join(broken.folder, 'bin/fail'), '');
  t.match(await work(broken), { code: 13, status: /tape broke/ });
  t.equal(broken.calls().length, 16);
  t.match(broken.calls()[8], /^1990-01-01T00:00:00 /, 'the first days get a chance, too');
  t.ok(readCoverage(broken.configuration, 'T/S'), 'it is known that nothing is known');
});

t.test('all sources; what is refused; what is swept', async (t) => {
  const site = cacheSite(t, ["validRange = '2017-03-01 to 2017-03-02'"]);
  const define = (name: string, text: string) =>
    writeFileSync(join(site.folder, `datasets/${name}.dsdf`), `description = 'x'\ndas2Stream = 1\n${text}\n`);
  define('moved', "rename = 'T/S'\nreader = 'test_reader'");
  define('described', "server = 'http://other.example.org/das/server'");
  define('endless', "reader = 'test_reader'");
  define('spaced', "reader = 'test_reader'\nrequiresInterval = 1\nvalidRange = '2017-03-01 to 2017-03-04'");
  site.program('test_reader', `#!/bin/sh\necho "$@" >> ${site.folder}/bin/calls\nexit 0\n`);
  mkdirSync(join(site.cacheRoot, 'coverage/old'), { recursive: true });
  writeFileSync(join(site.cacheRoot, 'coverage/old/gone.json'), '{}');
  const all = await work(site, 'ALL');
  t.match(all, { code: 0, status: 'coverage of 2 data sources' });
  t.match(all.log, [/old\/gone removed/]);
  t.notOk(existsSync(join(site.cacheRoot, 'coverage/old/gone.json')));
  t.ok(site.calls().includes('86400 2017-03-03T00:00:00 2017-03-04T00:00:00'), 'the interval goes first');
  t.match(readCoverage(site.configuration, 'spaced')?.days.get(DAY), { records: 0, resolution: 86400 });
  t.match(await work(site, 'moved'), { code: 15 });
  t.match(await work(site, 'none'), { code: 15 });
  t.match(await work(site, 'endless'), { code: 13, status: /time range is needed/ });
  t.match(await work(site, 'endless', '2017-03-01', '2017-03-04'), { code: 0 });
  t.match(await work(site, 'T/S', '2018-03-01', '2018-03-04'), { code: 13, status: /no data in this time range/ });
  define('future', "reader = 'test_reader'\nvalidRange = '2000-01-01 to 2999-01-01'");
  t.match(await work(site, 'future', '2500-01-01', '2500-01-02'), { code: 13, status: /no data in this time range/ });
  define('wide', "reader = 'test_reader'\nvalidRange = '0001-01-01 to 9999-01-01'");
  t.match(await work(site, 'wide'), { code: 13, status: /more than 100000 days/ });
});

t.test('das1 sources are converted on the way', async (t) => {
  const site = cacheSite(t, []);
  // Two records of offset and value: 0 s, 1.0 and 10 s, 2.0.
  const records = String.raw`printf '\000\000\000\000\077\200\000\000\101\040\000\000\100\000\000\000' #`;
  writeFileSync(
    join(site.folder, 'datasets/old.dsdf'),
    `description = 'x'\nform = x_multi_y\nny = 1\ny_unit = 'V'\nvalidRange = '2000-01-01 to 2000-01-02'\nreader = "${records}"\n`,
  );
  t.match(await work(site, 'old'), { code: 0 });
  t.match(readCoverage(site.configuration, 'old')?.days.get(0), { records: 2, resolution: 0 });
});

t.test('never through a link', async (t) => {
  const site = cacheSite(t, ["validRange = '2017-03-01 to 2017-03-02'", "reader = 'true'"]);
  const elsewhere = join(site.folder, 'elsewhere');
  mkdirSync(elsewhere);
  mkdirSync(site.cacheRoot);
  symlinkSync(elsewhere, join(site.cacheRoot, 'coverage'));
  t.match(await work(site), { code: 13 });
  t.notOk(existsSync(join(elsewhere, 'T')));
});
