/** das2_srv_arbiter as a process: background, log, wrong calls. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { makeJob, waitingText } from '../../lib/queue/item.js';
import { spoolBroker } from '../../lib/queue/spool-broker.js';
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
  until,
} from './worker-sites.js';

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

t.test('at the level error only what went wrong is said', async (t) => {
  const { file, broker } = spoolSite(t);
  await broker.submit(cacheItem('good'));
  await broker.submit(cacheItem('failing'));
  const run = runOnce(file, '-n', '1', '--log-level', 'error');
  t.equal(run.status, 0);
  t.match(run.errors, /ended with 13/);
  t.notMatch(run.errors, /ended with 0|begins|wait for jobs/);
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
