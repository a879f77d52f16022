/**
 * What every queue must do, run on each kind: the spool folder, and a real Redis where there is one.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type Broker, holderName, isOurHolder, MOST_RUNS, type QueueLimits } from '../../lib/queue/broker.js';
import { finishedText, makeJob, parseItem, waitingText, workingText } from '../../lib/queue/item.js';
import { redisBroker } from '../../lib/queue/redis-broker.js';
import { retryDelay } from '../../lib/queue/retry-delay.js';
import { spoolBroker } from '../../lib/queue/spool-broker.js';
import { releaseLock, takeLock } from '../../lib/queue/spool-lock.js';
import { NO_REDIS, redisServer } from '../tools/redis-server.js';

// Before any test: tap ends a file whose tests are all through while it waits for something else.
const redis = await redisServer(t);

const LIMITS: QueueLimits = { waiting: 100, finished: 5, leaseSeconds: 1 };
const PATIENCE = 400;

const A = holderName('host', 11, 0);
const B = holderName('host', 22, 0);

/** Opens another broker on one and the same queue: as another process would. */
type Open = (limits?: Partial<QueueLimits>) => Broker;

function cacheItem(level: number | string, end = '1979-03-02'): string {
  const fields = ['Examples/Spectra', '1979-03-01', end, String(level)];
  return waitingText(
    makeJob({ category: 'TASK_CACHE', fields, requester: 'localhost/das/server', remote: '127.0.0.1' }),
  );
}

const inventoryItem = () =>
  waitingText(makeJob({ category: 'TASK_INVENTORY', fields: ['ALL', '', ''], requester: 'das2_srv_todo' }));

function ended(item: string, code = 0): string {
  return finishedText(item, { begin: '2020-01-01T00:00:00.000', status: 'done', end: '2020-01-01T00:00:01.000', code });
}

