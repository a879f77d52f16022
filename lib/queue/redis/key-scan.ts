/**
 * Names of keys that begin alike, found by a look at every key of the database: each waiting job has one, so it may take seconds.
 *
 * Contract: hardly more than a thousandth of the time goes into it. Between two looks the answer is that of the last one: for a second where a
 * look takes a millisecond, for most of an hour where it takes seconds. The server answers others between the steps of a look.
 */
import type { Redis } from 'ioredis';

/** Keys looked at by one step, a millisecond or two of the server. */
const STEP = 5000;
const REST = 1000;
const LEAST_REST_MS = 1000;

export class KeyScan {
  #found: readonly string[] = [];
  #next = Number.NEGATIVE_INFINITY;

  constructor(private readonly prefix: string) {}

  /** What stands behind the prefix in the names. */
  async names(redis: Redis): Promise<readonly string[]> {
    const begin = performance.now();
    if (begin < this.#next) return this.#found;
    const found = new Set<string>();
    let cursor = '0';
    do {
      const [next, names] = await redis.scan(cursor, 'MATCH', `${this.prefix}*`, 'COUNT', STEP);
      for (const name of names) found.add(name.slice(this.prefix.length));
      cursor = next;
    } while (cursor !== '0');
    const end = performance.now();
    this.#next = end + Math.max(LEAST_REST_MS, (end - begin) * REST);
    this.#found = [...found];
    return this.#found;
  }
}
