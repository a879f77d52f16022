/** Several machines with one history of deliveries: CITE_STORE = redis (citation 6.3). Test case C54 of citation 16. */
import { createServer, type Server } from 'node:net';
import { Worker } from 'node:worker_threads';
import { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import { indexHealth } from '../../../lib/cite/central/central.js';
import { keepUnsent, logName, sendUnsent, unsentSegments } from '../../../lib/cite/central/own-log.js';
import { citationId } from '../../../lib/cite/citation/id.js';
import { formatRow } from '../../../lib/cite/log/row.js';
import { type Configuration, loadConfiguration } from '../../../lib/conf/configuration.js';
import { takeLock } from '../../../lib/files/lock-file.js';
import { makeJob, parseItem, RESULT } from '../../../lib/queue/item.js';
import { openBroker } from '../../../lib/queue/open-broker.js';
import { SourceTree } from '../../../lib/source/tree/source-tree.js';
import { queueUnsent } from '../../../lib/worker/cite/clock.js';
import { runTask } from '../../../lib/worker/task/tasks.js';
import { type CiteSite, citeSite, hours } from '../../tools/cite-site.js';
import { NO_REDIS, type RedisServer, redisServer } from '../../tools/redis-server.js';
import { temporaryFolder } from '../../tools/temporary-folder.js';
import { ASK, BROWSER, CITE, FIRST, SECOND } from './requests.js';

const configurationOf = (site: CiteSite): Configuration =>
  loadConfiguration({ file: site.configurationFile, environment: {} });

/** A machine of the site. */
const machine = (t: Test, port: number, more: Readonly<Record<string, string>> = {}): CiteSite =>
  citeSite(t, { CITE_STORE: 'redis', WORK_QUEUE_BROKER: 'redis', WORK_QUEUE_CONN: `127.0.0.1:${port}:3`, ...more });

/** Does a part of TASK_CITE_SYNC on a machine. */
const sync = (site: CiteSite, segment: string, time?: number) => {
  const configuration = configurationOf(site);
  const job = makeJob({ category: 'TASK_CITE_SYNC', fields: [segment], requester: 'test', ...(time && { time }) });
  return runTask(job, {
    configuration,
    sources: new SourceTree(configuration),
    log: () => {},
    progress: () => {},
    signal: new AbortController().signal,
  });
};

/** Queues what the worker of a machine queues: the fields of the jobs. */
async function queuedParts(site: CiteSite): Promise<string[]> {
  const configuration = configurationOf(site);
  const broker = await openBroker(configuration);
  if (broker === undefined) return [];
  try {
    await queueUnsent({ broker, configuration: () => configuration, log: () => {} });
    const items = await broker.list('todo');
    await broker.clear('todo');
    return items.map((item) => parseItem(item).job.fields[0] ?? '').sort();
  } finally {
    await broker.close();
  }
}

const cited = async (site: CiteSite, query = CITE) =>
  JSON.parse((await site.serve({ query: `${query}&format=json` })).text);

function story(name: string, run: (t: Test, server: RedisServer) => Promise<void>): void {
  t.test(name, async (t) => {
    const server = await redisServer(t);
    if (server === undefined) t.pass(NO_REDIS);
    else await run(t, server);
  });
}

story('what one machine has delivered is cited by all', async (t, { port }) => {
  const [one, other] = [machine(t, port), machine(t, port)];
  await one.serve({ query: ASK });
  await one.serve({ query: `${ASK}&ascii=1` });
  const made = await cited(other);
  t.match(made, { state: { digest: `sha256-d2c1:${FIRST}`, count: 2 }, warnings: [{ code: /^incomplete:/ }] });
  t.same(Object.keys(made.state.raws).sort(), ['d2s', 'd2t']);
  t.same(other.entries(), [], 'nothing was computed');
  t.match(await cited(one), { id: made.id, state: { count: 2 } }, 'nothing is counted twice');
  const id = citationId(made.rk, FIRST);
  t.equal((await machine(t, port).serve({ path: `/cite/${id}.json` })).status, 200, 'ids are known everywhere');
  t.equal((await other.serve({ path: '/cite', query: `rk=${made.rk}` })).status, 200, 'and keys');
  other.setStream('plain', hours(100));
  await other.serve({ query: ASK });
  const page = await one.serve({ query: CITE, headers: BROWSER });
  t.equal(page.text.match(/Cite this state/g)?.length, 2, 'and states');
  const seen = JSON.parse((await one.serve({ query: CITE.replace('citation', 'hash') })).text);
  t.match(seen.digests, [
    { d2c1: SECOND, count: 1 },
    { d2c1: FIRST, count: 2 },
  ]);
  t.equal((await one.serve({ query: `${ASK}&expect=${FIRST}` })).status, 412, 'the other one has seen the change');

  const redis = new Redis({ port, db: 3 });
  t.teardown(() => redis.disconnect());
  const { request, latest, time } = await redis.hgetall(`cite:rq:${made.rk}`);
  t.match(request, /^dataset=C%2FPlain&begin=2017-01-01T00%3A00%3A00&/);
  t.match(latest, new RegExp(`^1\t${time}\t${made.rk}\tok\t${SECOND}\t`));
  t.same(await redis.zrange(`cite:h:${made.rk}`, '0', '-1'), [FIRST, SECOND]);
  t.equal(Number((await redis.zscore(`cite:h:${made.rk}`, FIRST)) ?? 0), Date.parse(one.entries()[0]?.time ?? ''));
  const rows = await redis.xrange('cite:log', '-', '+');
  t.same(
    rows.map(([, fields]) => fields[1]),
    [logName(one.citeRoot), logName(one.citeRoot), logName(other.citeRoot)],
  );
});

story('the history of a source has the deliveries of all machines', async (t, server) => {
  const [one, other] = [machine(t, server.port), machine(t, server.port)];
  await one.serve({ query: ASK });
  other.setStream('plain', hours(100));
  await other.serve({ query: ASK });
  const history = async (site: CiteSite) =>
    JSON.parse((await site.serve({ path: '/versions/C/Plain', query: 'format=json' })).text);
  for (const site of [one, other])
    t.match(await history(site), {
      complete: true,
      entries: [{ kind: 'observed', text: /^content of 2017-01-01 changed/, requests: 1 }],
    });
  await server.stop();
  t.match(await history(one), { complete: false, entries: [{ kind: 'observed' }] }, 'what is known stays');
});

story('C54: without the index citations come from files, and the worker fills it later', async (t, server) => {
  const { port } = server;
  const [one, other] = [machine(t, port), machine(t, port)];
  await one.serve({ query: ASK });
  t.same(await queuedParts(one), [`${logName(one.citeRoot)}/ALL`], 'nobody has looked yet whether there is a past');
  t.match(await sync(one, `${logName(one.citeRoot)}/ALL`), { code: RESULT.done });
  t.match(await cited(other), { state: { count: 1 } }, 'which counts nothing twice');
  await server.stop();
  t.equal((await one.serve({ query: ASK })).status, 200);
  t.match(await cited(one), { state: { count: 2, digest: `sha256-d2c1:${FIRST}` } });
  const [segment = ''] = unsentSegments(one.citeRoot);
  t.match(segment, /^[0-9a-f]{2}\.\d{6}$/);
  await t.rejects(sync(one, `${logName(one.citeRoot)}/${segment}`), { name: 'RetryLater' });
  t.match(await queuedParts(one).catch(() => []), []);
  await server.start();
  t.match(await cited(other), { state: { count: 1 } });
  t.same(await queuedParts(one), [`${logName(one.citeRoot)}/${segment}`]);
  await t.rejects(
    sync(other, `${logName(one.citeRoot)}/${segment}`),
    { name: 'PutOff' },
    'another machine has that log',
  );
  t.match(await sync(one, `${logName(one.citeRoot)}/${segment}`), { code: RESULT.done, status: '1 entries were sent' });
  t.match(await cited(other), { state: { count: 2 } });
  t.same(unsentSegments(one.citeRoot), []);
  t.same(await queuedParts(one), []);
});

story('an index that was lost is filled again from the files', async (t, server) => {
  const { port } = server;
  const [one, other] = [machine(t, port), machine(t, port)];
  await one.serve({ query: ASK });
  await one.serve({ query: `${ASK}&ascii=1` });
  one.setStream('plain', hours(100));
  await one.serve({ query: ASK });
  await one.serve({ query: ASK.replace('C/Plain', 'C/Dies') });
  const before = JSON.parse((await other.serve({ query: CITE.replace('citation', 'hash') })).text).digests;
  await server.kill();
  server.wipeFiles();
  await server.start();
  t.same(JSON.parse((await other.serve({ query: CITE.replace('citation', 'hash') })).text).digests, []);
  for (let round = 0; round < 2; round++)
    t.match(await sync(one, 'ALL'), { code: RESULT.done, status: /has 1 requests/ });
  t.same(JSON.parse((await other.serve({ query: CITE.replace('citation', 'hash') })).text).digests, before);
  t.same(await queuedParts(one), []);
  t.equal((await other.serve({ path: `/cite/${citationId(one.entries()[0]?.rk ?? '', FIRST)}.json` })).status, 200);
});

story('requests of many processes at once are all counted', async (t, { port }) => {
  const [one, other] = [machine(t, port), machine(t, port)];
  await Promise.all(Array.from({ length: 12 }, () => one.serve({ query: ASK })));
  // What the index did not take in time, and perhaps took all the same.
  for (const segment of unsentSegments(one.citeRoot)) await sync(one, segment);
  t.match(await cited(other), { state: { count: 12 } });
});

story('an entry whose answer was lost is counted once', async (t, { port }) => {
  const [one, other] = [machine(t, port), machine(t, port)];
  await one.serve({ query: ASK });
  await one.serve({ query: ASK.replace('C/Plain', 'C/Dies') });
  const [good, bad] = one.entries().map((entry) => ({ entry, row: formatRow(entry, entry.request) }));
  for (const { entry, row } of [good, bad].filter((found) => found !== undefined)) keepUnsent(one.citeRoot, entry, row);
  for (const segment of unsentSegments(one.citeRoot))
    t.match(await sync(one, segment), { code: RESULT.done, status: /^1 entries/ });
  t.match(await cited(other), { state: { count: 1 } });
  t.same(unsentSegments(one.citeRoot), []);
});

story('the job of a machine that has gone does not wait for ever', async (t, { port }) => {
  const site = machine(t, port);
  const day = 86_400_000;
  await t.rejects(sync(site, '0000000000/ab.202611', Date.now() - 0.9 * day), { name: 'PutOff' });
  t.match(await sync(site, '0000000000/ab.202611', Date.now() - 1.1 * day), {
    code: RESULT.gaveUp,
    status: /log 0000000000/,
  });
});

t.test('rows are not appended to a file that a worker takes, nor taken while they are', async (t) => {
  const { path } = temporaryFolder(t);
  const entry = { rk: `ab${'0'.repeat(62)}`, time: '2026-11-22T00:00:00.000Z' };
  keepUnsent(path, entry, 'one\n');
  const file = `${path}/unsent/ab.202611`;
  const unlock = takeLock(`${file}.lock`, { waitMs: 0, staleMs: 10_000 });
  const appending = new Worker(
    `setTimeout(() => {
       require('node:fs').appendFileSync(${JSON.stringify(file)}, 'two\\n');
       require('node:fs').unlinkSync(${JSON.stringify(`${file}.lock`)});
     }, 100)`,
    { eval: true },
  );
  t.teardown(() => appending.terminate());
  const sent: string[] = [];
  t.equal(await sendUnsent(path, 'ab.202611', async (rows) => void sent.push(...rows)), 2);
  t.same(sent, ['one', 'two'], 'taken when the other has done');
  unlock?.();
});

story('whether the index outlasts a restart', async (t, { port }) => {
  const site = machine(t, port);
  t.equal(await indexHealth(configurationOf(site)), true);
  const redis = new Redis({ port, db: 3 });
  await redis.config('SET', 'appendonly', 'no');
  redis.disconnect();
  t.equal(await indexHealth(configurationOf(site)), false);
});

t.test('an index that takes connections and says nothing keeps nobody', async (t) => {
  const server: Server = createServer(() => {}).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const site = machine(t, port, { WORK_QUEUE_BROKER: 'none' });
  t.equal((await site.serve({ query: ASK })).status, 200);
  t.match(await cited(site), { state: { count: 1 } });
  t.equal(unsentSegments(site.citeRoot).length, 1);
  t.equal(await indexHealth(configurationOf(site)), undefined);
});

t.test('jobs that are none of this machine', async (t) => {
  const site = citeSite(t);
  t.match(await sync(site, 'a'), { code: RESULT.refused });
  await t.rejects(sync(site, 'x123/ab.202611'), { name: 'NotDoneHere' }, 'without an index');
});
