/** The queue in Redis: after the server was away it goes on. */
import t from 'tap';
import { NO_REDIS } from '../tools/redis-server.js';
import { A, cacheItem, queues, until } from './brokers.js';

const { redis } = await queues();

if (redis === undefined) t.test('redis', { skip: NO_REDIS }, async () => {});
else {
  const { server } = redis;

  t.test('who has lost the connection may ask again', async (t) => {
    const broker = redis.fresh(t, { patient: false })();
    t.equal(await broker.submit(cacheItem(1)), 'queued');
    await server.kill();
    await t.rejects(broker.count('todo'), { message: /cannot be used/ });
    await server.start();
    t.equal(await broker.count('todo'), 1);
  });

  t.test('whoever asks when it is back has an answer at once', async (t) => {
    const worker = redis.fresh(t)();
    await worker.submit(cacheItem(1));
    await server.kill();
    for (let attempt = 0; attempt < 5; attempt++) await t.rejects(worker.take(A, 1), { message: /cannot be used/ });
    await server.start();
    t.match(await worker.take(A, 1), /TASK_CACHE/);
  });

  t.test('a slot that waits while the server restarts hears of it, and of the next job', async (t) => {
    const open = redis.fresh(t);
    const worker = open();
    const taken = worker.take(A, 60).catch((error: Error) => error);
    // By now it waits; if it did not, this would be no test, but it would not fail either.
    await new Promise((resolve) => setTimeout(resolve, 500));
    await server.kill();
    t.match(await taken, { message: /cannot be used/ });
    await server.start();
    await open().submit(cacheItem(1));
    const item = await until(() => worker.take(A, 1).catch(() => undefined));
    t.match(item, /TASK_CACHE/);
  });

  t.test('a worker hears why there is no answer', async (t) => {
    const worker = redis.fresh(t)();
    await worker.submit(cacheItem(1));
    await server.kill();
    const said = new Set<string>();
    await until(async () => {
      const reason = await worker.count('todo').catch((error: Error) => error.message);
      said.add(String(reason));
      return String(reason).includes('(ECONNREFUSED)') ? reason : undefined;
    });
    t.notMatch([...said].join('\n'), /enableOfflineQueue/, 'nothing about the library');
    await server.start();
  });
}
