/** Blocks that cannot be made: how often they are tried, by whom, and what of it requests see. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { sweepFolder } from '../../../lib/cache/block/leftovers.js';
import { buildLevels } from '../../../lib/cache/builder/levels.js';
import { failureOf, noteFailure, parseFailure } from '../../../lib/cache/failure/marks.js';
import { levelPlace } from '../../../lib/cache/level/place.js';
import { openBroker } from '../../../lib/queue/open-broker.js';
import { cacheLevelsOf } from '../../../lib/source/source.js';
import { parseTime } from '../../../lib/stream/time.js';
import { buildProgram } from '../../tools/program.js';
import { ask, cacheSite, content, range, type TestSite } from '../site.js';

const LEVELS = ["cacheLevel_00 = '1 min | hourly'", "reader = 'STEP=37 test_reader'"];
const QUERY = 'start_time=2017-03-01&end_time=2017-03-01T04:00&resolution=60';
const HOUR = 3_600_000;

async function build(site: TestSite, more: { job?: string; sparing?: boolean } = {}) {
  const source = site.source();
  const { levels } = cacheLevelsOf(source);
  const over = range('2017-03-01', '2017-03-01T04:00');
  const [sum] = await buildLevels({ source, levels, range: over, configuration: site.configuration, ...more });
  return sum;
}

/** What waits in the queue, which is then empty. */
async function asked(site: TestSite): Promise<string[]> {
  const broker = await openBroker(site.configuration);
  const items = (await broker?.list('todo')) ?? [];
  await broker?.clear('todo');
  await broker?.close();
  return items.map((item) => item.split('|').slice(8, 10).join(' ')).sort();
}

function blockOf(site: TestSite, hour: string) {
  const place = levelPlace(site.configuration, site.source(), site.level(0));
  if (place === undefined) throw new Error('there is no cache');
  const file = `2017/03/01/2017-03-01T${hour}_bin-60s.d2s`;
  return { place, begin: parseTime(`2017-03-01T${hour}:00`), file };
}

const markOf = (site: TestSite, hour: string): string => {
  const { place, file } = blockOf(site, hour);
  return join(place.folder, dirname(file), `.2017-03-01T${hour}_bin-60s.d2s.failed`);
};

/** As if so much time had gone since the failure. */
function age(file: string, milliseconds: number): void {
  const mark = JSON.parse(readFileSync(file, 'utf8'));
  const earlier = (text: string) => new Date(Date.parse(text) - milliseconds).toISOString();
  writeFileSync(file, JSON.stringify({ ...mark, failedAt: earlier(mark.failedAt), tryAfter: earlier(mark.tryAfter) }));
}

/** Fails for builders, which write times without seconds: requests whose own run fails ask for nothing. */
const MOODY = `#!/bin/sh
test -e "$(dirname "$0")/good" || case "$1/$2" in
  *T0[0-2]:00/*T0[3-9]:00) echo 'tape broke' >&2; exit 4 ;;
esac
exec "$(dirname "$0")/test_reader" "$@"
`;