async function until<Value>(ask: () => Promise<Value | undefined>): Promise<Value> {
  for (let attempt = 0; attempt < PATIENCE; attempt++) {
    const value = await ask();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it did not happen');
}

function conformance(name: string, fresh: (t: Test) => Promise<Open> | Open): void {
  const check = (what: string, test: (t: Test, open: Open) => Promise<void>) =>
    t.test(`${name}: ${what}`, async (t) => {
      await test(t, await fresh(t));
    });

  check('first in, first out', async (t, open) => {
    const broker = open();
    for (const level of [1, 2, 3]) t.equal(await broker.submit(cacheItem(level)), 'queued');
    t.equal(await broker.count('todo'), 3);
    const newest = await broker.list('todo');
    t.match(newest[0], /\|3$/);
    t.equal((await broker.list('todo', 1)).length, 1);
    for (const level of [1, 2, 3]) {
      const item = await broker.take(A, 0.1);
      t.match(item, new RegExp(`\\|${level}$`));
      t.equal(await broker.finish(A, ended(item ?? '')), true);
    }
    t.equal(await broker.take(A, 0.1), undefined);
    const finished = await broker.list('finished');
    t.same(
      finished.map((text) => parseItem(text).job.fields[3]),
      ['3', '2', '1'],
      'the head is the newest',
    );
    t.equal(finished[0]?.split('|').length, 15);
  });

  check('urgent items come first, then our own categories', async (t, open) => {
    const broker = open();
    await broker.submit(cacheItem(1));
    await broker.submit(inventoryItem());
    const order: (string | undefined)[] = [];
    for (let i = 0; i < 2; i++) {
      const item = (await broker.take(A, 0.1)) ?? '';
      order.push(item.split('|')[6]);
      await broker.finish(A, ended(item));
    }
    t.same(order, ['TASK_INVENTORY', 'TASK_CACHE']);
    await broker.submit(cacheItem(2));
    await broker.submit(cacheItem(3), { urgent: true });
    t.match(await broker.take(A, 0.1), /\|3$/);
  });

  check('the same work is queued once, until it is done', async (t, open) => {
    const [one, two] = [open(), open()];
    t.equal(await one.submit(cacheItem(1)), 'queued');
    t.equal(await two.submit(cacheItem('001')), 'duplicate', 'another spelling of the level');
    t.equal(await two.submit(cacheItem(1, '1979-061T00:00')), 'duplicate', 'another spelling of the time');
    t.equal(await two.submit(cacheItem(2)), 'queued');
    const item = (await one.take(A, 0.1)) ?? '';
    t.equal(await two.submit(cacheItem(1)), 'duplicate', 'under way');
    await one.finish(A, ended(item));
    t.equal(await two.submit(cacheItem(1)), 'queued');
    t.equal(await two.submit(cacheItem(1), { repeat: true }), 'queued');
  });

  check('many producers at once queue it once', async (t, open) => {
    const brokers = [open(), open(), open(), open()];
    const answers = await Promise.all(brokers.map((broker) => broker.submit(cacheItem(9))));
    t.equal(answers.filter((answer) => answer === 'queued').length, 1);
    t.equal(await brokers[0]?.count('todo'), 1);
  });

  check('a full queue takes no more', async (t, open) => {
    const broker = open({ waiting: 2 });
    t.same([await broker.submit(cacheItem(1)), await broker.submit(cacheItem(2))], ['queued', 'queued']);
    t.equal(await broker.submit(cacheItem(3)), 'full');
    await broker.remove('todo', (await broker.list('todo'))[0] ?? '');
    t.equal(await broker.submit(cacheItem(3)), 'queued', 'a refusal left no trace');
  });

  check('several workers never take one item twice', async (t, open) => {
    const broker = open();
    const count = 30;
    for (let i = 0; i < count; i++) await broker.submit(cacheItem(i));
    const taken: string[] = [];
    const work = async (slot: number) => {
      const mine = open();
      const holder = holderName('host', 33, slot);
      for (;;) {
        const item = await mine.take(holder, 0.1);
        if (item === undefined) return;
        taken.push(item);
        await mine.finish(holder, ended(item));
      }
    };
    await Promise.all([1, 2, 3, 4].map(work));
    t.equal(taken.length, count);
    t.equal(new Set(taken).size, count);
  });

  check('progress is seen, and the end has 15 fields', async (t, open) => {
    const broker = open();
    await broker.submit(cacheItem(10));
    await broker.beat(A, false);
    const item = (await broker.take(A, 0.1)) ?? '';
    const parsed = parseItem(item);
    const text = workingText(parsed.job, { begin: '2020-01-01T00:00:00.000', status: 'Writing: x|y', fraction: 0.374 });
    t.equal(await broker.note(A, text), true);
    const [entry] = await open().working();
    t.equal(entry?.list, `das2_working_${A}`);
    t.equal(entry?.holder, A);
    t.equal(entry?.text.split('|').length, 14);
    t.match(entry?.text, /\|Writing: x y\|0\.37$/);
    t.ok((entry?.beatAge ?? -1) >= 0);
    await broker.finish(A, ended(item));
    t.same(await broker.working(), []);
    t.equal((await broker.list('finished'))[0]?.split('|').length, 15);
  });

  check('an item that is given back is unchanged and next', async (t, open) => {
    const broker = open();
    await broker.submit(cacheItem(1));
    await broker.submit(cacheItem(2));
    const item = (await broker.take(A, 0.1)) ?? '';
    await broker.note(A, workingText(parseItem(item).job, { begin: 'x', status: '', fraction: 0.5 }));
    t.equal(await broker.giveBack(A), true);
    t.equal(await broker.giveBack(A), false, 'once');
    t.equal((await broker.list('todo')).at(-1), item);
    t.equal(await broker.take(B, 0.1), item);
    t.equal(item.split('|').length, 11);
  });

  check('older forms of items go back as they came', async (t, open) => {
    const broker = open();
    const older =
      '2019-08-24T02:09:27.690|h/das||127.0.0.1||apache|TASK_CACHE|Examples/Spectra||1979-03-01|1979-03-02|10';
    await broker.submit(older);
    t.equal(await broker.take(A, 0.1), older);
    await broker.note(A, workingText(parseItem(older).job, { begin: 'x', status: '', fraction: 0 }));
    await broker.giveBack(A);
    t.same(await broker.list('todo'), [older]);
  });

  check('items that cannot be read go through all the same', async (t, open) => {
    const broker = open();
    const junk = 'this|is \u00fcber|nothing';
    await broker.submit(junk);
    t.equal(await broker.take(A, 0.1), junk);
    t.equal(await broker.finish(A, ended(junk, 15)), true);
    t.match((await broker.list('finished'))[0], /nothing\|.*\|15$/);
  });

  check('an answer that got lost is given again', async (t, open) => {
    const broker = open();
    await broker.submit(cacheItem(1));
    await broker.submit(cacheItem(2));
    const item = await broker.take(A, 0.1);
    t.equal(await open().take(A, 0.1), item);
  });

  check('a lost worker: its item is run again, and given up at the third loss', async (t, open) => {
    const other = open();
    await other.submit(cacheItem(1));
    const submitted = (await other.list('todo'))[0] ?? '';
    for (let loss = 1; loss <= MOST_RUNS; loss++) {
      // A worker that gives one sign of life and then no more.
      const holder = holderName('host', 1000 + loss, 0);
      const worker = open();
      await worker.beat(holder, false);
      t.equal(await worker.take(holder, 0.1), submitted);
      const [reclaimed] = await until(async () => {
        const done = await other.reclaim();
        return done.length > 0 ? done : undefined;
      });
      t.match(reclaimed, { holder, item: submitted, outcome: loss < MOST_RUNS ? 'requeued' : 'dead' });
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
    const [worker, other] = [open(), open()];
    await worker.submit(cacheItem(1));
    await worker.beat(A, false);
    await worker.take(A, 0.1);
    const end = Date.now() + 2500;
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
    t.equal(await broker.postpone(A, 0), 'exhausted');
    t.equal(await broker.finish(A, ended(item, 14), { dead: true }), true);
    t.same(await broker.list('dead'), [item]);
    t.equal(await broker.postpone(A, 0), 'lost');
  });

  check('the wait of an item that is put off grows with its runs', async (t, open) => {
    const broker = open();
    await broker.submit(cacheItem(1));
    const asked: number[] = [];
    const wait = (attempt: number) => {
      asked.push(attempt);
      return attempt === 1 ? 0 : 3600;
    };
    for (let run = 1; run < MOST_RUNS; run++) {
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

  check('the history stays bounded', async (t, open) => {
    const broker = open();
    for (let i = 0; i < 9; i++) {
      await broker.submit(cacheItem(i));
      await broker.finish(A, ended((await broker.take(A, 0.1)) ?? ''), { dead: true });
    }
    t.equal(await broker.count('finished'), LIMITS.finished);
    t.equal(await broker.count('dead'), LIMITS.finished);
    t.equal(parseItem((await broker.list('finished'))[0] ?? '').job.fields[3], '8');
  });

  check('the item that was asked for first', async (t, open) => {
    const broker = open();
    t.equal(await broker.oldest(), undefined);
    const asked = (second: number, level: number) =>
      cacheItem(level).replace(/^[^|]*/, `2020-01-01T00:00:0${second}.000`);
    await broker.submit(asked(5, 1));
    const own = inventoryItem();
    await broker.submit(own);
    t.equal(await broker.oldest(), asked(5, 1));
    await broker.remove('todo', own);
    await broker.submit(asked(3, 2), { urgent: true });
    t.equal(await broker.oldest(), asked(3, 2));
    t.equal(await broker.take(A, 0.1), asked(3, 2));
    await broker.postpone(A, 3600);
    t.equal(await broker.oldest(), asked(3, 2), 'one that was put off waits, too');
  });

  check('people remove, raise and clear', async (t, open) => {
    const broker = open();
    for (const level of [1, 2, 3]) await broker.submit(cacheItem(level));
    const [third = '', second = '', first = ''] = await broker.list('todo');
    t.equal(await broker.remove('todo', second), true);
    t.equal(await broker.remove('todo', second), false);
    t.equal(await broker.raise(third), true);
    t.equal(await broker.raise(second), false);
    t.equal(await broker.take(A, 0.1), third);
    t.equal(await broker.submit(cacheItem(2)), 'queued', 'removed work may be asked for again');
    t.equal(await broker.clear('todo'), 2);
    t.equal(await broker.submit(first), 'queued');
    t.equal(await broker.count('todo'), 1);
  });

  check('locks', async (t, open) => {
    const broker = open();
    t.equal(await broker.lock('a block', 'one', 1), true);
    t.equal(await broker.lock('a block', 'two', 1), false);
    t.equal(await broker.lock('a block', 'one', 1), true, 'renewed');
    t.equal(await broker.lock('another', 'two', 1), true);
    await broker.unlock('a block', 'two');
    t.equal(await broker.lock('a block', 'two', 1), false, 'only the owner lets go');
    await broker.unlock('a block', 'one');
    t.equal(await broker.lock('a block', 'two', 1), true);
    t.equal(await until(async () => ((await broker.lock('a block', 'three', 1)) ? true : undefined)), true, 'run out');
  });

  check('a slot that waits can be called off', async (t, open) => {
    const broker = open();
    const stop = new AbortController();
    const taken = broker.take(A, 60, stop.signal);
    setTimeout(() => stop.abort(), 50);
    t.equal(await taken, undefined);
    await broker.submit(cacheItem(1));
    t.match(await broker.take(A, 5), /TASK_CACHE/, 'and wait again');
  });

  check('an item wakes a slot that waits', async (t, open) => {
    const taken = open().take(A, 60);
    await open().submit(cacheItem(4));
    t.match(await taken, /\|4$/);
  });
}

t.test('the lock of a process of this machine that is gone is free at once', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'das2-lock-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const gone = spawnSync('true').pid;
  const file = join(folder, 'lock');
  t.equal(takeLock(file, `elsewhere-${gone}-0`, 60), true);
  t.equal(takeLock(file, 'me', 60), false, 'of another machine nothing is known');
  releaseLock(file, `elsewhere-${gone}-0`);
  t.equal(takeLock(file, `${hostname()}-${process.pid}-0`, 60), true);
  t.equal(takeLock(file, 'me', 60), false, 'this one lives');
  releaseLock(file, `${hostname()}-${process.pid}-0`);
  t.equal(takeLock(file, `${hostname()}-${gone}-0`, 60), true);
  t.equal(takeLock(file, 'me', 60), true);
  t.same(readdirSync(folder), ['lock']);
});

t.test('a lock that is renewed holds, whatever its time says', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'das2-lock-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'lock');
  t.equal(takeLock(file, 'elsewhere-1-0', 1), true);
  const begin = performance.now();
  for (const hours of [-1, 1, -2]) {
    // As a machine whose clock is off renews it.
    const time = Date.now() / 1000 + hours * 3600;
    utimesSync(file, time, time);
    t.equal(takeLock(file, 'me', 1), false, `${hours} h`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  t.equal(await until(async () => (takeLock(file, 'me', 1) ? true : undefined)), true, 'nobody renews it any more');
  t.ok(performance.now() - begin > 2000, 'counted from the last renewal');
});

t.test('the spool folder is for the group, whatever the umask of the web server', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'das2-spool-'));
  const umask = process.umask(0o077);
  t.teardown(() => {
    process.umask(umask);
    rmSync(folder, { recursive: true, force: true });
  });
  const top = join(folder, 'state/queue');
  await spoolBroker({ folder: top, limits: LIMITS }).submit(cacheItem(1));
  for (const name of ['', 'todo', 'pending', '..']) t.equal(statSync(join(top, name)).mode & 0o777, 0o770, name);
  const [item = ''] = readdirSync(join(top, 'todo'));
  t.equal(statSync(join(top, 'todo', item)).mode & 0o777, 0o660);
});

t.test('the time before another run: longer each time, bounded, never the same for all', async (t) => {
  const middle = (attempt: number) => retryDelay(attempt, () => 0.5);
  t.same([1, 2, 3, 4, 5, 1000].map(middle), [60, 240, 960, 3600, 3600, 3600]);
  t.equal(
    retryDelay(1, () => 0),
    45,
  );
  for (let attempt = 1; attempt < 6; attempt++) {
    const delay = retryDelay(attempt);
    t.ok(delay >= 0.75 * middle(attempt) && delay < 1.25 * middle(attempt));
  }
  t.equal(new Set(Array.from({ length: 20 }, () => retryDelay(1))).size, 20);
});

t.test('spool: a long queue keeps its order and its bound, seen from two processes', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'das2-spool-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const open = () => spoolBroker({ folder, limits: { ...LIMITS, waiting: 1200 } });
  const [producer, worker] = [open(), open()];
  const items = Array.from({ length: 3000 }, (_none, number) => cacheItem(number));
  const item = (number: number) => items[number] ?? '';
  for (let i = 0; i < 1199; i++) t.equal(await producer.submit(item(i)), 'queued');
  t.equal(await worker.take(A, 0.1), item(0));
  t.equal(await worker.take(B, 0.1), item(1));
  await worker.giveBack(A);
  t.equal(await worker.take(A, 0.1), item(0), 'given back: next');
  for (const number of [2, 3]) {
    await worker.finish(A, ended(item(number)));
    t.equal(await worker.take(A, 0.1), item(number));
  }
  await worker.submit(inventoryItem());
  await worker.finish(A, ended(item(3)));
  t.match(await worker.take(A, 0.1), /INVENTORY/, 'our own first');
  t.equal(await producer.raise(item(1000)), true);
  await worker.finish(A, ended(item(3)));
  t.equal(
    await until(async () => {
      const next = await worker.take(A, 0.1);
      await worker.finish(A, ended(next ?? ''));
      return next === item(1000) ? true : undefined;
    }),
    true,
    'what another process does is seen soon',
  );
  while ((await producer.count('todo')) < 1200) await producer.submit(item(1200 + Math.floor(Math.random() * 1500)));
  t.equal(await until(async () => ((await producer.submit(item(2999))) === 'full' ? true : undefined)), true);
});

t.test('names of slots', async (t) => {
  t.equal(holderName('my host|x', 5, 1), 'my_host_x-5-1');
  t.equal(isOurHolder('web1.example.org-5-1'), true);
  t.equal(isOurHolder('12345'), false, 'an older worker');
});

function closing(t: Test, make: (limits: QueueLimits) => Broker): Open {
  return (limits = {}) => {
    const broker = make({ ...LIMITS, ...limits });
    t.teardown(() => broker.close());
    return broker;
  };
}

conformance('spool', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'das2-spool-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return closing(t, (limits) => spoolBroker({ folder: join(folder, 'queue'), limits }));
});

