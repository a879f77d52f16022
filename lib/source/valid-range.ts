/**
 * `validRange` of a source: the times for which it has data (server-protocol 5.5). Requests are trimmed to it.
 *
 * END may be `now`: the UTC date 24 hours ahead of the present, at 00:00. A malformed value counts as absent, with a warning.
 * A source that starts in the future (`2031-01-01 to now`) has an empty range and thus no data yet.
 */
import { compareTimes } from '../stream/time.js';
import { readTime, splitRange, type TimeRange, timeFromUnix } from './time-range.js';

/**
 * The valid range at the moment `now` (milliseconds since 1970); undefined if the text is malformed, which `warn` is told.
 * The range may be empty (end not after begin) when its end is `now`.
 */
export function parseValidRange(text: string, now: number, warn?: (reason: string) => void): TimeRange | undefined {
  const parts = splitRange(text);
  const begin = parts === undefined ? undefined : readTime(parts.begin);
  const untilNow = parts?.end.toLowerCase() === 'now';
  const end = untilNow ? timeOfNow(now) : parts === undefined ? undefined : readTime(parts.end);
  if (begin === undefined || end === undefined) {
    warn?.(`validRange '${text}' is not BEGIN to END; counts as absent`);
    return undefined;
  }
  if (!untilNow && compareTimes(begin, end) >= 0) {
    warn?.(`validRange '${text}' ends before it begins; counts as absent`);
    return undefined;
  }
  return { begin, end };
}

/** What `now` means as the end of a range: midnight that begins the UTC day 24 hours after `now` (milliseconds). */
function timeOfNow(now: number): TimeRange['end'] {
  return { day: timeFromUnix(now).day + 1, nanosecond: 0 };
}