t.test('requests leave a block alone that has failed, until its time has come', async (t) => {
  const site = cacheSite(t, [LEVELS[0] ?? '', "reader = 'moody'"]);
  site.program('moody', MOODY);
  await ask(site, 'start_time=2017-03-01T03:00&end_time=2017-03-01T04:00&resolution=60');
  t.strictSame(await asked(site), ['2017-03-01T03:00 2017-03-01T04:00'], 'nobody has tried');
  t.match(await build(site), { built: 3, failed: 1 });
  await ask(site, QUERY);
  t.strictSame(await asked(site), [], 'not asked for again');
  const mark = JSON.parse(readFileSync(markOf(site, '02'), 'utf8'));
  t.match(mark, { attempts: 1, kind: 'reader', reason: 'the reader ended with status 4: tape broke', job: '' });
  t.equal(Date.parse(mark.tryAfter) - Date.parse(mark.failedAt), HOUR);

  age(markOf(site, '02'), HOUR);
  await ask(site, QUERY);
  t.strictSame(await asked(site), ['2017-03-01T02:00 2017-03-01T03:00']);
  t.match(await build(site), { skipped: 3, failed: 1 });
  const again = JSON.parse(readFileSync(markOf(site, '02'), 'utf8'));
  t.equal(again.attempts, 2);
  t.equal(Date.parse(again.tryAfter) - Date.parse(again.failedAt), 4 * HOUR);
  await ask(site, QUERY);
  t.strictSame(await asked(site), []);

  site.define([LEVELS[0] ?? '', "reader = 'moody  '"]);
  await ask(site, 'start_time=2017-03-01T02:00:00&end_time=2017-03-01T03:00:00&resolution=60');
  t.strictSame(await asked(site), ['2017-03-01T02:00 2017-03-01T03:00'], 'another definition is another block');
  site.define([
    LEVELS[0] ?? '',
    "reader = 'moody'",
    `cacheInvalidBefore = '${new Date(Date.now() + HOUR).toISOString()}'`,
  ]);
  await ask(site, 'start_time=2017-03-01T02:00:00&end_time=2017-03-01T03:00:00&resolution=60');
  t.strictSame(await asked(site), ['2017-03-01T02:00 2017-03-01T03:00'], 'the site says that the data are others');

  site.define([LEVELS[0] ?? '', "reader = 'moody'"]);
  site.program('good', '');
  t.match(await build(site), { built: 1, skipped: 3 }, 'by hand it is tried at once');
  t.notOk(
    readdirSync(dirname(markOf(site, '02'))).some((name) => name.endsWith('.failed')),
    'the mark has gone',
  );
});

t.test('jobs of requests spare what has failed in another job', async (t) => {
  const site = cacheSite(t, [LEVELS[0] ?? '', "reader = 'moody'"]);
  site.program('moody', MOODY);
  t.match(await build(site, { job: 'one', sparing: true }), { built: 3, failed: 1, failures: [{ kind: 'reader' }] });
  const runs = () => readFileSync(join(site.folder, 'bin/tries'), 'utf8').trim().split('\n').length;
  site.program('moody', MOODY.replace('\n', `\necho "$@" >> "$(dirname "$0")/tries"\n`));
  t.match(await build(site, { job: 'one', sparing: true }), { failed: 1, failures: [{ kind: 'reader' }] });
  t.equal(runs(), 1, 'the same job tries again');
  const kept = JSON.parse(readFileSync(markOf(site, '02'), 'utf8'));
  t.equal(kept.attempts, 1, 'which is no further attempt');
  t.match(await build(site, { job: 'two', sparing: true }), {
    skipped: 3,
    failed: 1,
    failures: [
      { kind: 'held', first: /T02_bin-60s.d2s: not tried before .*: the reader ended with status 4: tape broke/ },
    ],
  });
  t.equal(runs(), 1, 'no reader was run');
  t.match(await build(site, { job: 'three' }), { failed: 1, failures: [{ kind: 'reader' }] });
  t.equal(runs(), 2, 'that of an administrator');
});

