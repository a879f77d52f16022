/**
 * Times of requests: reading them, and the text that the reader gets (server-protocol 4.5).
 *
 * Contract: `text` of a bound is the client's own text when it is a strict ISO form (digits and `-T:.Z` only), which is what
 * readers in the field have always received; any other form is written anew. A bound that the server moves is written with
 * `readerTimeText`.
 */
import { Das2Error, isDas2Error } from '../error.js';
import { compareTimes, formatTime, isIsoTime, isPrintableDay, parseTime, type TimePoint } from '../stream/time.js';

/** One bound of a time range. */
export interface TimeBound {
  readonly time: TimePoint;
  /** What a reader gets for it. */
  readonly text: string;
}

/** Begin (inclusive) and end (exclusive), begin < end, with the texts for a reader. Without texts: `TimeRange` of lib/source. */
export interface TextRange {
  readonly begin: TimeBound;
  readonly end: TimeBound;
}

/** Reads one bound; throws `illegalArgument` naming the parameter. */
export function parseTimeBound(text: string, name: string): TimeBound {
  let time: TimePoint;
  try {
    time = parseTime(text);
  } catch (error) {
    if (!isDas2Error(error)) throw error;
    throw new Das2Error('illegalArgument', `${name} is not a time: use a form like 2017-01-31T12:30:00`, {
      cause: error,
    });
  }
  return { time, text: isIsoTime(text) ? text : readerTimeText(time) };
}

/** Reads both bounds; throws `illegalArgument` if one is no time or the end is not behind the begin. */
export function parseTimeRange(bounds: { readonly start: string; readonly end: string }): TextRange {
  const begin = parseTimeBound(bounds.start, 'start_time');
  const end = parseTimeBound(bounds.end, 'end_time');
  if (compareTimes(begin.time, end.time) >= 0) {
    // Times may be written in many ways, and mean another day than whoever wrote them thinks.
    const [from, to] = [begin.time, end.time].map(readerTimeText);
    throw new Das2Error(
      'illegalArgument',
      `end_time must be later than start_time; they were read as ${to} and ${from}`,
    );
  }
  return { begin, end };
}

/** A range that the server sets, with the texts that a reader gets for its bounds. */
export function textRange({ begin, end }: { readonly begin: TimePoint; readonly end: TimePoint }): TextRange {
  return {
    begin: { time: begin, text: readerTimeText(begin) },
    end: { time: end, text: readerTimeText(end) },
  };
}

/** The end of the year 9999, as the one form that can name it. */
const END_OF_TEXT = '9999-12-31T23:59:60';

/**
 * `YYYY-MM-DDTHH:MM:SS`, with `.ffffff` only if the fraction is not zero; finer parts than microseconds are cut. Times before the year 0
 * and behind 9999 (the end of a wide bin) become the first and the last that have a text.
 */
export function readerTimeText(time: TimePoint): string {
  if (!isPrintableDay(time.day)) return time.day < 0 ? '0000-01-01T00:00:00' : END_OF_TEXT;
  const nanosecond = time.nanosecond - (time.nanosecond % 1000);
  return formatTime({ day: time.day, nanosecond }, { decimals: nanosecond % 1_000_000_000 === 0 ? 0 : 6 });
}
