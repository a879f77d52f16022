/**
 * Connections to Redis by ioredis, which is loaded when the first one is made: it costs 10 ms of start-up.
 *
 * Nothing is queued while there is no connection and nothing is sent twice: a command that fails says so, since only the caller knows whether
 * it may be repeated. Without a connection each command tries to make one, once.
 *
 * No command is sent on a connection that could not take its database: the library would go on in database 0, with the jobs of another server.
 */
import type { Redis } from 'ioredis';
import { BrokerUnreachable } from '../broker-error.js';
import { type ConnectingOptions, redisOptions } from './options.js';

/** One connection, made at the first command. */
export class RedisClient {
  readonly #options: ConnectingOptions;
  #redis: Redis | undefined;
  #opening: Promise<Redis> | undefined;
  #closed = false;
  /** Why the connection could not take its database. */
  #refused: unknown;

  constructor(options: ConnectingOptions) {
    this.#options = options;
  }

  /** Runs one command; rejects with `BrokerUnreachable`. */
  async call<Reply>(command: (redis: Redis) => Promise<Reply>): Promise<Reply> {
    try {
      const redis = await this.#open();
      if (this.#refused !== undefined) {
        const reason = this.#refused;
        this.interrupt();
        throw reason;
      }
      return await untilClosed(redis, command);
    } catch (error) {
      const reason = isOffline(error) ? 'no connection' : error;
      throw new BrokerUnreachable(this.#options.connection.place, reason);
    }
  }

  /** Breaks the connection, and with it the command that waits on it. The next command makes another one. */
  interrupt(): void {
    this.#redis?.disconnect();
    this.#redis = undefined;
    this.#opening = undefined;
    this.#refused = undefined;
  }

  close(): void {
    this.#closed = true;
    this.interrupt();
  }

  #open(): Promise<Redis> {
    if (this.#closed) return Promise.reject(new Error('closed'));
    if (this.#opening !== undefined) return this.#opening;
    const opening = this.#connect().catch((error: unknown) => {
      if (this.#opening === opening) this.#opening = undefined;
      throw error;
    });
    this.#opening = opening;
    return opening;
  }

  async #connect(): Promise<Redis> {
    const RedisClass = await loadRedis();
    const redis = new RedisClass(redisOptions(this.#options));
    this.#redis = redis;
    // One for each command that is under way.
    redis.setMaxListeners(0);
    // Each command reports its own failure; without a listener the library would print to standard error.
    let reason: unknown;
    redis.on('error', (error: unknown) => {
      reason = error;
      if (this.#redis === redis && isOfSelect(error)) this.#refused = error;
    });
    redis.on('end', () => {
      if (this.#redis === redis) this.interrupt();
    });
    try {
      await redis.connect();
    } catch (error) {
      // By now there may be another one.
      if (this.#redis === redis) this.interrupt();
      throw reason ?? error;
    }
    return redis;
  }
}

/** True if the library had no connection to send a command on. It says so in words about its own options. */
function isOffline(error: unknown): boolean {
  return error instanceof Error && error.message.includes('enableOfflineQueue');
}

/** True if a server refused the database. */
function isOfSelect(error: unknown): boolean {
  return error instanceof Error && (error as { command?: { name?: string } }).command?.name === 'select';
}

/**
 * The reply to a command, or a rejection when the connection closes before it comes. The library itself forgets such a command without a
 * word when it is neither to be sent again nor limited in its tries.
 */
function untilClosed<Reply>(redis: Redis, command: (redis: Redis) => Promise<Reply>): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const closed = (): void => reject(new Error('the connection was closed'));
    redis.once('close', closed);
    command(redis)
      .then(resolve, reject)
      .finally(() => redis.off('close', closed));
  });
}

/** The library is CommonJS: what a bundler makes of it has its names below `default` only. */
async function loadRedis(): Promise<typeof Redis> {
  const loaded = await import('ioredis');
  return loaded.Redis ?? (loaded.default as unknown as typeof loaded).Redis;
}
