/**
 * The jobs of workers that died: back on their list, or given up when they were lost too often.
 */
import { GAVE_UP_STATUS, isOurHolder, MOST_RETRIES, type QueueLimits, type Reclaimed } from '../broker.js';
import { itemId, itemKey } from '../identity.js';
import { finishedText, isFinishedText, itemTime, RESULT } from '../item.js';
import type { Holders } from './holders.js';
import { DEAD, FINISHED, keys, TRIES, todoOf } from './keys.js';
import { flag, type RedisStore } from './store.js';

export interface ReclaimOptions {
  readonly limits: QueueLimits;
  readonly holders: Holders;
  /** Whose jobs; undefined: those of all workers of ours that give no sign of life. */
  readonly only: string | undefined;
  /** `only` is known to be gone, although its last sign of life may still hold. */
  readonly ended: boolean;
}

/** Puts back what lost workers had; what became of each job. */
export async function reclaimLost(store: RedisStore, options: ReclaimOptions): Promise<readonly Reclaimed[]> {
  const { limits, holders, only, ended } = options;
  if (only !== undefined && ended) await holders.forget(only, true);
  // Just after a restart of the server the signs of life of good workers may have run out while nobody could renew them.
  if (only === undefined && (await uptime(store)) < limits.leaseSeconds) return [];
  const done: Reclaimed[] = [];
  const lost = (holder: string) => isOurHolder(holder) && !holders.mine.has(holder);
  for (const holder of only === undefined ? (await holders.all()).filter(lost) : [only]) {
    // More than one item is not ours to expect, but a list that is not empty must become so.
    for (let i = 0; i < 100; i++) {
      const one = await reclaimOne(store, holder, limits);
      if (one === undefined) break;
      done.push(one);
    }
    await holders.forget(holder, false);
  }
  return done;
}

async function reclaimOne(store: RedisStore, holder: string, limits: QueueLimits): Promise<Reclaimed | undefined> {
  const held = await store.held(holder);
  if (held === undefined) return undefined;
  const { text, item } = held;
  const now = itemTime(Date.now());
  const gaveUp = finishedText(item, { begin: now, status: GAVE_UP_STATUS, end: now, code: RESULT.gaveUp });
  const key = itemKey(item);
  const list = [
    keys.working(holder),
    keys.original(holder),
    keys.beat(holder),
    todoOf(item),
    FINISHED,
    DEAD,
    TRIES,
    keys.pending(key),
  ];
  const ended = flag(isFinishedText(text));
  const values = [text, item, key, MOST_RETRIES, ended, gaveUp, limits.finished, itemId(item)];
  const outcome = (await store.script('reclaim', list, values)) as Reclaimed['outcome'] | 'none';
  return outcome === 'none' ? undefined : { holder, item, outcome };
}

/** Seconds for which the server has been running. */
async function uptime(store: RedisStore): Promise<number> {
  const text = await store.call((redis) => redis.info('server'));
  return Number(/uptime_in_seconds:(\d+)/.exec(text)?.[1] ?? Number.POSITIVE_INFINITY);
}
