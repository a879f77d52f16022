/**
 * The queue in Redis as its parts see it: single commands, the scripts of scripts.ts, and the item that a slot has.
 */
import type { Redis } from 'ioredis';
import { originalText } from '../item.js';
import type { RedisClient } from './client.js';
import { keys } from './keys.js';
import { SCRIPTS, type ScriptName } from './scripts.js';

/** The item of a slot: as it was taken, and the text on the list now. */
export interface Held {
  readonly item: string;
  readonly text: string;
}

/** All of it by one connection. Everything rejects with `BrokerUnreachable`. */
export class RedisStore {
  constructor(private readonly client: RedisClient) {}

  /** Runs one command. */
  call<Reply>(command: (redis: Redis) => Promise<Reply>): Promise<Reply> {
    return this.client.call(command);
  }

  /** Runs a script; what keys and values it wants stands in scripts.ts. */
  script(name: ScriptName, list: readonly string[], values: readonly (string | number)[]): Promise<unknown> {
    const { lua, keys: count } = SCRIPTS[name];
    return this.call((redis) => redis.eval(lua, count, ...list, ...values));
  }

  /** The item that a slot has; undefined if it has none. */
  async held(holder: string): Promise<Held | undefined> {
    const text = await this.call((redis) => redis.lindex(keys.working(holder), -1));
    if (text === null) return undefined;
    const original = await this.call((redis) => redis.get(keys.original(holder)));
    return { text, item: original ?? originalText(text) };
  }
}

/** A yes or no as scripts take it. */
export function flag(value: boolean | undefined): string {
  return value ? '1' : '';
}
