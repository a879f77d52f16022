/** das2_srv_arbiter on each kind of queue: what happens to jobs and blocks when workers, readers and Redis die. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { NO_REDIS } from '../../tools/redis-server.js';
import { cacheItem, finished, folder, lives, onEach, redis, redisSite, runs, start, until } from '../worker-sites.js';

/** Needs longer than the reader of a request would get. */
const ORDERLY = (top: string): string => `#!/bin/sh
trap 'sleep 4; : > ${top}/saved; exit 1' TERM
: > ${top}/running
while :; do sleep 0.1; done
`;
folder.write(
  'datasets/orderly.dsdf',
  `description = 'x'\ndas2Stream = 1\nreader = '${folder.path}/readers/orderly'\nreducer = 'not_reducible'\ncacheLevel_00 = 'intrinsic | daily'\n`,
);

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
  // The reader of the killed worker was nobody's child then.
  const pids = text.split(/\s+/).slice(0, 2).map(Number);
  await until('it has ended, and its child', () => (pids.some(lives) ? undefined : true));
  const words = /process group \d+ ended: the program that had started it was killed/;
  await until('it says so', () => (words.test(second.errors()) ? true : undefined));
  second.child.kill('SIGTERM');
  t.equal(await second.ended(), 0);
});

onEach('TERM: a reader gets the time to end in order', async (t, make) => {
  const { file, top, broker } = make(t);
  const saved = join(top, 'saved');
  chmodSync(folder.write('readers/orderly', ORDERLY(top)), 0o755);
  await broker.submit(cacheItem('orderly'));
  const worker = start(t, file);
  await until('the reader runs', () => (existsSync(join(top, 'running')) ? true : undefined));
  worker.child.kill('SIGTERM');
  t.equal(await worker.ended(), 0, worker.errors());
  t.ok(existsSync(saved));
  t.equal(await broker.count('todo'), 1);
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
