/** Every queue: jobs of workers that died or lost their answer, and jobs that are put off. */
import { holderName, MOST_RETRIES } from '../../lib/queue/broker.js';
import { parseItem } from '../../lib/queue/item.js';
import { A, B, cacheItem, ended, inventoryItem, queues, until } from './brokers.js';

const { check } = await queues();
/** Does not end in a test. */
const LONG_LEASE = { leaseSeconds: 600 };

check('an answer that got lost is given again', async (t, open) => {
  const broker = open();
  await broker.submit(cacheItem(1));
  await broker.submit(cacheItem(2));
  const item = await broker.take(A, 0.1);
  t.equal(await open().take(A, 0.1), item);
});

check('a lost worker: its item is run again, and given up when it is lost once more', async (t, open) => {
  const other = open();
  await other.submit(cacheItem(1));
  const submitted = (await other.list('todo'))[0] ?? '';
  for (let loss = 1; loss <= MOST_RETRIES + 1; loss++) {
    // A worker that gives one sign of life and then no more.
    const holder = holderName('host', 1000 + loss, 0);
    const worker = open();
    await worker.beat(holder, false);
    t.equal(await worker.take(holder, 0.1), submitted);
    const [reclaimed] = await until(async () => {
      const done = await other.reclaim();
      return done.length > 0 ? done : undefined;
    });
    t.match(reclaimed, { holder, item: submitted, outcome: loss <= MOST_RETRIES ? 'requeued' : 'dead' });
    t.equal(await worker.beat(holder, true), false, 'the worker hears of it');
    t.equal(await worker.finish(holder, ended(submitted)), false, 'and cannot end what is not its own');
  }
  t.same(await other.list('todo'), []);
  t.same(await other.list('dead'), [submitted]);
  const [last] = await other.list('finished');
  t.match(parseItem(last ?? ''), { stage: 'finished', code: 14 });
  t.same(await other.working(), []);
  t.equal(await other.submit(submitted), 'queued', 'it may be asked for again');
});

check('a process that gets the name of a dead one: what that one had is a lost job', async (t, open) => {
  const other = open();
  await other.submit(cacheItem(1));
  const item = (await other.list('todo'))[0] ?? '';
  for (let loss = 1; loss <= MOST_RETRIES + 1; loss++) {
    const dead = open(LONG_LEASE);
    await dead.beat(A, false);
    t.equal(await dead.take(A, 0.1), item);
    t.same(await open(LONG_LEASE).reclaim(A), [], 'it may live');
    const outcome = loss <= MOST_RETRIES ? 'requeued' : 'dead';
    t.match(await open().reclaim(A, { ended: true }), [{ holder: A, item, outcome }]);
    t.same(await open().reclaim(A, { ended: true }), []);
  }
  t.same(await other.list('dead'), [item]);
});

check('a sign of life says how long it holds, whatever others take for usual', async (t, open) => {
  const worker = open(LONG_LEASE);
  await worker.submit(cacheItem(1));
  await worker.beat(A, false);
  await worker.take(A, 0.1);
  await new Promise((resolve) => setTimeout(resolve, 100));
  t.same(await open({ leaseSeconds: 0.01 }).reclaim(), [], 'it lives');
  t.match(await open({ leaseSeconds: 0.01 }).reclaim(A), []);
  await open({ leaseSeconds: 1 }).beat(B, false);
  await open({ leaseSeconds: 1 }).submit(cacheItem(2));
  await open({ leaseSeconds: 1 }).take(B, 0.1);
  for (const leaseSeconds of [1, 3600]) {
    const ages = (await open({ leaseSeconds }).working()).map(({ beatAge = -1 }) => beatAge);
    t.ok(ages.length === 2 && ages.every((age) => age >= 0 && age < 60), `last seen ${ages} s ago`);
  }
  // In Redis nobody looks for lost jobs while the server itself is younger than a lease.
  const other = open(worker.kind === 'spool' ? LONG_LEASE : {});
  t.equal((await until(async () => (await other.reclaim()).at(0))).holder, B, 'it has ended');
});

check('jobs that are given up fill no list beyond its bound', async (t, open) => {
  const other = open(LONG_LEASE);
  const most = 5;
  for (let number = 1; number <= most + 2; number++) {
    await other.submit(cacheItem(number));
    for (let loss = 1; loss <= MOST_RETRIES + 1; loss++) {
      const dead = open(LONG_LEASE);
      await dead.beat(A, false);
      await dead.take(A, 0.1);
      await other.reclaim(A, { ended: true });
    }
  }
  t.equal((await other.list('dead')).length, most);
  t.equal((await other.list('finished')).length, most);
});

