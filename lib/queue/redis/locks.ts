/**
 * Locks in Redis, many with one command (server-internals 3.6): `das2_lock_<SHA-1 of the name>` holds the owner and goes away by itself.
 */
import type { SharedLocks } from '../broker.js';
import { sha1 } from '../identity.js';
import type { RedisClient } from './client.js';

/** Keys of one command, a millisecond or two of the server. */
const MOST_KEYS = 1000;

/** KEYS: locks. ARGV 1 owner, 2 seconds. Answer: for each lock 1, or 0 if another owner has it. */
const TAKE = `
local got = {}
for i, key in ipairs(KEYS) do
  local owner = redis.call('GET', key)
  if not owner then redis.call('SET', key, ARGV[1], 'NX', 'EX', ARGV[2])
  elseif owner == ARGV[1] then redis.call('EXPIRE', key, ARGV[2]) end
  got[i] = (not owner or owner == ARGV[1]) and 1 or 0
end
return got`;

/** KEYS: locks. ARGV 1 owner. Answer: how many were still the owner's. */
const RELEASE = `
local count = 0
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then count = count + redis.call('DEL', key) end
end
return count`;

/** The locks of a queue in Redis. */
export class RedisLocks implements SharedLocks {
  constructor(private readonly client: RedisClient) {}

  async take(names: readonly string[], owner: string, seconds: number): Promise<readonly boolean[]> {
    const answers = await this.each(TAKE, names, [owner, Math.ceil(seconds)]);
    return answers.flatMap((answer) => (answer as number[]).map((taken) => taken === 1));
  }

  async release(names: readonly string[], owner: string): Promise<void> {
    await this.each(RELEASE, names, [owner]);
  }

  /** Runs a script on all names, some at a time; the commands leave together. */
  private each(lua: string, names: readonly string[], values: readonly (string | number)[]): Promise<unknown[]> {
    const keys = names.map((name) => `das2_lock_${sha1(name)}`);
    const parts = Array.from({ length: Math.ceil(keys.length / MOST_KEYS) }, (_none, i) =>
      keys.slice(i * MOST_KEYS, (i + 1) * MOST_KEYS),
    );
    return Promise.all(
      parts.map((part) => this.client.call((redis) => redis.eval(lua, part.length, ...part, ...values))),
    );
  }
}
