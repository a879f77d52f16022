/**
 * Slots that wait for an item of the common list, each on a connection of its own: a command that waits blocks its connection.
 */
import type { Redis } from 'ioredis';
import { RedisClient } from './client.js';
import { keys, WAITING } from './keys.js';
import type { ConnectingOptions } from './options.js';

/** Beyond its waiting time a blocking command gets this long before its connection counts as dead. */
const BLOCK_GRACE_MS = 10_000;

export class WaitingSlots {
  /** Connections by slot. */
  readonly #clients = new Map<string, RedisClient>();
  /** The server is older than 6.2. */
  #noBlmove = false;

  constructor(private readonly options: ConnectingOptions) {}

  /** Moves the item that has waited longest to the slot; undefined if none came in time, or on `signal`. */
  async next(holder: string, seconds: number, signal: AbortSignal | undefined): Promise<string | undefined> {
    if (signal?.aborted) return undefined;
    let client = this.#clients.get(holder);
    if (client === undefined) {
      client = new RedisClient({ ...this.options, blocking: true });
      this.#clients.set(holder, client);
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

  /** The slot ends, and its connection with it. */
  retire(holder: string): void {
    this.#clients.get(holder)?.close();
    this.#clients.delete(holder);
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
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
}
