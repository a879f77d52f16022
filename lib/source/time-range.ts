/**
 * Time ranges as DSDFs write them: `BEGIN to END [UTC] [| text]` (server-protocol 5.5).
 *
 * The word `to` stands between blanks, in any case; tokens `UTC` mean nothing. BEGIN is inclusive, END exclusive.
 */
import { isDas2Error } from '../error.js';
import { compareTimes, parseTime, type TimePoint } from '../stream/time.js';

export interface TimeRange {
  /** Inclusive. */
  readonly begin: TimePoint;
  /** Exclusive. */
  readonly end: TimePoint;
}

/** The two sides of a range text as written, and what follows the bar. */
export interface RangeText {
  readonly begin: string;
  readonly end: string;
  readonly label?: string;
}

/** Days from the Unix epoch to 2000-01-01. */
const DAY_2000 = 10_957;
const MILLISECONDS_PER_DAY = 86_400_000;

/** Splits a range text at its word `to`; undefined if there is not exactly one. */
export function splitRange(text: string): RangeText | undefined {
  return twoWords(text) ?? freeRange(text);
}

/** The sides of `WORD to WORD`, which most ranges are; undefined for all others. */
function twoWords(text: string): RangeText | undefined {
  const to = text.indexOf(' to ');
  const begin = text.slice(0, to);
  const end = text.slice(to + 4);
  return to > 0 && isWord(begin) && isWord(end) ? { begin, end } : undefined;
}

/** True for letters, digits and marks of ASCII, without blanks and bars, that are none of the words with a meaning of their own. */
function isWord(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x20 || code >= 0x7c) return false;
  }
  const word = text.toUpperCase();
  return word !== '' && word !== 'UTC' && word !== 'TO';
}

function freeRange(text: string): RangeText | undefined {
  const bar = unescapedBar(text);
  const words = (bar < 0 ? text : text.slice(0, bar))
    .split(/\s+/)
    .filter((word) => word !== '' && !/^UTC$/i.test(word));
  const at = words.findIndex((word) => word.toLowerCase() === 'to');
  if (at <= 0 || at === words.length - 1) return undefined;
  if (words.slice(at + 1).some((word) => word.toLowerCase() === 'to')) return undefined;
  const label =
    bar < 0
      ? ''
      : text
          .slice(bar + 1)
          .replaceAll('\\|', '|')
          .trim();
  return {
    begin: words.slice(0, at).join(' '),
    end: words.slice(at + 1).join(' '),
    ...(label !== '' && { label }),
  };
}

/** The time point a text means, or undefined if it is none. */
export function readTime(text: string): TimePoint | undefined {
  try {
    return parseTime(text);
  } catch (error) {
    if (isDas2Error(error)) return undefined;
    throw error;
  }
}

/** The time point of a moment in milliseconds since 1970, as `Date.now()` gives it. */
export function timeFromUnix(milliseconds: number): TimePoint {
  const day = Math.floor(milliseconds / MILLISECONDS_PER_DAY);
  return { day: day - DAY_2000, nanosecond: Math.round((milliseconds - day * MILLISECONDS_PER_DAY) * 1e6) };
}

/** The part of a range inside another; undefined if nothing is left. */
export function intersection(a: TimeRange, b: TimeRange): TimeRange | undefined {
  const begin = compareTimes(a.begin, b.begin) >= 0 ? a.begin : b.begin;
  const end = compareTimes(a.end, b.end) <= 0 ? a.end : b.end;
  return compareTimes(begin, end) < 0 ? { begin, end } : undefined;
}

/** Index of the first bar that is not written `\|`, or -1. */
function unescapedBar(text: string): number {
  let at = text.indexOf('|');
  while (at > 0 && text[at - 1] === '\\') at = text.indexOf('|', at + 1);
  return at;
}
