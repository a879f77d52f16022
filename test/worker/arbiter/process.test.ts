/** das2_srv_arbiter as a process: background, log, wrong calls. */
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { makeJob, waitingText } from '../../../lib/queue/item.js';
import { spoolBroker } from '../../../lib/queue/spool/broker.js';
import {
  before,
  cacheItem,
  finished,
  folder,
  limits,
  lives,
  program,
  runOnce,
  site,
  spoolSite,
  start,
  until,
} from '../worker-sites.js';

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

t.test('of several that start with one pid file one runs', async (t) => {
  const { file, top } = spoolSite(t);
  const pidFile = join(top, 'arbiter.pid');
  // What a dead one left.
  folder.write(`${top.slice(folder.path.length + 1)}/arbiter.pid`, '999999999\n');
  const children = Array.from({ length: 4 }, () => start(t, file, '-D', pidFile, '--detached'));
  const codes: unknown[] = [];
  for (const child of children) void child.ended().then((code) => codes.push(code));
  await until('all but one have ended', () => (codes.length === 3 ? true : undefined));
  t.same(codes, [17, 17, 17]);
  const running = children.filter(({ child }) => child.exitCode === null);
  t.same(
    running.map(({ child }) => child.pid),
    [Number(readFileSync(pidFile, 'utf8'))],
  );
  for (const { child } of running) child.kill('SIGTERM');
  for (const worker of running) t.equal(await worker.ended(), 0, worker.errors());
  t.same(
    readdirSync(top).filter((name) => name.startsWith('arbiter.pid')),
    [],
  );
});

t.test('what killed builders left in the cache goes when a worker starts', async (t) => {
  const { file, top } = spoolSite(t);
  const data = `${top.slice(folder.path.length + 1)}/cache/data/gone/_noparam/intrinsic/1979`;
  const [old, fresh, block] = ['.1979-03_x.d2s.h.1.2.tmp', '.1979-04_x.d2s.h.1.2.tmp', '1979-03_intrinsic.d2s'].map(
    (name) => folder.write(`${data}/${name}`, ''),
  ) as [string, string, string];
  const time = Date.now() / 1000 - 2 * 86_400;
  for (const each of [old, block]) utimesSync(each, time, time);
  const worker = start(t, file);
  await until('it is swept', () => (existsSync(old) ? undefined : true));
  await until('it says so', () => (/1 leftovers of dead workers/.test(worker.errors()) ? true : undefined));
  t.ok(existsSync(fresh), 'its worker may live');
  t.ok(existsSync(block));
  worker.child.kill('SIGTERM');
  t.equal(await worker.ended(), 0, worker.errors());
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

const rootOnly = process.getuid?.() === 0 ? false : 'needs root';
t.test('root is told that a cache belongs to somebody else', { skip: rootOnly }, async (t) => {
  const { file, top } = spoolSite(t);
  t.notMatch(runOnce(file, '-n', '1').errors, 'as root');
  mkdirSync(join(top, 'cache'), { recursive: true });
  chownSync(join(top, 'cache'), 12_345, 12_345);
  t.match(runOnce(file, '-n', '1'), { status: 0, errors: /runs as root, .*CACHE_ROOT \(12345: / });
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

t.test('HUP: another queue needs a restart, and the log says so', async (t) => {
  const { file, top, broker } = spoolSite(t);
  const worker = start(t, file);
  await until('it is ready', () => (/slots? waits? for jobs/.test(worker.errors()) ? true : undefined));
  const text = readFileSync(file, 'utf8');
  const reload = async (lines: string, times: number): Promise<void> => {
    writeFileSync(file, `${text}${lines}`);
    worker.child.kill('SIGHUP');
    await until('it has read it', () =>
      (worker.errors().match(/configuration read anew/g) ?? []).length === times ? true : undefined,
    );
  };
  await reload('LOG_KEEP_DAYS = 5\n', 1);
  t.notMatch(worker.errors(), /restart/, 'the queue is the same');
  await reload('WORK_QUEUE_DIR = ../other\nQUEUE_MAX = 7\n', 2);
  await until('it says so', () => (/restart/.test(worker.errors()) ? true : undefined));
  t.match(
    worker.errors(),
    /the queue stays that of the start, at WORK_QUEUE_DIR: restart the worker for the new WORK_QUEUE_DIR, QUEUE_MAX\n/,
  );
  await broker.submit(cacheItem('good'));
  t.match(await finished(broker, 1), [{ code: 0 }], 'jobs of the old one are done');
  t.notOk(existsSync(join(top, 'other')));
  await reload('WORK_QUEUE_CONN = redis://:secret@127.0.0.1:1/0\n', 3);
  await until('it says so', () => (/new WORK_QUEUE_BROKER, WORK_QUEUE_CONN/.test(worker.errors()) ? true : undefined));
  t.notMatch(worker.errors(), /secret/);
  worker.child.kill('SIGTERM');
  t.equal(await worker.ended(), 0);
});
