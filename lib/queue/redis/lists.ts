/**
 * The lists as people see and change them: what waits, what was done, what was given up.
 */
import { firstAsked, type ListName } from '../broker.js';
import { itemId, itemKey } from '../identity.js';
import { DELAYED, historyOf, keys, OWN_DELAYED, OWN_WAITING, placesOf, TRIES, WAITING } from './keys.js';
import type { RedisStore } from './store.js';

const ENDLESS = 1_000_000;

/** Up to `limit` items, newest first; those put off in front of those that wait. */
export async function listItems(store: RedisStore, name: ListName, limit = ENDLESS): Promise<readonly string[]> {
  const range = (list: string) => store.call((redis) => redis.lrange(list, 0, limit - 1));
  if (name !== 'todo') return range(historyOf(name));
  const delayed = (set: string) => store.call((redis) => redis.zrevrange(set, 0, limit - 1));
  const parts = [await delayed(DELAYED), await delayed(OWN_DELAYED), await range(WAITING), await range(OWN_WAITING)];
  return parts.flat().slice(0, limit);
}

/** Items put off, and until when. */
export async function putOffItems(store: RedisStore): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (const set of [DELAYED, OWN_DELAYED]) {
    const answer = await store.call((redis) => redis.zrange(set, '0', '-1', 'WITHSCORES'));
    for (let i = 0; i + 1 < answer.length; i += 2) found.set(answer[i] as string, Number(answer[i + 1]));
  }
  return found;
}

/** How many items there are. */
export async function countItems(store: RedisStore, name: ListName): Promise<number> {
  const length = (list: string) => store.call((redis) => redis.llen(list));
  if (name !== 'todo') return length(historyOf(name));
  const delayed = (set: string) => store.call((redis) => redis.zcard(set));
  return (
    (await length(WAITING)) + (await length(OWN_WAITING)) + (await delayed(DELAYED)) + (await delayed(OWN_DELAYED))
  );
}

/** The waiting item that was asked for first, as far as the ends of the lists tell. */
export async function oldestItem(store: RedisStore): Promise<string | undefined> {
  const found: string[] = [];
  for (const [list, delayed] of placesOf('todo')) {
    const last = await store.call((redis) => redis.lindex(list, -1));
    found.push(...(last === null ? [] : [last]), ...(await store.call((redis) => redis.zrange(delayed, '0', '0'))));
  }
  return firstAsked(found);
}

/** Takes one item off a list; false if it is not there. */
export async function removeItem(store: RedisStore, name: ListName, item: string): Promise<boolean> {
  const key = itemKey(item);
  for (const [list, delayed] of placesOf(name)) {
    // A finished job has given its pending key up; the key there now belongs to a later one.
    const values = [item, name === 'todo' ? key : '', itemId(item)];
    if ((await store.script('remove', [list, keys.pending(key), TRIES, delayed], values)) === 1) return true;
  }
  return false;
}

/** Moves a waiting item to where it is taken next; false if it does not wait. */
export async function raiseItem(store: RedisStore, item: string): Promise<boolean> {
  for (const [list, delayed] of placesOf('todo')) {
    if ((await store.script('raise', [list, delayed], [item])) === 1) return true;
  }
  return false;
}

/** Empties a list; the number of items that were on it. */
export async function clearItems(store: RedisStore, name: ListName): Promise<number> {
  let count = 0;
  for (const item of await listItems(store, name)) if (await removeItem(store, name, item)) count++;
  return count;
}
