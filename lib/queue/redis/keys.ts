/**
 * The names of the queue in Redis (server-internals 3.1, 3.6).
 *
 *   das2_todo, das2_own_todo      lists; producers push at the head, workers take from the tail
 *   das2_working_<holder>         list with the one item of a slot
 *   das2_finished, das2_dead      lists, newest first, bounded
 *   das2_orig_<holder>            the item as it was taken;      das2_beat_<holder>  sign of life, expires with the lease
 *   das2_workers                  set of the holders of our slots, so that nobody has to look through all keys for lost ones
 *   das2_pend_<key>               the work is queued or under way: id of the item, the last one if a job has queued another for its rest
 *   das2_tries                    hash: lost or failed runs by key
 *   das2_delayed, das2_own_delayed  sorted sets of items put off, by due time;      das2_lock_<key>  a lock (redis/locks.ts)
 */
import type { ListName } from '../broker.js';
import { categoryRule } from '../category.js';
import { tryParseItem } from '../item.js';

export const WAITING = 'das2_todo';
export const OWN_WAITING = 'das2_own_todo';
export const FINISHED = 'das2_finished';
export const DEAD = 'das2_dead';
export const TRIES = 'das2_tries';
export const DELAYED = 'das2_delayed';
export const OWN_DELAYED = 'das2_own_delayed';
export const WORKING = 'das2_working_';
export const WORKERS = 'das2_workers';
/** Stands in a script for a set that a list does not have. */
const NO_SET = 'das2_no_delayed';

export const keys = {
  working: (holder: string) => WORKING + holder,
  original: (holder: string) => `das2_orig_${holder}`,
  beat: (holder: string) => `das2_beat_${holder}`,
  pending: (key: string) => `das2_pend_${key}`,
};

function isOwn(item: string): boolean {
  const parsed = tryParseItem(item);
  return typeof parsed !== 'string' && categoryRule(parsed.job.category).own;
}

/** The list on which an item waits. */
export function todoOf(item: string): string {
  return isOwn(item) ? OWN_WAITING : WAITING;
}

/** The set in which an item is that was put off. */
export function delayedOf(item: string): string {
  return isOwn(item) ? OWN_DELAYED : DELAYED;
}

/** The list of a part of the history. */
export function historyOf(name: 'finished' | 'dead'): string {
  return name === 'dead' ? DEAD : FINISHED;
}

/** The lists that an item may be on, each with its set of items put off. */
export function placesOf(name: ListName): readonly (readonly [list: string, delayed: string])[] {
  if (name !== 'todo') return [[historyOf(name), NO_SET]];
  return [
    [WAITING, DELAYED],
    [OWN_WAITING, OWN_DELAYED],
  ];
}
