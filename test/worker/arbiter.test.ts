/**
 * das2_srv_arbiter as a process, on a spool queue and on a real Redis: results, and what happens when workers, readers and Redis die.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Broker } from '../../lib/queue/broker.js';
import { type Job, makeJob, parseItem, waitingText } from '../../lib/queue/item.js';
import { redisBroker } from '../../lib/queue/redis-broker.js';
import { spoolBroker } from '../../lib/queue/spool-broker.js';
import { STREAM } from '../tools/build-stream.js';
import { NO_REDIS, redisServer } from '../tools/redis-server.js';
import { temporaryFolder } from '../tools/temporary-folder.js';
import { toolCommand } from '../tools/tool-driver.js';

// Before any test: tap ends a file whose tests are all through while it waits for something else.
const redis = await redisServer(t);
const folder = temporaryFolder(t);
const [program = '', ...before] = await toolCommand(folder, 'srv_arbiter', 'das2_srv_arbiter');
const LEASE = 2;
const limits = { waiting: 1000, finished: 100, leaseSeconds: LEASE };
const PATIENCE_MS = 60_000;

folder.write('stream.d2s', STREAM);

function script(name: string, body: string): string {
  const file = folder.write(`readers/${name}`, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
}

const stream = join(folder.path, 'stream.d2s');
const runs = join(folder.path, 'runs');
const READERS = {
  good: `echo "$1" >> ${runs}; cat ${stream}`,
  slow: `echo "$1" >> ${runs}; sleep 1; cat ${stream}`,
  failing: `echo 'no calibration' >&2; exit 3`,
  // Leaves its process id, and a child of its own, for the test to look for; the first run only.
  stuck: `if [ -e ${folder.path}/go-on ]; then cat ${stream}; exit 0; fi
sleep 1000 & echo "$$ $!" > ${folder.path}/stuck.tmp; mv ${folder.path}/stuck.tmp ${folder.path}/stuck; wait`,
};
for (const [name, body] of Object.entries(READERS)) {
  folder.write(
    `datasets/${name}.dsdf`,
    `description = 'x'\ndas2Stream = 1\nreader = '${script(name, body)}'\nreducer = 'not_reducible'\n` +
      "cacheLevel_00 = 'intrinsic | daily'\ncacheLevel_01 = 'intrinsic | monthly'\n",
  );
}
folder.write('datasets/bare.dsdf', "description = 'x'\ndas2Stream = 1\nreader = 'true'\n");

let number = 0;
interface Site {
  readonly file: string;
  readonly top: string;
  readonly broker: Broker;
}
type MakeSite = (t: Test) => Site;

function site(t: Test, lines: string, open: (top: string) => Broker): Site {
  const name = `site-${number++}`;
  const top = join(folder.path, name);
  folder.write(`${name}/log/.keep`, '');
  const file = folder.write(
    `${name}/etc/das2server.conf`,
    `DSDF_ROOT = ../../datasets\nSTATE_ROOT = ../state\nCACHE_ROOT = ../cache\nLOG_PATH = ../log\n${lines}`,
  );
  const broker = open(top);
  t.teardown(() => broker.close());
  return { file, top, broker };
}

const spoolSite: MakeSite = (t) => site(t, '', (top) => spoolBroker({ folder: join(top, 'state/queue'), limits }));
let database = 1;
const redisSite: MakeSite = (t) => {
  const mine = database++;
  const connection = { host: '127.0.0.1', port: redis?.port ?? 0, database: mine, tls: false, place: 'test' };
  return site(t, `WORK_QUEUE_CONN = 127.0.0.1:${redis?.port}:${mine}\n`, () =>
    redisBroker({ connection, limits, patient: true }),
  );
};

function cacheItem(dataset: string, begin = '1979-03-01', end = '1979-03-02', level = '0'): string {
  return waitingText(makeJob({ category: 'TASK_CACHE', fields: [dataset, begin, end, level], requester: 'test' }));
}

function runOnce(file: string, ...more: string[]) {
  const run = spawnSync(program, [...before, '-c', file, '--once', '--lease', String(LEASE), ...more]);
  return { status: run.status, errors: run.stderr.toString() };
}

interface Worker {
  readonly child: ChildProcess;
  errors(): string;
  /** Exit status or signal. */
  ended(): Promise<number | string | null>;
}

