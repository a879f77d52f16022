/**
 * The first and the last block of a finished data set, which lie only partly inside its valid range (server-internals 2.10): no request asks
 * for them, answers are right without them, and made by hand they serve for ten times the hold-off.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { makeJob } from '../../../lib/queue/item.js';
import { openBroker } from '../../../lib/queue/open-broker.js';
import { SourceTree } from '../../../lib/source/tree/source-tree.js';
import { runTask } from '../../../lib/worker/task/tasks.js';
import { buildProgram } from '../../tools/program.js';
import { ask, cacheSite, content, type TestSite } from '../site.js';

const program = await buildProgram('das2_srv_cache', 'bin/srv_cache.ts');
t.teardown(() => program.remove());

const MISSION = "validRange = '2017-03-01T14:00 to 2017-03-05T10:00'";
const LEVEL = "cacheLevel_00 = '60 s | daily'";
const HOUR_MS = 3_600_000;
/** Of the blocks of these days no request may ask the worker. */
const EDGES = ['2017-03-01', '2017-03-05'];
const RANGES = {
  all: 'start_time=2017-03-01&end_time=2017-03-06',
  begin: 'start_time=2017-03-01T13:00&end_time=2017-03-01T15:00',
  end: 'start_time=2017-03-05T09:10&end_time=2017-03-05T12:00',
};

async function queued(site: TestSite): Promise<string[]> {
  const broker = await openBroker(site.configuration);
  const items = (await broker?.list('todo')) ?? [];
  await broker?.close();
  return items.map((item) => item.split('|').slice(6).join(' '));
}

/** The job that an operator queues by hand. */
function build(site: TestSite, begin: string, end: string) {
  const job = makeJob({ category: 'TASK_CACHE', fields: ['T/S', begin, end, '0'], requester: 'das2_srv_todo' });
  return runTask(job, {
    configuration: site.configuration,
    sources: new SourceTree(site.configuration),
    log() {},
    progress() {},
    signal: new AbortController().signal,
  });
}

const sideOf = (site: TestSite, day: string): string =>
  join(site.cacheRoot, `data/T/S/_noparam/bin-60s/2017/03/.${day}_bin-60s.d2s.json`);

/** Makes the edge blocks as old as this. */
function age(site: TestSite, hours: number): void {
  for (const day of EDGES) {
    const record = JSON.parse(readFileSync(sideOf(site, day), 'utf8'));
    const built = Date.now() - hours * HOUR_MS;
    const [builtAt, recheckAfter] = [built, built + HOUR_MS].map((time) => new Date(time).toISOString());
    writeFileSync(sideOf(site, day), JSON.stringify({ ...record, builtAt, recheckAfter }));
  }
}

function status(site: TestSite, ...words: string[]): string {
  const [command = '', ...args] = [...program.command, '-c', join(site.folder, 'das2server.conf'), 'status', ...words];
  return spawnSync(command, args, { encoding: 'utf8' }).stdout;
}

