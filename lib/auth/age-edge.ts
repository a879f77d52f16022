/**
 * How far data are open to everybody by their age (server-internals 4.1): for answers that tell what there is without being asked for a
 * range of time.
 */
import { timeFromUnix } from '../source/time-range.js';
import type { TimePoint } from '../stream/time.js';
import { parseConditions } from './conditions.js';
import { subtractDuration } from './duration.js';

/**
 * The moment before which a range must end to be open without credentials; undefined if no `AGE` condition opens anything. `now` in
 * milliseconds since 1970. Conditions behind a faulty one do not count, as for requests.
 */
export function ageEdge(readAccess: string | undefined, now: number): TimePoint | undefined {
  let latest = Number.NEGATIVE_INFINITY;
  for (const condition of readAccess === undefined ? [] : parseConditions(readAccess)) {
    if (condition.method === 'fault') break;
    if (condition.method === 'AGE') latest = Math.max(latest, subtractDuration(now, condition.duration));
  }
  return Number.isFinite(latest) ? timeFromUnix(latest) : undefined;
}
