/**
 * One suite for both kinds of queues: each test runs on the spool folder, and on a real Redis where there is one.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type Broker, holderName, type QueueLimits } from '../../lib/queue/broker.js';
import { finishedText, makeJob, waitingText } from '../../lib/queue/item.js';
import { redisBroker } from '../../lib/queue/redis/broker.js';
import { spoolBroker } from '../../lib/queue/spool/broker.js';
import { NO_REDIS, type RedisServer, redisServer } from '../tools/redis-server.js';

export const LIMITS: QueueLimits = { waiting: 100, finished: 5, leaseSeconds: 1 };
const PATIENCE = 400;

export const A = holderName('host', 11, 0);
export const B = holderName('host', 22, 0);

/** Opens another broker on one and the same queue: as another process would. */
export type Open = (limits?: Partial<QueueLimits>) => Broker;
/** Runs a test on each kind, each time with a queue of its own. */
export type Check = (what: string, test: (t: Test, open: Open) => Promise<void>) => void;

export interface RedisQueues {
  readonly server: RedisServer;
  /** A queue of its own in the server. */
  fresh(t: Test, options?: { readonly patient?: boolean }): Open;
}

/** Both kinds. To be awaited before any test: tap ends a file whose tests are all through while it waits for something else. */
export async function queues(): Promise<{ readonly check: Check; readonly redis: RedisQueues | undefined }> {
  const server = await redisServer(t);
  let database = 0;
  const redis = server && {
    server,
    fresh: (t: Test, { patient = true } = {}) => {
      const connection = { host: '127.0.0.1', port: server.port, database: database++, tls: false, place: 'test' };
      return closing(t, (limits) => redisBroker({ connection, limits, patient }));
    },
  };
  const check: Check = (what, test) => {
    t.test(`spool: ${what}`, (t) => {
      const folder = spoolFolder(t);
      return test(
        t,
        closing(t, (limits) => spoolBroker({ folder: join(folder, 'queue'), limits })),
      );
    });
    t.test(`redis: ${what}`, redis === undefined ? { skip: NO_REDIS } : {}, async (t) => {
      if (redis !== undefined) await test(t, redis.fresh(t));
    });
  };
  return { check, redis };
}

/** A folder that goes with the test. */
export function spoolFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'das2-spool-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function closing(t: Test, make: (limits: QueueLimits) => Broker): Open {
  return (limits = {}) => {
    const broker = make({ ...LIMITS, ...limits });
    t.teardown(() => broker.close());
    return broker;
  };
}

/** A job as the server queues it. */
export function cacheItem(level: number | string, end = '1979-03-02'): string {
  const fields = ['Examples/Spectra', '1979-03-01', end, String(level)];
  return waitingText(
    makeJob({ category: 'TASK_CACHE', fields, requester: 'localhost/das/server', remote: '127.0.0.1' }),
  );
}

/** A job of a category that older workers do not know. */
export function inventoryItem(): string {
  return waitingText(makeJob({ category: 'TASK_INVENTORY', fields: ['ALL', '', ''], requester: 'das2_srv_todo' }));
}

/** The finished text of an item. */
export function ended(item: string, code = 0): string {
  return finishedText(item, { begin: '2020-01-01T00:00:00.000', status: 'done', end: '2020-01-01T00:00:01.000', code });
}

/** Asks until there is an answer. */
export async function until<Value>(ask: () => Promise<Value | undefined>): Promise<Value> {
  for (let attempt = 0; attempt < PATIENCE; attempt++) {
    const value = await ask();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it did not happen');
}