if (redis === undefined) t.test('redis', { skip: NO_REDIS }, async () => {});
else {
  let database = 0;
  conformance('redis', (t) => {
    const connection = { host: '127.0.0.1', port: redis.port, database: database++, tls: false, place: 'test' };
    return closing(t, (limits) => redisBroker({ connection, limits, patient: true }));
  });

  t.test('redis: who has lost the connection may ask again', async (t) => {
    const connection = { host: '127.0.0.1', port: redis.port, database: database++, tls: false, place: 'test' };
    const broker = redisBroker({ connection, limits: LIMITS, patient: false });
    t.teardown(() => broker.close());
    t.equal(await broker.submit(cacheItem(1)), 'queued');
    await redis.kill();
    await t.rejects(broker.count('todo'), { message: /cannot be used/ });
    await redis.start();
    t.equal(await broker.count('todo'), 1);
  });

  t.test('redis: a slot that waits while the server restarts hears of it, and of the next job', async (t) => {
    const connection = { host: '127.0.0.1', port: redis.port, database: database++, tls: false, place: 'test' };
    const open = closing(t, (limits) => redisBroker({ connection, limits, patient: true }));
    const worker = open();
    const taken = worker.take(A, 60).catch((error: Error) => error);
    // By now it waits; if it did not, this would be no test, but it would not fail either.
    await new Promise((resolve) => setTimeout(resolve, 500));
    await redis.kill();
    t.match(await taken, { message: /cannot be used/ });
    await redis.start();
    await open().submit(cacheItem(1));
    const item = await until(() => worker.take(A, 1).catch(() => undefined));
    t.match(item, /TASK_CACHE/);
  });
}
