/**
 * Who has, or may have, a working list: our own slots, those that other workers have made known, and those found by a look at all keys.
 */
import { leaseOf, type WorkingEntry } from '../broker.js';
import { KeyScan } from './key-scan.js';
import { keys, WORKERS, WORKING } from './keys.js';
import { flag, type RedisStore } from './store.js';

export class Holders {
  /** Slots of this process: their jobs are never taken for lost ones. */
  readonly mine = new Set<string>();
  /** For lists of workers that have not made themselves known: those of older servers. */
  readonly #scan = new KeyScan(WORKING);

  constructor(private readonly store: RedisStore) {}

  /** Holders that may have working lists: those that are known, and those that the last look at all keys has found. */
  async all(): Promise<string[]> {
    const known = await this.store.call((redis) => redis.smembers(WORKERS));
    const found = await this.store.call((redis) => this.#scan.names(redis));
    return [...new Set([...known, ...found])].sort();
  }

  /** Forgets a slot that has ended, or died with nothing to do. `hasEnded`: its sign of life goes, although it may still hold. */
  forget(holder: string, hasEnded: boolean): Promise<unknown> {
    return this.store.script('forget', [keys.beat(holder), WORKERS, keys.working(holder)], [holder, flag(hasEnded)]);
  }

  /** What all of them work on. `usualLease`: for signs of life that do not say how long they hold. */
  async working(usualLease: number): Promise<readonly WorkingEntry[]> {
    const entries: WorkingEntry[] = [];
    for (const holder of await this.all()) {
      const list = keys.working(holder);
      const texts = await this.store.call((redis) => redis.lrange(list, 0, -1));
      const left = await this.store.call((redis) => redis.pttl(keys.beat(holder)));
      const lease = leaseOf(await this.store.call((redis) => redis.get(keys.beat(holder)))) ?? usualLease;
      const beatAge = left < 0 ? undefined : Math.max(0, lease - left / 1000);
      for (const text of texts) entries.push({ list, holder, text, beatAge });
    }
    return entries;
  }
}
