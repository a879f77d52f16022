/**
 * The queue in Redis, for more than one machine and for sites with workers of older servers (server-internals 3.1, 3.6). Its lists and keys
 * stand in redis/keys.ts.
 *
 * Here are the steps of producers and slots; jobs of dead workers are in redis/reclaim.ts, the lists of people in redis/lists.ts.
 */
import {
  type Broker,
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
import type { RedisConnection } from '../connection.js';
import { itemId, itemKey } from '../identity.js';
import { isFinishedText } from '../item.js';
import { RedisClient } from './client.js';
import { Holders } from './holders.js';
import {
  DEAD,
  DELAYED,
  delayedOf,
  FINISHED,
  keys,
  OWN_DELAYED,
  OWN_WAITING,
  TRIES,
  todoOf,
  WAITING,
  WORKERS,
} from './keys.js';
import { clearItems, countItems, listItems, oldestItem, putOffItems, raiseItem, removeItem } from './lists.js';
import { RedisLocks } from './locks.js';
import { redisOptions } from './options.js';
import { reclaimLost } from './reclaim.js';
import { flag, RedisStore } from './store.js';
import { WaitingSlots } from './waiting.js';

export interface RedisBrokerOptions {
  readonly connection: RedisConnection;
  readonly limits: QueueLimits;
  /** Wait long for a connection and an answer (workers). */
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
  readonly #store: RedisStore;
  readonly #holders: Holders;
  readonly #waiting: WaitingSlots;

  constructor(options: RedisBrokerOptions) {
    this.#options = options;
    this.place = options.connection.place;
    this.#client = new RedisClient(options);
    this.#store = new RedisStore(this.#client);
    this.#holders = new Holders(this.#store);
    this.#waiting = new WaitingSlots(options);
    this.locks = new RedisLocks(this.#client);
  }

  submit(item: string, options: SubmitOptions = {}): Promise<Submitted> {
    const { limits } = this.#options;
    return this.#store.script(
      'submit',
      [todoOf(item), keys.pending(itemKey(item))],
      [item, limits.waiting, flag(options.urgent), PENDING_SECONDS, flag(options.repeat), itemId(item)],
    ) as Promise<Submitted>;
  }

  async take(holder: string, waitSeconds: number, signal?: AbortSignal): Promise<string | undefined> {
    this.#holders.mine.add(holder);
    const held = await this.#store.held(holder);
    if (held !== undefined) {
      if (!isFinishedText(held.text)) return held.item;
      await this.finish(holder, held.text);
    }
    const { leaseSeconds } = this.#options.limits;
    const life = [lifeText(this.#options.life, holder, leaseSeconds), leaseSeconds];
    await this.#store.script('enter', [keys.original(holder), WORKERS, keys.beat(holder)], [holder, ...life]);
    const now = Date.now();
    await this.#store.script('promote', [DELAYED, WAITING], [now]);
    await this.#store.script('promote', [OWN_DELAYED, OWN_WAITING], [now]);
    const working = keys.working(holder);
    const item =
      (await this.#store.call((redis) => redis.rpoplpush(OWN_WAITING, working))) ??
      (await this.#waiting.next(holder, waitSeconds, signal));
    if (item === undefined) return undefined;
    await this.#store.call((redis) => redis.set(keys.original(holder), item));
    return item;
  }

  async beat(holder: string, holding: boolean): Promise<boolean> {
    this.#holders.mine.add(holder);
    const { leaseSeconds } = this.#options.limits;
    const value = lifeText(this.#options.life, holder, leaseSeconds);
    const list = [keys.beat(holder), WORKERS, keys.working(holder)];
    const items = await this.#store.script('beat', list, [value, leaseSeconds, holder]);
    return !holding || Number(items) > 0;
  }

  async note(holder: string, text: string): Promise<boolean> {
    return (await this.#store.script('note', [keys.working(holder)], [text])) === 1;
  }

  async finish(holder: string, text: string, options: { readonly dead?: boolean } = {}): Promise<boolean> {
    const held = await this.#store.held(holder);
    if (held === undefined) return false;
    const key = itemKey(held.item);
    const list = [keys.working(holder), FINISHED, keys.original(holder), keys.pending(key), TRIES, DEAD];
    const values = [text, this.#options.limits.finished, key, options.dead ? held.item : '', itemId(held.item)];
    return (await this.#store.script('finish', list, values)) === 1;
  }

  async giveBack(holder: string): Promise<boolean> {
    const held = await this.#store.held(holder);
    if (held === undefined) return false;
    const list = [keys.working(holder), keys.original(holder), todoOf(held.item)];
    return (await this.#store.script('giveBack', list, [held.item])) === 1;
  }

  async postpone(
    holder: string,
    seconds: number | ((attempt: number) => number),
    { counted = true }: { readonly counted?: boolean } = {},
  ): Promise<'postponed' | 'exhausted' | 'lost'> {
    const held = await this.#store.held(holder);
    if (held === undefined) return 'lost';
    const key = itemKey(held.item);
    // Only whoever has the item counts its runs, so the number holds until the script counts this one.
    const tries = Number(await this.#store.call((redis) => redis.hget(TRIES, key))) || 0;
    const wait = typeof seconds === 'number' ? seconds : seconds(tries + 1);
    return this.#store.script(
      'postpone',
      [keys.working(holder), keys.original(holder), delayedOf(held.item), TRIES],
      [held.item, Date.now() + Math.round(wait * 1000), key, MOST_RETRIES, flag(counted)],
    ) as Promise<'postponed' | 'exhausted' | 'lost'>;
  }

  async retire(holder: string): Promise<void> {
    this.#waiting.retire(holder);
    this.#holders.mine.delete(holder);
    await this.#holders.forget(holder, true);
  }

  reclaim(only?: string, { ended = false }: { readonly ended?: boolean } = {}): Promise<readonly Reclaimed[]> {
    return reclaimLost(this.#store, { limits: this.#options.limits, holders: this.#holders, only, ended });
  }

  list(name: ListName, limit?: number): Promise<readonly string[]> {
    return listItems(this.#store, name, limit);
  }

  putOff(): Promise<ReadonlyMap<string, number>> {
    return putOffItems(this.#store);
  }

  working(): Promise<readonly WorkingEntry[]> {
    return this.#holders.working(this.#options.limits.leaseSeconds);
  }

  count(name: ListName): Promise<number> {
    return countItems(this.#store, name);
  }

  oldest(): Promise<string | undefined> {
    return oldestItem(this.#store);
  }

  remove(name: ListName, item: string): Promise<boolean> {
    return removeItem(this.#store, name, item);
  }

  raise(item: string): Promise<boolean> {
    return raiseItem(this.#store, item);
  }

  clear(name: ListName): Promise<number> {
    return clearItems(this.#store, name);
  }

  async close(): Promise<void> {
    this.#waiting.close();
    this.#client.close();
  }
}