function start(t: Test, file: string, ...more: string[]): Worker {
  const child = spawn(program, [...before, '-c', file, '--lease', String(LEASE), '-n', '1', ...more], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  const exit = once(child, 'exit');
  t.teardown(() => child.kill('SIGKILL'));
  return {
    child,
    errors: () => text,
    ended: async () => child.exitCode ?? child.signalCode ?? (await exit)[0] ?? child.signalCode,
  };
}

async function until<Value>(what: string, ask: () => Value | undefined | Promise<Value | undefined>): Promise<Value> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; ) {
    const value = await ask();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`it did not happen: ${what}`);
}

const lives = (pid: number): boolean => {
  try {
    // A zombie of a container without an init process counts as gone.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

async function finished(broker: Broker, count: number) {
  return until(`${count} finished`, async () => {
    const texts = await broker.list('finished').catch(() => []);
    return texts.length >= count ? texts.map(parseItem) : undefined;
  });
}

function onEach(what: string, test: (t: Test, make: MakeSite) => Promise<void>): void {
  t.test(`spool: ${what}`, (t) => test(t, spoolSite));
  t.test(`redis: ${what}`, redis === undefined ? { skip: NO_REDIS } : {}, (t) => test(t, redisSite));
}

onEach('results of jobs', async (t, make) => {
  const { file, top, broker } = make(t);
  const codes = async (...items: string[]) => {
    await broker.clear('finished');
    for (const item of items) t.equal(await broker.submit(item), 'queued');
    const run = runOnce(file, '-n', '1');
    t.equal(run.status, 0, run.errors);
    const all = [...(await broker.list('finished'))].reverse();
    t.equal(await broker.count('todo'), 0);
    return all.map((text) => ({ code: Number(text.split('|').at(-1)), status: text.split('|').at(-3) ?? '' }));
  };
  t.match(await codes(cacheItem('good', '1979-03-01', '1979-03-04')), [
    { code: 0, status: 'Successfully processed 3 of 3 cache blocks' },
  ]);
  t.ok(existsSync(join(top, 'cache/data/good/_noparam/intrinsic/1979/03/1979-03-02_intrinsic.d2s')));
  t.match(await codes(cacheItem('good', '1979-03-01', '1979-03-04')), [{ code: 16 }]);
  t.match(await codes(cacheItem('good', '1979-03-01', '1979-03-06')), [{ code: 0, status: /3 valid already/ }]);
  t.match(await codes(cacheItem('good', '1979-04-01', '1979-04-02', 'all')), [{ code: 0, status: /2 of 2/ }]);
  const bad = await codes(
    cacheItem('failing'),
    cacheItem('none'),
    cacheItem('bare'),
    cacheItem('good', '1979-03-01', '1979-03-02', '7'),
    waitingText(makeJob({ category: 'TASK_CITE_PROBE', fields: ['ALL'], requester: 'test' })),
    '2019-08-24T02:09:27.690|h||||u|TASK_EVIL|x',
    'nonsense',
    waitingText(makeJob({ category: 'TASK_LIST', fields: [], requester: 'test' })),
  );
  const known = bad.map(({ code }) => code).sort((a, b) => a - b);
  t.same(known, [0, 13, 15, 15, 15, 15, 15, 15]);
  const failure = bad.find(({ code }) => code === 13);
  t.match(failure?.status, /processed 0 of 1 cache blocks; 1 failed.*no calibration/);
  t.notOk(existsSync(join(top, 'cache/data/failing/_noparam/intrinsic/1979/03/1979-03-01_intrinsic.d2s')));
});

onEach('TERM: processes end, the item goes back unchanged, status 0', async (t, make) => {
  const { file, broker } = make(t);
  const item = cacheItem('stuck');
  await broker.submit(item);
  const worker = start(t, file);
  const pids = await until('the reader runs', () =>
    existsSync(join(folder.path, 'stuck'))
      ? readFileSync(join(folder.path, 'stuck'), 'utf8').split(/\s+/).slice(0, 2).map(Number)
      : undefined,
  );
  const [row] = await until('progress', async () => {
    const rows = await broker.working();
    return rows[0]?.text.includes('Writing') ? rows : undefined;
  });
  t.equal(row?.text.split('|').length, 14);
  t.match(row?.text, /\|Writing: 1979-03-01_intrinsic\.d2s\|0\.00$/);
  t.ok(pids.every(lives), 'reader and its child run');
  worker.child.kill('SIGTERM');
  t.equal(await worker.ended(), 0, worker.errors());
  t.notOk(pids.some(lives), 'both are gone');
  t.same(await broker.list('todo'), [item]);
  t.same(await broker.working(), []);
  spawnSync('rm', [join(folder.path, 'stuck')]);
});

onEach('KILL: another worker runs the item again', async (t, make) => {
  const { file, top, broker } = make(t);
  t.teardown(() => spawnSync('rm', ['-f', join(folder.path, 'go-on'), join(folder.path, 'stuck')]));
  await broker.submit(cacheItem('stuck'));
  const first = start(t, file);
  const text = await until('the reader runs', () =>
    existsSync(join(folder.path, 'stuck')) ? readFileSync(join(folder.path, 'stuck'), 'utf8') : undefined,
  );
  first.child.kill('SIGKILL');
  t.equal(await first.ended(), 'SIGKILL');
  const block = join(top, 'cache/data/stuck/_noparam/intrinsic/1979/03');
  t.same(existsSync(block) ? readdirSync(block).filter((name) => name.endsWith('.d2s')) : [], [], 'no half block');
  folder.write('go-on', '');
  const second = start(t, file);
  const [done] = await finished(broker, 1);
  t.match(done, { stage: 'finished', code: 0 }, second.errors());
  await until('it says so', () => (/requeued, from lost worker/.test(second.errors()) ? true : undefined));
  t.ok(existsSync(join(block, '1979-03-01_intrinsic.d2s')));
  second.child.kill('SIGTERM');
  t.equal(await second.ended(), 0);
  // The reader of the killed worker is nobody's child now.
  for (const pid of text.split(/\s+/).slice(0, 2).map(Number)) if (lives(pid)) process.kill(pid, 'SIGKILL');
});

onEach('two workers, one block: one build', async (t, make) => {
  const { file, broker } = make(t);
  const mine = `1985-0${number % 9}-01`;
  const job: Job = makeJob({
    category: 'TASK_CACHE',
    fields: ['slow', mine, mine.replace('-01', '-01T12'), '0'],
    requester: 'a',
  });
  await broker.submit(waitingText(job), { repeat: true });
  await broker.submit(waitingText({ ...job, requester: 'b' }), { repeat: true });
  const workers = [start(t, file), start(t, file)];
  const done = await finished(broker, 2);
  t.same(
    done.map((item) => (item.stage === 'finished' ? item.code : -1)).sort((a, b) => a - b),
    [0, 16],
  );
  t.equal(
    readFileSync(runs, 'utf8')
      .split('\n')
      .filter((line) => line === mine).length,
    1,
  );
  for (const worker of workers) worker.child.kill('SIGTERM');
  for (const worker of workers) t.equal(await worker.ended(), 0, worker.errors());
});

t.test(
  'redis: away at the start, and again while a job runs',
  redis === undefined ? { skip: NO_REDIS } : {},
  async (t) => {
    const { file, broker } = redisSite(t);
    await redis?.kill();
    const worker = start(t, file);
    await until('it says so', () => (/cannot be used/.test(worker.errors()) ? true : undefined));
    t.equal(worker.child.exitCode, null);
    await redis?.start();
    await until('submitted', () => broker.submit(cacheItem('good', '1990-01-01', '1990-01-02')).catch(() => undefined));
    t.match((await finished(broker, 1))[0], { code: 0 });
    await broker.submit(cacheItem('slow', '1990-01-01', '1990-01-04'));
    await until('it runs', async () => ((await broker.working()).length > 0 ? true : undefined));
    await redis?.kill();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await redis?.start();
    const [done] = await finished(broker, 2);
    t.match(done, { code: 0 });
    t.equal(
      readFileSync(runs, 'utf8')
        .split('\n')
        .filter((line) => line === '1990-01-02').length,
      1,
      'nothing was done twice',
    );
    t.same(await broker.list('todo'), []);
    worker.child.kill('SIGTERM');
    t.equal(await worker.ended(), 0, worker.errors());
  },
);

t.test('in the background: pid file, log file, one at a time', async (t) => {
  const { file, top, broker } = spoolSite(t);
  const pidFile = join(top, 'run/arbiter.pid');
  const daemon = () => spawnSync(program, [...before, '-c', file, '-D', pidFile]);
  const first = daemon();
  t.equal(first.status, 0, first.stderr.toString());
  const pid = Number(readFileSync(pidFile, 'utf8'));
  t.teardown(() => lives(pid) && process.kill(pid, 'SIGKILL'));
  t.match(first.stdout.toString(), `process id ${pid}`);
  t.match(daemon(), { status: 17 });
  await broker.submit(waitingText(makeJob({ category: 'TASK_LIST', fields: [], requester: 'test' })));
  t.match((await finished(broker, 1))[0], { code: 0 });
  const [log = ''] = readdirSync(join(top, 'log')).filter((name) => name.startsWith('das2.arbiter_'));
  const lines = readFileSync(join(top, 'log', log), 'utf8')
    .trimEnd()
    .split('\n');
  for (const line of lines) t.match(line, /^\[\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} \d+ +\d+\] /);
  t.match(lines.join('\n'), /slot \d: [0-9a-f]{10} ended with 0/);
  process.kill(pid, 'SIGTERM');
  await until('it ends', () => (lives(pid) ? undefined : true));
  t.notOk(existsSync(pidFile));
  folder.write(`${top.slice(folder.path.length + 1)}/run/arbiter.pid`, '999999999\n');
  t.equal(daemon().status, 0, 'a dead process is no reason to refuse');
  const next = Number(readFileSync(pidFile, 'utf8'));
  process.kill(next, 'SIGTERM');
  await until('it ends', () => (lives(next) ? undefined : true));
});

t.test('numbers, health, reload and report', async (t) => {
  const { file, top, broker } = spoolSite(t);
  const month = new Date().toISOString().slice(0, 7);
  const logged = (cache: string) => JSON.stringify({ time: `${month}-01T00:00:00.000Z`, dataset: 'good', cache });
  const log = `${top.slice(folder.path.length + 1)}/log/das2.access_${month.replace('-', '')}.log`;
  folder.write(log, `${['hit', 'hit', 'miss', 'off'].map(logged).join('\n')}\n{"time"`);
  await broker.submit(cacheItem('good', '1979-03-01', '1979-03-03'));
  await broker.submit(cacheItem('failing'));
  const metricsFile = join(top, 'numbers.prom');
  const worker = start(t, file, '--metrics', '127.0.0.1:0', '--metrics-file', metricsFile);
  await finished(broker, 2);
  const url = await until('the address', () => /metrics at (\S+)/.exec(worker.errors())?.[1]);
  const answer = await fetch(url);
  t.match(answer.headers.get('content-type'), /version=0\.0\.4/);
  const text = await answer.text();
  const number = (name: string) =>
    Number(new RegExp(`^das2_arbiter_${name.replace(/[{}]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1]);
  t.equal(number('jobs_total{category="TASK_CACHE",code="0"}'), 1);
  t.equal(number('jobs_total{category="TASK_CACHE",code="13"}'), 1);
  t.equal(number('blocks_built_total'), 2);
  t.ok(number('blocks_failed_total') >= 1);
  t.ok(number('block_bytes_total') > 0);
  t.equal(number('jobs_waiting'), 0);
  t.equal(number('jobs_working'), 0);
  t.equal(number('jobs_dead'), 0);
  t.equal(number('oldest_job_seconds'), 0);
  t.equal(number('cache_requests_total{outcome="hit"}'), 2);
  t.equal(number('cache_hit_ratio'), 2 / 3);
  for (const line of text.trimEnd().split('\n')) {
    t.match(
      line,
      /^(?:# (?:HELP|TYPE) das2_arbiter_\w+ .+|das2_arbiter_\w+(?:\{[a-z]+="\w+"(?:,[a-z]+="\w+")*\})? [\d.e+-]+)$/,
    );
  }
  folder.write(log, `${['hit', 'hit', 'miss', 'off', 'hit'].map(logged).join('\n')}\n`);
  t.match(await (await fetch(url)).text(), /cache_hit_ratio 0\.75\n/, 'the log is read on');
  const health = await fetch(url.replace('/metrics', '/health'));
  t.equal(health.status, 200);
  t.match(await health.json(), { ok: true, queue: 'reached', slots: 1, busy: 0, waiting: 0 });
  t.equal((await fetch(url.replace('/metrics', '/other'))).status, 404);
  t.equal((await fetch(url, { method: 'POST' })).status, 404);
  worker.child.kill('SIGUSR1');
  await until('report', () => (/-0: idle/.test(worker.errors()) ? true : undefined));
  worker.child.kill('SIGHUP');
  await until('reload', () => (/read anew/.test(worker.errors()) ? true : undefined));
  worker.child.kill('SIGINT');
  t.equal(await worker.ended(), 0);
  const last = readFileSync(metricsFile, 'utf8');
  t.match(last, /das2_arbiter_slots 1\n/);
  t.match(last, /das2_arbiter_cache_free_bytes \d+\n/);
});

t.test('what waits, and the size of the cache, are in the numbers', async (t) => {
  const { file, top, broker } = spoolSite(t);
  const data = `${top.slice(folder.path.length + 1)}/cache/data/x/_noparam/intrinsic/2020`;
  folder.write(`${data}/2020-01_intrinsic.d2s`, 'twelve bytes');
  folder.write(`${data}/.2020-01_intrinsic.d2s.json`, '{}');
  const old = cacheItem('stuck').replace(/^[^|]*/, new Date(Date.now() - 100_000).toISOString().slice(0, -1));
  await broker.submit(cacheItem('stuck', '1990-01-01', '1990-01-02'));
  const worker = start(t, file, '--metrics', '0');
  const url = await until('the address', () => /metrics at (\S+)/.exec(worker.errors())?.[1]);
  await until('it runs', async () => ((await broker.working()).length > 0 ? true : undefined));
  await broker.submit(old);
  const text = await until('the cache was looked at', async () => {
    const now = await (await fetch(url)).text();
    return /cache_blocks/.test(now) ? now : undefined;
  });
  t.match(text, /jobs_waiting 1\n/);
  t.match(text, /jobs_working 1\n/);
  t.match(text, /slots_busy 1\n/);
  t.ok(Number(/^das2_arbiter_oldest_job_seconds (\S+)/m.exec(text)?.[1]) >= 100);
  t.match(text, /cache_blocks 1\n/);
  t.match(text, /cache_bytes [1-9]\d+\n/);
  worker.child.kill('SIGTERM');
  t.equal(await worker.ended(), 0);
  spawnSync('rm', ['-f', join(folder.path, 'stuck')]);
});

t.test('health while the queue is out of reach', redis === undefined ? { skip: NO_REDIS } : {}, async (t) => {
  const { file } = redisSite(t);
  await redis?.kill();
  const worker = start(t, file, '--metrics', '0');
  const url = await until('the address', () => /metrics at (\S+)/.exec(worker.errors())?.[1]);
  const health = await fetch(url.replace('/metrics', '/health'));
  t.equal(health.status, 503);
  t.match(await health.json(), { ok: false, queue: 'out of reach' });
  await redis?.start();
  worker.child.kill('SIGTERM');
  t.equal(await worker.ended(), 0);
});

t.test('at the level error only what went wrong is said', async (t) => {
  const { file, broker } = spoolSite(t);
  await broker.submit(cacheItem('good'));
  await broker.submit(cacheItem('failing'));
  const run = runOnce(file, '-n', '1', '--log-level', 'error');
  t.equal(run.status, 0);
  t.match(run.errors, /ended with 13/);
  t.notMatch(run.errors, /ended with 0|begins|wait for jobs/);
});

t.test('usage reports', async (t) => {
  const { file, top, broker } = spoolSite(t);
  const record = (more: object) =>
    JSON.stringify({
      time: '2020-02-03T04:05:06.000Z',
      address: '10.0.0.1',
      status: 200,
      bytes: 100,
      agent: 'Autoplot',
      dataset: 'A/b',
      ...more,
    });
  const lines = [
    record({}),
    record({ address: '10.0.0.2', user: 'don', cache: 'hit' }),
    record({ status: 404, bytes: 1 }),
    record({ agent: 'somebot' }),
    record({ dataset: undefined }),
    record({ time: '2020-02-20T00:00:00.000Z' }),
    'no record',
  ];
  folder.write(`${top.slice(folder.path.length + 1)}/log/das2.access_202002.log`, `${lines.join('\n')}\n`);
  const job = makeJob({
    category: 'TASK_USAGE',
    fields: ['ALL', '2020-02-01', '2020-02-10', '', '', ''],
    requester: 'test',
  });
  await broker.submit(waitingText(job));
  await broker.submit(waitingText(makeJob({ ...job, fields: ['A/b', '', '', '', '', ''], remote: '10.0.0.1' })));
  t.equal(runOnce(file, '-n', '1').status, 0);
  const [noted, counted] = await finished(broker, 2);
  t.match(counted, { code: 0, status: '4 requests counted' });
  t.match(noted, { code: 0, status: 'noted' }, 'the record of a request is no order');
  const report = JSON.parse(readFileSync(join(top, 'state/usage/ALL.json'), 'utf8'));
  t.same(report.counts[1], {
    dataset: 'A/b',
    month: '2020-02',
    requests: 3,
    failed: 1,
    bytes: 201,
    cached: 1,
    addresses: 2,
    users: 1,
    robots: 1,
  });
  t.equal(report.unreadable, 1);
  t.match(readFileSync(join(top, 'state/usage/ALL.txt'), 'utf8'), /2020-02 A\/b +3 +1 +201 +1 +2 +1 +1\n/);
});

t.test('wrong usage and configuration', async (t) => {
  const { file } = spoolSite(t);
  const run = (...args: string[]) => {
    const { status, stderr } = spawnSync(program, [...before, ...args]);
    return { status, errors: stderr.toString() };
  };
  t.match(run('-c', file, '-n', '0'), { status: 13, errors: /--workers/ });
  t.match(run('-c', file, '--metrics', '0.0.0.0:9309'), { status: 13, errors: /loopback/ });
  t.match(run('-c', file, '--log-level', 'loud'), { status: 13 });
  t.match(run('-c', file, '--nonsense'), { status: 13 });
  t.match(run('-c', join(folder.path, 'none.conf')), { status: 17 });
  t.match(run('-c', site(t, 'WORK_QUEUE_BROKER = none\n', () => spoolBroker({ folder: folder.path, limits })).file), {
    status: 17,
  });
  const lost = site(t, 'WORK_QUEUE_CONN = 127.0.0.1:1\n', () => spoolBroker({ folder: folder.path, limits }));
  t.match(run('-c', lost.file, '--once'), { status: 21, errors: /ECONNREFUSED/ });
  t.match(run('--help'), { status: 0 });
});
