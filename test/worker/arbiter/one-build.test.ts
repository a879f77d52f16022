/**
 * Several workers that want the same block: one makes it. On each kind of queue; with Redis by a lock in it, besides the one beside the block.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { takeLease } from '../../../lib/cache/builder/lease-file.js';
import { sha1 } from '../../../lib/queue/identity.js';
import { makeJob, waitingText } from '../../../lib/queue/item.js';
import { NO_REDIS } from '../../tools/redis-server.js';
import {
  bareRedis,
  cacheItem,
  finished,
  folder,
  LEASE,
  lives,
  onEach,
  redis,
  redisSite,
  runs,
  start,
  until,
} from '../worker-sites.js';

const runsOf = (begin: string): number =>
  readFileSync(runs, 'utf8')
    .split('\n')
    .filter((line) => line === begin).length;

let month = 1;

onEach('two workers, one block: one build', async (t, make) => {
  const { file, broker } = make(t);
  const mine = `1985-0${month++}-01`;
  const job = makeJob({
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
  t.equal(runsOf(mine), 1);
  for (const worker of workers) worker.child.kill('SIGTERM');
  for (const worker of workers) t.equal(await worker.ended(), 0, worker.errors());
});

const options = redis === undefined ? { skip: NO_REDIS } : {};
const BLOCK = '_noparam/intrinsic/1979/03/1979-03-01_intrinsic.d2s';
const lockOf = (dataset: string): string => `das2_lock_${sha1(`data/${dataset}/${BLOCK}`)}`;

/** Files by which the reader `stuck` is told to go on, and tells that it runs. */
const goOn = join(folder.path, 'go-on');
const stuck = join(folder.path, 'stuck');
t.afterEach(() => {
  for (const file of [goOn, stuck]) rmSync(file, { force: true });
});

t.test('redis: the lock is there while a block is made, and gone when it is made', options, async (t) => {
  const { file, top, broker } = redisSite(t);
  const bare = bareRedis(t);
  await broker.submit(cacheItem('slow', '1979-03-01', '1979-03-03', 'ALL'));
  const worker = start(t, file);
  const owner = await until('a lock', async () => (await bare.get(lockOf('slow'))) ?? undefined);
  t.match((await broker.working())[0], { holder: owner }, 'its owner is the slot');
  t.equal((await bare.keys('das2_lock_*')).length, 3, 'all blocks of a run');
  await finished(broker, 1);
  t.ok(existsSync(join(top, 'cache/data/slow', BLOCK)));
  t.same(await bare.keys('das2_lock_*'), []);
  worker.child.kill('SIGTERM');
  t.equal(await worker.ended(), 0, worker.errors());
});

t.test('redis: signs of life renew the lock; what is given back is let go', options, async (t) => {
  const { file, broker } = redisSite(t);
  const bare = bareRedis(t);
  await broker.submit(cacheItem('stuck'));
  const worker = start(t, file);
  await until('the reader runs', () => (existsSync(stuck) ? true : undefined));
  for (const end = Date.now() + 2 * LEASE * 1000; Date.now() < end; ) {
    const left = await bare.pttl(lockOf('stuck'));
    if (!(left > 0 && left <= LEASE * 1000)) t.fail(`${left} ms are left`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  worker.child.kill('SIGTERM');
  t.equal(await worker.ended(), 0, worker.errors());
  t.equal(await bare.exists(lockOf('stuck')), 0);
});

t.test('redis: a worker waits for the lock of another, whatever the file system says', options, async (t) => {
  const { file, broker } = redisSite(t);
  const bare = bareRedis(t);
  await bare.set(lockOf('good'), 'elsewhere-1-0', 'PX', 60_000);
  await broker.submit(cacheItem('good'));
  const before = runsOf('1979-03-01');
  const worker = start(t, file);
  await until('it is at it', async () => ((await broker.working()).length > 0 ? true : undefined));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  t.equal(runsOf('1979-03-01'), before);
  t.equal(await bare.get(lockOf('good')), 'elsewhere-1-0');
  await bare.del(lockOf('good'));
  t.match((await finished(broker, 1))[0], { code: 0 });
  t.equal(runsOf('1979-03-01'), before + 1);
  worker.child.kill('SIGTERM');
  t.equal(await worker.ended(), 0, worker.errors());
});

t.test('redis: the lock of a worker that was killed runs out', options, async (t) => {
  const { file, broker } = redisSite(t);
  const bare = bareRedis(t);
  await broker.submit(cacheItem('stuck'));
  const first = start(t, file);
  await until('the reader runs', () => (existsSync(stuck) ? true : undefined));
  const pids = readFileSync(stuck, 'utf8').split(/\s+/).slice(0, 2).map(Number);
  first.child.kill('SIGKILL');
  t.equal(await first.ended(), 'SIGKILL');
  const owner = await bare.get(lockOf('stuck'));
  t.match(owner, new RegExp(`-${first.child.pid}-0$`));
  folder.write('go-on', '');
  const second = start(t, file);
  t.match((await finished(broker, 1))[0], { code: 0 }, second.errors());
  t.same(await bare.keys('das2_lock_*'), []);
  // The reader of the killed worker was nobody's child then.
  await until('it has ended, and its child', () => (pids.some(lives) ? undefined : true));
  second.child.kill('SIGTERM');
  t.equal(await second.ended(), 0);
});

t.test('redis: while it is away the lock beside the block holds', options, async (t) => {
  const { file, top, broker } = redisSite(t);
  const bare = bareRedis(t);
  await broker.submit(cacheItem('slow', '1986-01-01', '1986-01-02'));
  await broker.submit(cacheItem('stuck'));
  const worker = start(t, file);
  await until('the reader runs', () => (existsSync(stuck) ? true : undefined));
  await redis?.kill();
  const block = join(top, 'cache/data/stuck', BLOCK);
  const name = block.slice(block.lastIndexOf('/') + 1);
  const lock = block.replace(name, `.${name}.lock`);
  for (const end = Date.now() + 2 * LEASE * 1000; Date.now() < end; ) {
    if (takeLease(lock, 'elsewhere-1-0', 30)) t.fail('anybody may have the block');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await redis?.start();
  await until('it is locked again', async () =>
    (await bare.exists(lockOf('stuck')).catch(() => 0)) === 1 ? true : undefined,
  );
  worker.child.kill('SIGTERM');
  t.equal(await worker.ended(), 0, worker.errors());
  t.match(await finished(broker, 1), [{ code: 0 }]);
  t.equal(await broker.count('todo'), 1, 'given back');
  t.equal(existsSync(lock), false);
  t.equal(existsSync(block), false);
});
