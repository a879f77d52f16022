/**
 * The two words that every reader gets: BEGIN (inclusive) and END (exclusive), UTC.
 *
 * The server passes ISO times on as the client wrote them (`2026-01-01`, `2026-001T12:30`, `2026-01-01T00:00:00.500Z`), so
 * a reader has to understand all of these. Any das2 library parses them; here it is the one of this server.
 */
import { parseTime } from '../../lib/stream/time.js';
import { ArgumentError } from './packet-output.js';

/** A time as whole days since 2000-01-01 and nanoseconds of that day: exact, where one number would not be. */
export interface Time {
  readonly day: number;
  readonly nanosecond: number;
}

export interface TimeRange {
  readonly begin: Time;
  readonly end: Time;
}

/** Reads BEGIN and END. Throws `ArgumentError` when one is missing or no time, or when they are in the wrong order. */
export function readTimeRange(begin: string | undefined, end: string | undefined): TimeRange {
  const range = { begin: readTime('BEGIN', begin), end: readTime('END', end) };
  const length = range.end.day - range.begin.day || range.end.nanosecond - range.begin.nanosecond;
  if (length <= 0) throw new ArgumentError(`END (${end}) must be later than BEGIN (${begin})`);
  return range;
}

/**
 * Number of the first record at or after `time`, where record n has the time 2000-01-01 + n * `stepNanoseconds`. The records
 * of a range are then `recordAt(begin) <= n < recordAt(end)`, and are the same ones whatever range was asked for.
 * `stepNanoseconds` must divide a day.
 */
export function recordAt(time: Time, stepNanoseconds: number): number {
  const recordsPerDay = 86400e9 / stepNanoseconds;
  return time.day * recordsPerDay + Math.ceil(time.nanosecond / stepNanoseconds);
}

function readTime(name: string, text: string | undefined): Time {
  if (text === undefined) throw new ArgumentError(`${name} is missing`);
  try {
    return parseTime(text);
  } catch {
    throw new ArgumentError(`${name}: "${text}" is not a time`);
  }
}
