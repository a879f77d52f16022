/** Locks of blocks in the queue: those of Redis, and what a slot makes of them while Redis is away. */
import { Redis } from 'ioredis';
import t from 'tap';
import type { SharedLocks } from '../../lib/queue/broker.js';
import { BrokerUnreachable } from '../../lib/queue/broker-error.js';
import { HeldLocks } from '../../lib/queue/held-locks.js';
import { sha1 } from '../../lib/queue/identity.js';
import { spoolBroker } from '../../lib/queue/spool/broker.js';
import { NO_REDIS } from '../tools/redis-server.js';
import { A, B, LIMITS, queues, spoolFolder, until } from './brokers.js';

const { redis } = await queues();

t.test('the spool folder has none: on one machine lock files do', async (t) => {
  t.equal(spoolBroker({ folder: spoolFolder(t), limits: LIMITS }).locks, undefined);
});

if (redis === undefined) t.test('redis', { skip: NO_REDIS }, async () => {});
else {
  const { server } = redis;
  const locksOf = (open: ReturnType<typeof redis.fresh>): SharedLocks => open().locks as SharedLocks;

  t.test('one owner has a lock, renews it, and alone lets it go', async (t) => {
    const open = redis.fresh(t);
    const [one, two] = [locksOf(open), locksOf(open)];
    t.same(await one.take(['a', 'b'], A, 60), [true, true]);
    t.same(await two.take(['a', 'c', 'b'], B, 60), [false, true, false]);
    t.same(await one.take(['a'], A, 60), [true], 'renewed');
    await two.release(['a'], B);
    t.same(await two.take(['a'], B, 60), [false], 'only the owner lets go');
    await one.release(['a', 'b', 'c'], A);
    t.same(await two.take(['a', 'b', 'c'], B, 60), [true, true, true]);
    t.same(await one.take(['c'], A, 60), [false], 'what is of another is not let go');
    t.same(await one.take([], A, 60), []);
    await one.release([], A);
  });

  t.test('a lock that nobody renews runs out', async (t) => {
    const open = redis.fresh(t);
    const [one, two] = [locksOf(open), locksOf(open)];
    t.same(await one.take(['a'], A, 1), [true]);
    t.same(await two.take(['a'], B, 1), [false]);
    await until(async () => ((await two.take(['a'], B, 1))[0] ? true : undefined));
    t.same(await one.take(['a'], A, 1), [false]);
  });

  t.test('the key is made of the name, and expires', async (t) => {
    const locks = locksOf(redis.fresh(t));
    const all = Array.from({ length: 2500 }, (_none, i) => `data/x/block-${i}`);
    t.same(new Set(await locks.take(all, A, 60)), new Set([true]), 'many at once');
    // Its database is the last one that has keys.
    const other = new Redis({ host: '127.0.0.1', port: server.port });
    t.teardown(() => other.disconnect());
    const databases = [...(await other.info('keyspace')).matchAll(/^db(\d+):keys=(\d+)/gm)];
    const mine = databases.find(([, , count]) => Number(count) === all.length);
    await other.select(Number(mine?.[1]));
    const key = `das2_lock_${sha1('data/x/block-7')}`;
    t.equal(await other.get(key), A);
    const left = await other.ttl(key);
    t.ok(left > 0 && left <= 60, `${left}`);
    await locks.release(all, A);
    t.equal(await other.dbsize(), 0);
  });

  t.test('what a restart has forgotten comes back with the next sign of life', async (t) => {
    const open = redis.fresh(t);
    const held = new HeldLocks(locksOf(open), A, 60);
    t.same(await held.take(['a']), [true]);
    await server.kill();
    t.same(await held.take(['a', 'b']), [true, true], 'while it is away the queue refuses nothing');
    server.wipeFiles();
    await server.start();
    const another = locksOf(open);
    await until(async () => {
      await held.renew();
      const got = await another.take(['a', 'b'], B, 60).catch(() => [true]);
      await another.release(['a', 'b'], B).catch(() => {});
      return got.includes(true) ? undefined : true;
    });
    held.release(['a', 'b']);
    await until(async () => ((await locksOf(open).take(['a', 'b'], B, 60)).includes(false) ? undefined : true));
  });
}

/** Locks that do what the test says, with the questions that were asked. */
function fakeLocks() {
  const asked: string[] = [];
  const taken = new Set<string>();
  const state = { isAway: false };
  const locks: SharedLocks = {
    async take(names) {
      asked.push(`take ${names.join(' ')}`);
      if (state.isAway) throw new BrokerUnreachable('here', 'gone');
      return names.map((name) => !taken.has(name));
    },
    async release(names) {
      asked.push(`release ${names.join(' ')}`);
      if (state.isAway) throw new BrokerUnreachable('here', 'gone');
    },
  };
  return { held: new HeldLocks(locks, A, 30), asked, taken, state };
}

t.test('many locks are one question', async (t) => {
  const { held, asked, taken } = fakeLocks();
  taken.add('b');
  t.same(await held.take(['a', 'b', 'c']), [true, false, true]);
  await held.renew();
  held.release(['a', 'b', 'c']);
  await held.renew();
  t.same(asked, ['take a b c', 'take a c', 'release a c']);
});

t.test('a lock that went to another worker is told once, and not let go', async (t) => {
  const { held, asked, taken } = fakeLocks();
  t.same(await held.take(['a', 'b']), [true, true]);
  taken.add('a');
  await held.renew();
  taken.delete('a');
  t.same(await held.take(['a', 'b']), [false, true], 'even if that one has let it go already');
  held.release(['a', 'b']);
  t.equal(asked.at(-1), 'release b');
  t.same(await held.take(['a']), [true], 'taken anew it is ours');
});

t.test('while the queue is away it is asked once, and by signs of life', async (t) => {
  const { held, asked, state } = fakeLocks();
  state.isAway = true;
  t.same(await held.take(['a']), [true]);
  t.same(await held.take(['b']), [true]);
  t.same(asked, ['take a'], 'work does not wait again');
  await held.renew();
  t.same(await held.take(['c']), [true]);
  t.same(asked.slice(1), ['take a b']);
  state.isAway = false;
  await held.renew();
  t.same(await held.take(['d']), [true]);
  t.same(asked.slice(2), ['take a b c', 'take d']);
  held.release(['a', 'b', 'c', 'd']);
  await held.renew();
  t.equal(asked.length, 5);
});
