/**
 * The queue in Redis, for more than one machine and for sites with workers of older servers (server-internals 3.1, 3.6).
 *
 *   das2_todo, das2_own_todo      lists; producers push at the head, workers take from the tail
 *   das2_working_<holder>         list with the one item of a slot
 *   das2_finished, das2_dead      lists, newest first, bounded
 *   das2_orig_<holder>            the item as it was taken;      das2_beat_<holder>  sign of life, expires with the lease
 *   das2_workers                  set of the holders of our slots, so that nobody has to look through all keys for lost ones
 *   das2_pend_<key>               the work is queued or under way;      das2_tries   hash: lost or failed runs by key
 *   das2_delayed, das2_own_delayed  sorted sets of items put off, by due time;      das2_lock_<key>  a lock (redis/locks.ts)
 */
import type { Redis } from 'ioredis';
import {
  type Broker,
  firstAsked,
  GAVE_UP_STATUS,
  isOurHolder,
  type ListName,
  lifeText,
  MOST_RETRIES,
  PENDING_SECONDS,
  type QueueLimits,
  type Reclaimed,
  type SubmitOptions,
  type Submitted,
  type WorkingEntry,
} from '../broker.js';
import { categoryRule } from '../category.js';
import type { RedisConnection } from '../connection.js';
import { itemKey } from '../identity.js';
import { finishedText, isFinishedText, itemTime, originalText, RESULT, tryParseItem } from '../item.js';
import { RedisClient } from './client.js';
import { KeyScan } from './key-scan.js';
import { RedisLocks } from './locks.js';
import { redisOptions } from './options.js';
import { SCRIPTS, type ScriptName } from './scripts.js';

const WAITING = 'das2_todo';
const OWN_WAITING = 'das2_own_todo';
const FINISHED = 'das2_finished';
const DEAD = 'das2_dead';
const TRIES = 'das2_tries';
const DELAYED = 'das2_delayed';
const OWN_DELAYED = 'das2_own_delayed';
const WORKING = 'das2_working_';
const WORKERS = 'das2_workers';
/** Stands in a script for a set that a list does not have. */
const NO_SET = 'das2_no_delayed';
/** Beyond its waiting time a blocking command gets this long before its connection counts as dead. */
const BLOCK_GRACE_MS = 10_000;
const ENDLESS = 1_000_000;

const keys = {
  working: (holder: string) => WORKING + holder,
  original: (holder: string) => `das2_orig_${holder}`,
  beat: (holder: string) => `das2_beat_${holder}`,
  pending: (key: string) => `das2_pend_${key}`,
};

export interface RedisBrokerOptions {
  readonly connection: RedisConnection;
  readonly limits: QueueLimits;
  /** Connect again for ever (workers). */
  readonly patient: boolean;
  /** What the sign of life of a slot says, JSON. */
  readonly life?: Readonly<Record<string, unknown>>;
}

/** The broker; connects with the first question. Throws `configuration` for files of TLS that cannot be read. */
export function redisBroker(options: RedisBrokerOptions): Broker {
  redisOptions(options);
  return new RedisBroker(options);
}

class RedisBroker implements Broker {
  readonly kind = 'redis';
  readonly place: string;
  readonly locks: RedisLocks;
  readonly #options: RedisBrokerOptions;
  readonly #client: RedisClient;
  /** Connections that wait for items, by slot. */
  readonly #waiting = new Map<string, RedisClient>();
  /** Our own slots: their jobs are never taken for lost ones. */
  readonly #holders = new Set<string>();
  /** For lists of workers that have not made themselves known: those of older servers. */
  readonly #scan = new KeyScan(WORKING);
  /** The server is older than 6.2. */
  #noBlmove = false;

