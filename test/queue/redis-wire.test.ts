/**
 * The queue in Redis as programs of older servers see it: names and contents of lists, items of theirs, and servers without newer
 * commands. The other side is redis-cli or the bare client, never our broker.
 */
import { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import { holderName } from '../../lib/queue/broker.js';
import { finishedText, makeJob, parseItem, waitingText, workingText } from '../../lib/queue/item.js';
import { redisBroker } from '../../lib/queue/redis/broker.js';
import { NO_REDIS, type RedisServer, redisServer } from '../tools/redis-server.js';

// Before any test: tap ends a file whose tests are all through while it waits for something else.
const server = await redisServer(t);
const old = await redisServer(t, ['--rename-command', 'BLMOVE', '', '--rename-command', 'LMOVE', '']);
const closed = await redisServer(t, ['--requirepass', 'hush']);

const limits = { waiting: 100, finished: 5, leaseSeconds: 1 };
const A = holderName('host', 11, 0);
const ITEM =
  '2019-08-24T02:09:27.690|localhost/das/server||127.0.0.1||apache|TASK_CACHE|Examples/Spectra|1979-03-01|1979-03-02|10';
const END = { begin: '2020-01-01T00:00:00.000', status: 'done', end: '2020-01-01T00:00:01.000', code: 0 };

function both(
  t: Pick<Test, 'same' | 'teardown'>,
  { port }: RedisServer,
  database: number,
  leaseSeconds = limits.leaseSeconds,
) {
  const connection = { host: '127.0.0.1', port, database, tls: false, place: `127.0.0.1:${port}` };
  const broker = redisBroker({ connection, limits: { ...limits, leaseSeconds }, patient: true });
  const other = new Redis({ host: '127.0.0.1', port, db: database });
  t.teardown(() => {
    other.disconnect();
    return broker.close();
  });
  return { broker, other };
}

/** A broker that has looked at all keys, in little time: until it looks again it lets a thousand times that time go by. */
async function looked(t: Parameters<typeof both>[0], server: RedisServer, database: number) {
  for (let most = 20; ; most += 20) {
    const sides = both(t, server, database);
    await sides.broker.count('todo');
    const begin = performance.now();
    t.same(await sides.broker.reclaim(), []);
    if (performance.now() - begin < most) return sides;
  }
}

if (server === undefined || old === undefined || closed === undefined) {
  t.test('redis', { skip: NO_REDIS }, async () => {});
} else {
  t.test('an item goes through the lists that older tools know', async (t) => {
    const { broker, other } = both(t, server, 1, 100);
    t.equal(await broker.submit(ITEM), 'queued');
    t.same(await other.lrange('das2_todo', 0, -1), [ITEM]);
    await broker.beat(A, false);
    await broker.take(A, 0.1);
    t.same(await other.lrange(`das2_working_${A}`, 0, -1), [ITEM]);
    const working = workingText(parseItem(ITEM).job, { begin: END.begin, status: 'Writing: x', fraction: 0.5 });
    await broker.note(A, working);
    t.equal(await other.lindex(`das2_working_${A}`, 0), working);
    t.equal(working.split('|').length, 14);
    await broker.locks?.take(['block'], A, 10);
    for (const key of await other.keys('das2_working_*')) t.equal(await other.type(key), 'list', key);
    const names = (await other.keys('*')).sort();
    t.ok(
      names.every((name) => name.startsWith('das2_')),
      names.join(' '),
    );
    const left = await other.ttl(`das2_beat_${A}`);
    t.ok(left > 0 && left <= 100, `${left} s`);
    t.match(JSON.parse((await other.get(`das2_beat_${A}`)) ?? ''), { holder: A, slot: Number(A.split('-').at(-1)) });
    await broker.finish(A, finishedText(ITEM, END));
    t.same(await other.lrange('das2_finished', 0, -1), [finishedText(ITEM, END)]);
    await broker.locks?.release(['block'], A);
    await broker.retire(A);
    t.same(await other.keys('*'), ['das2_finished'], 'nothing else is left');
  });

  t.test('items of older producers are taken, from the tail', async (t) => {
    const { broker, other } = both(t, server, 2);
    await other.lpush('das2_todo', ITEM, ITEM.replace(/10$/, '11'));
    t.equal(await broker.take(A, 0.1), ITEM);
    await broker.finish(A, finishedText(ITEM, END));
    t.match(await broker.take(A, 0.1), /\|11$/);
  });

  t.test('the list of an older worker is touched only when somebody says so', async (t) => {
    const { broker, other } = both(t, server, 3);
    const working = `${ITEM}|2019-08-24T02:09:27.912|Writing: x|0/100`;
    await other.lpush('das2_working_123', working);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    t.same(await broker.reclaim(), []);
    t.match(await broker.working(), [{ list: 'das2_working_123', holder: '123', text: working, beatAge: undefined }]);
    t.match(await broker.reclaim('123'), [{ holder: '123', outcome: 'requeued', item: ITEM }]);
    t.same(await other.lrange('das2_todo', 0, -1), [ITEM], 'with 11 fields again');
    t.equal(await other.exists('das2_working_123'), 0);
  });

  t.test('workers make themselves known, and are forgotten when they end or die', async (t) => {
    const { broker, other } = both(t, server, 6);
    const known = async () => (await other.smembers('das2_workers')).sort();
    const B = holderName('host', 22, 0);
    await broker.take(A, 0.1);
    t.same(await known(), [A], 'before there is a sign of life, and without an item');
    await other.del('das2_workers');
    t.equal(await broker.beat(A, false), true);
    t.same(await known(), [A], 'who was taken for dead comes back with a sign of life');
    await broker.submit(ITEM);
    await broker.beat(B, false);
    t.equal(await broker.take(B, 0.1), ITEM);
    await broker.retire(A);
    t.same(await known(), [B]);
    await other.del(`das2_beat_${B}`);
    const watcher = both(t, server, 6).broker;
    t.match(await watcher.reclaim(), [{ holder: B, item: ITEM, outcome: 'requeued' }]);
    t.same(await known(), []);
    await broker.take(B, 0.1);
    await broker.retire(B);
    t.same(await known(), [B], 'who ends with an item stays known');
    t.match(await watcher.reclaim(), [{ holder: B, item: ITEM, outcome: 'requeued' }]);
    t.same(await other.keys('das2_work*'), []);
  });

  t.test('nobody looks through all keys for lost workers each time', async (t) => {
    const { broker, other } = both(t, server, 7);
    const scans = async () => Number(/cmdstat_scan:calls=(\d+)/.exec(await other.info('commandstats'))?.[1] ?? 0);
    const before = await scans();
    t.same(await broker.reclaim(), []);
    t.equal((await scans()) - before, 1, 'the first time, for workers that nobody knows');
    await broker.submit(ITEM);
    const worker = both(t, server, 7).broker;
    await worker.take(A, 0.1);
    for (let i = 0; i < 100; i++) await broker.reclaim();
    t.ok((await scans()) - before < 50);
  });

  t.test('lists that nobody has made known are found all the same', async (t) => {
    const { broker, other } = await looked(t, server, 8);
    await other.lpush(`das2_working_${A}`, ITEM);
    await other.lpush('das2_working_123', ITEM);
    const found: string[] = [];
    for (const end = Date.now() + 300_000; found.length < 2 && Date.now() < end; ) {
      found.splice(0, 2, ...(await broker.working()).map(({ holder }) => holder));
    }
    t.same(found, ['123', A]);
    t.match(await broker.reclaim(), [{ holder: A, outcome: 'requeued' }]);
  });

  t.test('our own categories never reach the list of older workers', async (t) => {
    const { broker, other } = both(t, server, 4);
    const own = waitingText(makeJob({ category: 'TASK_CITE_PROBE', fields: ['ALL'], requester: 'test' }));
    await broker.submit(own);
    t.equal(await other.exists('das2_todo'), 0);
    t.same(await other.lrange('das2_own_todo', 0, -1), [own]);
    await broker.take(A, 0.1);
    await broker.giveBack(A);
    await broker.take(A, 0.1);
    await broker.postpone(A, 0);
    t.equal(await broker.take(A, 0.1), own);
    t.equal(await other.exists('das2_todo'), 0);
  });

  t.test('a server without BLMOVE', async (t) => {
    const { broker, other } = both(t, old, 0);
    t.equal(await broker.take(A, 0.1), undefined);
    const taken = broker.take(A, 20);
    await other.lpush('das2_todo', ITEM);
    t.equal(await taken, ITEM);
    t.equal(await broker.finish(A, finishedText(ITEM, END)), true);
  });

  t.test('a password', async (t) => {
    const connection = { host: '127.0.0.1', port: closed.port, database: 0, tls: false, place: 'there' };
    const open = (password?: string) =>
      redisBroker({ connection: { ...connection, ...(password && { password }) }, limits, patient: false });
    const good = open('hush');
    t.equal(await good.submit(ITEM), 'queued');
    await good.close();
    for (const password of ['sesame', undefined]) {
      const broker = open(password);
      const error = await broker.submit(ITEM).then(
        () => undefined,
        (reason: unknown) => reason as Error,
      );
      t.match(error?.message, /^the job queue at there cannot be used/);
      t.notMatch(error?.message, /sesame|hush/);
      await broker.close();
    }
  });
}