t.test('how long it takes', (t) => {
  const site = cacheSite(t, LEVELS);
  const block = blockOf(site, '02');
  const waits: number[] = [];
  let now = Date.now();
  for (let i = 0; i < 6; i++) {
    noteFailure(block, { kind: 'reader', reason: 'x'.repeat(1000) }, { job: '', umask: 0o002, now });
    const mark = failureOf(block, now);
    waits.push((Date.parse(mark?.tryAfter ?? '') - now) / HOUR);
    t.equal(mark?.reason.length, 300);
    now = Date.parse(mark?.tryAfter ?? '');
    t.ok(failureOf(block, now - 1));
    t.notOk(failureOf(block, now));
  }
  t.strictSame(waits, [1, 4, 16, 24, 24, 24]);
  t.notOk(failureOf(block, now - 30 * 24 * HOUR), 'of a clock that was wrong');
  t.notOk(failureOf({ ...block, begin: parseTime('2017-03-01T03:00') }, now - 1), 'of another block');
  const folder = dirname(markOf(site, '02'));
  sweepFolder(folder, Date.now());
  t.equal(readdirSync(folder).length, 1);
  const old = new Date(Date.now() - 8 * 24 * HOUR);
  utimesSync(markOf(site, '02'), old, old);
  sweepFolder(folder, Date.now());
  t.equal(readdirSync(folder).length, 0, 'old ones are swept');
  rmSync(site.cacheRoot, { recursive: true });
  writeFileSync(site.cacheRoot, '');
  noteFailure(block, { kind: 'reader', reason: '' }, { job: '', umask: 0o002, now });
  t.notOk(failureOf(block, now), 'where nothing can be written');
  t.end();
});

t.test('a mark that is none says nothing', (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      t.equal(parseFailure(text), undefined);
    }),
  );
  t.end();
});

t.test('a source whose reader says nothing: requests and builders agree', async (t) => {
  const site = cacheSite(t, [LEVELS[0] ?? '', "reader = 'true'"]);
  const live = await ask(site, QUERY);
  t.match(await build(site), { built: 4, empty: 4, failed: 0 });
  const cached = await ask(site, QUERY);
  t.strictSame([live.cache, cached.cache], ['miss', 'hit']);
  t.match(content(cached.bytes), { records: [], exceptions: ['NoDataInInterval'] });
  t.strictSame(content(live.bytes), content(cached.bytes));
  await asked(site);
  await ask(site, QUERY);
  t.strictSame(await asked(site), []);
});

t.test('what an administrator sees of them', async (t) => {
  const program = await buildProgram('das2_srv_cache', 'bin/srv_cache.ts');
  t.teardown(() => program.remove());
  const site = cacheSite(t, [LEVELS[0] ?? '', "reader = 'moody'"]);
  site.program('moody', MOODY);
  const run = (...words: string[]) => {
    const [command = '', ...before] = [...program.command, '--config', join(site.folder, 'das2server.conf')];
    return spawnSync(command, [...before, ...words], { encoding: 'utf8', timeout: 60_000 });
  };
  t.match(run('build', 'T/S', '2017-03-01', '2017-03-01T04:00', '-q'), { status: 1, stdout: /3 built.*1 failed/ });
  const status = run('status');
  t.match(status.stdout, /T\/S, level 0: 1 blocks that could not be made/);
  t.match(status.stdout, /failed 1 times, the reader ended with status 4: tape broke; not asked for before 20/);
  const [, ...command] = /das2_srv_cache (build T\/S \S+ \S+ 0)\n/.exec(status.stdout) ?? [];
  t.match(run('status', '--json').stdout, /"failed": \[\s+\{\s+"begin": "2017-03-01T02:00"/);
  site.program('good', '');
  t.match(run(...(command[0]?.split(' ') ?? []), '-q'), { status: 0, stdout: /1 built/ }, 'the command that it names');
  t.notMatch(run('status').stdout, 'could not be made');
  rmSync(join(site.folder, 'bin/good'));
  rmSync(join(site.cacheRoot, 'data'), { recursive: true });
  run('build', 'T/S', '2017-03-01', '2017-03-01T04:00', '-q');
  t.equal(run('invalidate', 'T/S', '2017-03-01T03:00', '2017-03-01T04:00').status, 0);
  t.match(run('status').stdout, 'could not be made');
  t.equal(run('invalidate', 'T/S', '2017-03-01T02:00', '2017-03-01T03:00', '-n').status, 0);
  t.match(run('status').stdout, 'could not be made');
  t.equal(run('invalidate', 'T/S', '2017-03-01T02:00', '2017-03-01T03:00').status, 0);
  t.notMatch(run('status').stdout, 'could not be made', 'the next request asks for it');
});