t.test('the edges of a finished data set', async (t) => {
  const plain = cacheSite(t, [MISSION]);
  const site = cacheSite(t, [MISSION, LEVEL]);
  const expected = new Map<string, unknown>();
  for (const [name, range] of Object.entries(RANGES)) {
    const { records } = content((await ask(plain, `${range}&resolution=60`)).bytes);
    t.ok(records.length > 49, `${records.length} bins`);
    expected.set(name, records);
  }
  /** Asks for all ranges; how the cache helped. */
  const answers = async (why: string): Promise<(string | undefined)[]> => {
    const ways: (string | undefined)[] = [];
    for (const [name, range] of Object.entries(RANGES)) {
      const { bytes, cache } = await ask(site, `${range}&resolution=60`);
      t.strictSame(content(bytes).records, expected.get(name), `${name}: ${why}`);
      ways.push(cache);
    }
    return ways;
  };
  const middle = ['TASK_CACHE T/S 2017-03-02 2017-03-05 0'];

  for (const range of [RANGES.begin, RANGES.end]) await ask(site, `${range}&resolution=60`);
  t.strictSame(await queued(site), [], 'at the edges nothing is asked of the worker');
  t.strictSame(await answers('no block is there'), ['miss', 'miss', 'miss']);
  t.strictSame(await queued(site), middle);

  t.match(await build(site, '2017-03-02', '2017-03-05'), { code: 0 });
  t.strictSame(await answers('the blocks between them are there'), ['partial', 'miss', 'miss']);
  t.match(
    status(site),
    /T\/S, level 0: blocks only partly .*by hand:\n {2}2017-03-01: missing; das2_srv_cache build T\/S 2017-03-01 2017-03-02 0\n {2}2017-03-05: missing; /,
  );

  t.match(await build(site, '2017-03-01', '2017-03-06'), { code: 0, status: /5 of 5 cache blocks, 3 valid already/ });
  for (const day of EDGES) {
    const { final, builtAt, recheckAfter } = JSON.parse(readFileSync(sideOf(site, day), 'utf8'));
    t.equal(final, false, 'never for good');
    t.ok(Math.abs(Date.parse(recheckAfter) - Date.parse(builtAt) - HOUR_MS) < 60_000, 'due in an hour');
  }
  t.strictSame(await answers('made by hand'), ['hit', 'hit', 'hit']);
  t.match(JSON.parse(status(site, '--json')).levels[0], { blocks: 5, valid: 5, edges: [{ state: 'usable' }, {}] });

  // The hold-off is two days.
  age(site, 19 * 24);
  t.strictSame(await answers('due, and serving'), ['hit', 'hit', 'hit']);
  t.match(status(site), /2017-03-01: there, serves until 20/);
  t.match(status(site), /^T\/S +0 +_noparam +bin-60s +5 +3 +2 /m);
  const [edge] = JSON.parse(status(site, '--json')).levels[0].edges;
  t.match(edge, { begin: '2017-03-01', end: '2017-03-02', state: 'due' });
  const left = (Date.parse(edge.servesUntil) - Date.now()) / HOUR_MS;
  t.ok(left > 23 && left < 25, `${left} hours of twenty days are left`);

  age(site, 21 * 24);
  t.strictSame(await answers('too old'), ['partial', 'miss', 'miss']);
  t.strictSame(await queued(site), middle, 'and still no request asks for them');
  t.match(await build(site, '2017-03-01', '2017-03-06'), { code: 0 });
  t.strictSame(await answers('made anew'), ['hit', 'hit', 'hit']);
});

t.test('bins that the valid range cuts are made by the reader, block or not', async (t) => {
  const mission = "validRange = '2017-03-01T14:00:20 to 2017-03-03T10:00:40'";
  const [plain, site] = [cacheSite(t, [mission]), cacheSite(t, [mission, LEVEL])];
  t.match(await build(site, '2017-03-01', '2017-03-04'), { code: 0 });
  const runs = site.calls().length;
  const query = `${RANGES.all}&resolution=60`;
  const { bytes, cache } = await ask(site, query);
  t.strictSame(content(bytes).records, content((await ask(plain, query)).bytes).records);
  t.equal(cache, 'partial');
  t.strictSame(site.calls().slice(runs), [
    '2017-03-01T14:00:20 2017-03-01T14:01:00',
    '2017-03-03T10:00:00 2017-03-03T10:00:40',
  ]);
});

t.test('where there are none', async (t) => {
  const edges = async (validRange: string): Promise<string[]> => {
    const site = cacheSite(t, [`validRange = '${validRange}'`, LEVEL]);
    await build(site, '2017-03-02', '2017-03-03');
    return JSON.parse(status(site, '--json')).levels[0].edges.map(({ begin }: { readonly begin: string }) => begin);
  };
  t.strictSame(await edges('2017-03-01 to 2017-03-04'), [], 'a range of whole blocks');
  t.strictSame(await edges('2017-03-01T12:00 to now'), ['2017-03-01'], 'data that go on');
  t.strictSame(await edges('2017-03-02T06:00 to 2017-03-02T18:00'), ['2017-03-02'], 'one block at both ends');
});