check('of several reclaimers one succeeds', async (t, open) => {
  const worker = open();
  await worker.submit(cacheItem(1));
  await worker.beat(A, false);
  await worker.take(A, 0.1);
  const others = [open(), open(), open()];
  await until(async () => {
    const all = (await Promise.all(others.map((broker) => broker.reclaim()))).flat();
    if (all.length === 0) return undefined;
    t.equal(all.length, 1);
    return true;
  });
  t.equal(await worker.count('todo'), 1);
});

check('a worker that shows signs of life keeps its item', async (t, open) => {
  // Long enough for a machine that stands still now and then between a sign and the look at it.
  const lease = { leaseSeconds: 4 };
  const [worker, other] = [open(lease), open(lease)];
  await worker.submit(cacheItem(1));
  await worker.beat(A, false);
  await worker.take(A, 0.1);
  const end = Date.now() + lease.leaseSeconds * 1500;
  while (Date.now() < end) {
    t.equal(await worker.beat(A, true), true);
    t.same(await other.reclaim(), []);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});

check('death between the last text and the history: completed, not run again', async (t, open) => {
  const [worker, other] = [open(), open()];
  await worker.submit(cacheItem(1));
  await worker.beat(A, false);
  const item = (await worker.take(A, 0.1)) ?? '';
  await worker.note(A, ended(item));
  const [reclaimed] = await until(async () => {
    const done = await other.reclaim();
    return done.length > 0 ? done : undefined;
  });
  t.equal(reclaimed?.outcome, 'completed');
  t.same(await other.list('todo'), []);
  t.same(await other.list('finished'), [ended(item)]);
});

check('items are put off with a count', async (t, open) => {
  const broker = open();
  await broker.submit(cacheItem(1));
  let item = (await broker.take(A, 0.1)) ?? '';
  t.equal(await broker.postpone(A, 3600), 'postponed');
  t.equal(await broker.take(A, 0.1), undefined, 'not yet');
  t.equal(await broker.count('todo'), 1);
  t.same(await broker.list('todo'), [item]);
  t.equal(await broker.submit(item), 'duplicate');
  t.equal(await broker.raise(item), true);
  item = (await broker.take(A, 0.1)) ?? '';
  t.equal(await broker.postpone(A, 0.05), 'postponed');
  t.equal(await until(() => broker.take(A, 0.1)), item, 'its time has come');
  t.equal(await broker.postpone(A, 0), 'postponed');
  t.equal(await until(() => broker.take(A, 0.1)), item);
  t.equal(await broker.postpone(A, 0), 'exhausted');
  t.equal(await broker.finish(A, ended(item, 14), { dead: true }), true);
  t.same(await broker.list('dead'), [item]);
  t.equal(await broker.postpone(A, 0), 'lost');
});

check('an item that has not run is put off as often as need be', async (t, open) => {
  const broker = open();
  for (const submitted of [cacheItem(1), inventoryItem()]) {
    await broker.submit(submitted);
    for (let i = 0; i < 2 * MOST_RETRIES; i++) {
      t.equal(await until(() => broker.take(A, 0.1)), submitted);
      t.equal(await broker.postpone(A, 0, { counted: false }), 'postponed');
    }
    t.equal(await until(() => broker.take(A, 0.1)), submitted);
    const asked: number[] = [];
    const wait = (attempt: number) => asked.push(attempt) && 3600;
    t.equal(await broker.postpone(A, wait), 'postponed');
    t.same(asked, [1], 'the first one that counts');
  }
  t.equal(await broker.count('todo'), 2);
});

check('the wait of an item that is put off grows with its runs', async (t, open) => {
  const broker = open();
  await broker.submit(cacheItem(1));
  const asked: number[] = [];
  const wait = (attempt: number) => {
    asked.push(attempt);
    return attempt === 1 ? 0 : 3600;
  };
  for (let run = 1; run <= 2; run++) {
    t.ok(await until(() => broker.take(A, 0.1)));
    t.equal(await broker.postpone(A, wait), 'postponed');
  }
  t.same(asked, [1, 2]);
  t.equal(await broker.take(A, 0.1), undefined, 'the second time it waits longer');
  // A run that was lost counts as well.
  await broker.submit(cacheItem(2));
  await broker.beat(B, false);
  await broker.take(B, 0.1);
  await until(async () => ((await open().reclaim()).length > 0 ? true : undefined));
  await broker.take(A, 0.1);
  await broker.postpone(A, wait);
  t.same(asked, [1, 2, 2]);
});