  constructor(options: RedisBrokerOptions) {
    this.#options = options;
    this.place = options.connection.place;
    this.#client = new RedisClient(options);
    this.locks = new RedisLocks(this.#client);
  }

  submit(item: string, options: SubmitOptions = {}): Promise<Submitted> {
    const { limits } = this.#options;
    return this.#script(
      'submit',
      [todoOf(item), keys.pending(itemKey(item))],
      [item, limits.waiting, flag(options.urgent), PENDING_SECONDS, flag(options.repeat)],
    ) as Promise<Submitted>;
  }

  async take(holder: string, waitSeconds: number, signal?: AbortSignal): Promise<string | undefined> {
    this.#holders.add(holder);
    const held = await this.#held(holder);
    if (held !== undefined) {
      if (!isFinishedText(held.text)) return held.item;
      await this.finish(holder, held.text);
    }
    const life = [lifeText(this.#options.life, holder), this.#options.limits.leaseSeconds];
    await this.#script('enter', [keys.original(holder), WORKERS, keys.beat(holder)], [holder, ...life]);
    const now = Date.now();
    await this.#script('promote', [DELAYED, WAITING], [now]);
    await this.#script('promote', [OWN_DELAYED, OWN_WAITING], [now]);
    const working = keys.working(holder);
    const item =
      (await this.#client.call((redis) => redis.rpoplpush(OWN_WAITING, working))) ??
      (await this.#wait(holder, waitSeconds, signal));
    if (item === undefined) return undefined;
    await this.#client.call((redis) => redis.set(keys.original(holder), item));
    return item;
  }

  async beat(holder: string, holding: boolean): Promise<boolean> {
    this.#holders.add(holder);
    const value = lifeText(this.#options.life, holder);
    const list = [keys.beat(holder), WORKERS, keys.working(holder)];
    const items = await this.#script('beat', list, [value, this.#options.limits.leaseSeconds, holder]);
    return !holding || Number(items) > 0;
  }

  async note(holder: string, text: string): Promise<boolean> {
    return (await this.#script('note', [keys.working(holder)], [text])) === 1;
  }

  async finish(holder: string, text: string, options: { readonly dead?: boolean } = {}): Promise<boolean> {
    const held = await this.#held(holder);
    if (held === undefined) return false;
    const key = itemKey(held.item);
    const list = [keys.working(holder), FINISHED, keys.original(holder), keys.pending(key), TRIES, DEAD];
    const values = [text, this.#options.limits.finished, key, options.dead ? held.item : ''];
    return (await this.#script('finish', list, values)) === 1;
  }

  async giveBack(holder: string): Promise<boolean> {
    const held = await this.#held(holder);
    if (held === undefined) return false;
    const list = [keys.working(holder), keys.original(holder), todoOf(held.item)];
    return (await this.#script('giveBack', list, [held.item])) === 1;
  }

  async postpone(
    holder: string,
    seconds: number | ((attempt: number) => number),
    { counted = true }: { readonly counted?: boolean } = {},
  ): Promise<'postponed' | 'exhausted' | 'lost'> {
    const held = await this.#held(holder);
    if (held === undefined) return 'lost';
    const key = itemKey(held.item);
    // Only whoever has the item counts its runs, so the number holds until the script counts this one.
    const tries = Number(await this.#client.call((redis) => redis.hget(TRIES, key))) || 0;
    const wait = typeof seconds === 'number' ? seconds : seconds(tries + 1);
    const delayed = isOwn(held.item) ? OWN_DELAYED : DELAYED;
    return this.#script(
      'postpone',
      [keys.working(holder), keys.original(holder), delayed, TRIES],
      [held.item, Date.now() + Math.round(wait * 1000), key, MOST_RETRIES, flag(counted)],
    ) as Promise<'postponed' | 'exhausted' | 'lost'>;
  }

  async retire(holder: string): Promise<void> {
    this.#waiting.get(holder)?.close();
    this.#waiting.delete(holder);
    this.#holders.delete(holder);
    await this.#forget(holder, true);
  }

  async reclaim(only?: string, { ended = false }: { readonly ended?: boolean } = {}): Promise<readonly Reclaimed[]> {
    if (only !== undefined && ended) await this.#forget(only, true);
    // Just after a restart of the server the signs of life of good workers may have run out while nobody could renew them.
    if (only === undefined && (await this.#uptime()) < this.#options.limits.leaseSeconds) return [];
    const done: Reclaimed[] = [];
    const lost = (holder: string) => isOurHolder(holder) && !this.#holders.has(holder);
    for (const holder of only === undefined ? (await this.#workers()).filter(lost) : [only]) {
      // More than one item is not ours to expect, but a list that is not empty must become so.
      for (let i = 0; i < 100; i++) {
        const one = await this.#reclaimOne(holder);
        if (one === undefined) break;
        done.push(one);
      }
      await this.#forget(holder, false);
    }
    return done;
  }

  async list(name: ListName, limit = ENDLESS): Promise<readonly string[]> {
    const range = (list: string) => this.#client.call((redis) => redis.lrange(list, 0, limit - 1));
    if (name !== 'todo') return range(listKey(name));
    const delayed = (set: string) => this.#client.call((redis) => redis.zrevrange(set, 0, limit - 1));
    const parts = [await delayed(DELAYED), await delayed(OWN_DELAYED), await range(WAITING), await range(OWN_WAITING)];
    return parts.flat().slice(0, limit);
  }

  async working(): Promise<readonly WorkingEntry[]> {
    const entries: WorkingEntry[] = [];
    for (const holder of await this.#workers()) {
      const list = keys.working(holder);
      const texts = await this.#client.call((redis) => redis.lrange(list, 0, -1));
      const left = await this.#client.call((redis) => redis.pttl(keys.beat(holder)));
      const beatAge = left < 0 ? undefined : Math.max(0, this.#options.limits.leaseSeconds - left / 1000);
      for (const text of texts) entries.push({ list, holder, text, beatAge });
    }
    return entries;
  }

  async count(name: ListName): Promise<number> {
    const length = (list: string) => this.#client.call((redis) => redis.llen(list));
    if (name !== 'todo') return length(listKey(name));
    const delayed = (set: string) => this.#client.call((redis) => redis.zcard(set));
    return (
      (await length(WAITING)) + (await length(OWN_WAITING)) + (await delayed(DELAYED)) + (await delayed(OWN_DELAYED))
    );
  }

  async oldest(): Promise<string | undefined> {
    const found: string[] = [];
    for (const [list, delayed] of placesOf('todo')) {
      const last = await this.#client.call((redis) => redis.lindex(list, -1));
      found.push(
        ...(last === null ? [] : [last]),
        ...(await this.#client.call((redis) => redis.zrange(delayed, '0', '0'))),
      );
    }
    return firstAsked(found);
  }

  async remove(name: ListName, item: string): Promise<boolean> {
    const key = itemKey(item);
    for (const [list, delayed] of placesOf(name)) {
      // A finished job has given its pending key up; the key there now belongs to a later one.
      const values = [item, name === 'todo' ? key : ''];
      if ((await this.#script('remove', [list, keys.pending(key), TRIES, delayed], values)) === 1) return true;
    }
    return false;
  }

  async raise(item: string): Promise<boolean> {
    for (const [list, delayed] of placesOf('todo')) {
      if ((await this.#script('raise', [list, delayed], [item])) === 1) return true;
    }
    return false;
  }

  async clear(name: ListName): Promise<number> {
    let count = 0;
    for (const item of await this.list(name)) if (await this.remove(name, item)) count++;
    return count;
  }

  async close(): Promise<void> {
    for (const client of this.#waiting.values()) client.close();
    this.#waiting.clear();
    this.#client.close();
  }

  #script(name: ScriptName, list: readonly string[], values: readonly (string | number)[]): Promise<unknown> {
    const { lua, keys: count } = SCRIPTS[name];
    return this.#client.call((redis) => redis.eval(lua, count, ...list, ...values));
  }

  /** The item of a slot: as it was taken, and the text on the list now. */
  async #held(holder: string): Promise<{ readonly item: string; readonly text: string } | undefined> {
    const text = await this.#client.call((redis) => redis.lindex(keys.working(holder), -1));
    if (text === null) return undefined;
    const original = await this.#client.call((redis) => redis.get(keys.original(holder)));
    return { text, item: original ?? originalText(text) };
  }

  /** Waits for an item of the common list on the slot's own connection. */
  async #wait(holder: string, seconds: number, signal: AbortSignal | undefined): Promise<string | undefined> {
    if (signal?.aborted) return undefined;
    let client = this.#waiting.get(holder);
    if (client === undefined) {
      client = new RedisClient({ ...this.#options, blocking: true });
      this.#waiting.set(holder, client);
    }
    const interrupt = () => client.interrupt();
    signal?.addEventListener('abort', interrupt, { once: true });
    // A connection whose other end has vanished without a word would wait for ever.
    const clock = setTimeout(interrupt, seconds * 1000 + BLOCK_GRACE_MS);
    try {
      return (await client.call((redis) => this.#blockingMove(redis, keys.working(holder), seconds))) ?? undefined;
    } catch (error) {
      if (signal?.aborted) return undefined;
      throw error;
    } finally {
      clearTimeout(clock);
      signal?.removeEventListener('abort', interrupt);
    }
  }

  async #blockingMove(redis: Redis, working: string, seconds: number): Promise<string | null> {
    if (!this.#noBlmove) {
      try {
        return await redis.blmove(WAITING, working, 'RIGHT', 'LEFT', seconds);
      } catch (error) {
        if (!(error instanceof Error) || !/unknown command/i.test(error.message)) throw error;
        this.#noBlmove = true;
      }
    }
    // Servers before 6 take whole seconds only.
    return redis.brpoplpush(WAITING, working, Math.max(1, Math.ceil(seconds)));
  }

  async #reclaimOne(holder: string): Promise<Reclaimed | undefined> {
    const held = await this.#held(holder);
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
    const values = [text, item, key, MOST_RETRIES, ended, gaveUp, this.#options.limits.finished];
    const outcome = (await this.#script('reclaim', list, values)) as Reclaimed['outcome'] | 'none';
    return outcome === 'none' ? undefined : { holder, item, outcome };
  }

  #forget(holder: string, hasEnded: boolean): Promise<unknown> {
    return this.#script('forget', [keys.beat(holder), WORKERS, keys.working(holder)], [holder, flag(hasEnded)]);
  }

  /** Holders that may have working lists: those that are known, and those that the last look at all keys has found. */
  async #workers(): Promise<string[]> {
    const known = await this.#client.call((redis) => redis.smembers(WORKERS));
    const found = await this.#client.call((redis) => this.#scan.names(redis));
    return [...new Set([...known, ...found])].sort();
  }

  async #uptime(): Promise<number> {
    const text = await this.#client.call((redis) => redis.info('server'));
    return Number(/uptime_in_seconds:(\d+)/.exec(text)?.[1] ?? Number.POSITIVE_INFINITY);
  }
}

function flag(value: boolean | undefined): string {
  return value ? '1' : '';
}

function isOwn(item: string): boolean {
  const parsed = tryParseItem(item);
  return typeof parsed !== 'string' && categoryRule(parsed.job.category).own;
}

function todoOf(item: string): string {
  return isOwn(item) ? OWN_WAITING : WAITING;
}

function listKey(name: 'finished' | 'dead'): string {
  return name === 'dead' ? DEAD : FINISHED;
}

/** The lists that an item may be on, each with its set of items put off. */
function placesOf(name: ListName): readonly (readonly [list: string, delayed: string])[] {
  if (name !== 'todo') return [[listKey(name), NO_SET]];
  return [
    [WAITING, DELAYED],
    [OWN_WAITING, OWN_DELAYED],
  ];
}
