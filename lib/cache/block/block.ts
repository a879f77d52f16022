/**
 * The blocks of the cache: calendar pieces of time in UTC, and where the file of each lies below its level's folder.
 *
 *     yearly     YYYY_SUB.SUFFIX
 *     monthly    YYYY/YYYY-MM_SUB.SUFFIX
 *     daily      YYYY/MM/YYYY-MM-DD_SUB.SUFFIX
 *     hourly     YYYY/MM/DD/YYYY-MM-DDThh_SUB.SUFFIX
 *     perminute  YYYY/MM/DD/hh/YYYY-MM-DDThh-mm_SUB.SUFFIX
 *     persecond  YYYY/MM/DD/hh/mm/YYYY-MM-DDThh-mm-ss_SUB.SUFFIX
 *
 * SUB is the level's folder (`bin-60s`, `intrinsic`). Days have 86400 s. Pure arithmetic, no file is touched.
 * Rules: server-internals 2.3, 2.4; stream-format 13.8.
 */
import { CACHE_PERIODS, type CachePeriod } from '../../source/cache-level.js';
import { dateFromDay, dayFromDate } from '../../stream/calendar.js';
import { compareTimes, formatTime, type TimePoint, timePoint } from '../../stream/time.js';

const SECOND = 1e9;
/** Periods of fixed length, in nanoseconds. */
const LENGTHS = { persecond: SECOND, perminute: 60 * SECOND, hourly: 3600 * SECOND, daily: 86400 * SECOND } as const;

/** Longest length of a block of each period, in seconds. */
export const LONGEST_BLOCK_SECONDS: Readonly<Record<CachePeriod, number>> = {
  persecond: 1,
  perminute: 60,
  hourly: 3600,
  daily: 86_400,
  monthly: 31 * 86_400,
  yearly: 366 * 86_400,
};

/** Begin of the block in which a time lies. */
export function blockBegin(time: TimePoint, period: CachePeriod): TimePoint {
  if (period !== 'monthly' && period !== 'yearly') {
    return { day: time.day, nanosecond: time.nanosecond - (time.nanosecond % LENGTHS[period]) };
  }
  const { year, month } = dateFromDay(time.day);
  return { day: dayFromDate(year, period === 'yearly' ? 1 : month, 1), nanosecond: 0 };
}

/** Begin of the block behind the one that begins here. */
export function nextBlockBegin(begin: TimePoint, period: CachePeriod): TimePoint {
  if (period !== 'monthly' && period !== 'yearly') {
    return timePoint(begin.day, begin.nanosecond + LENGTHS[period]);
  }
  const { year, month } = dateFromDay(begin.day);
  if (period === 'yearly' || month === 12) return { day: dayFromDate(year + 1, 1, 1), nanosecond: 0 };
  return { day: dayFromDate(year, month + 1, 1), nanosecond: 0 };
}

/**
 * Begins of all blocks that [begin, end) touches, in order; an end on a block's edge adds none. They come one by one, because a long range has
 * millions of short blocks: the caller counts.
 */
export function* blocksOf(range: { readonly begin: TimePoint; readonly end: TimePoint }, period: CachePeriod) {
  let begin = blockBegin(range.begin, period);
  while (compareTimes(begin, range.end) < 0) {
    yield begin;
    begin = nextBlockBegin(begin, period);
  }
}

/** Number of blocks that a range touches, without counting them one by one where there may be millions. */
export function countBlocks(
  range: { readonly begin: TimePoint; readonly end: TimePoint },
  period: CachePeriod,
): number {
  const { begin, end } = range;
  if (compareTimes(begin, end) >= 0) return 0;
  if (period === 'monthly' || period === 'yearly') {
    const [first, last] = [dateFromDay(begin.day), dateFromDay(blockBegin(end, period).day)];
    const years = last.year - first.year;
    const whole = period === 'yearly' ? years : years * 12 + last.month - first.month;
    return whole + (compareTimes(blockBegin(end, period), end) < 0 ? 1 : 0);
  }
  const [first, last] = [blockBegin(begin, period), blockBegin(end, period)];
  const length = (last.day - first.day) * LENGTHS.daily + (last.nanosecond - first.nanosecond);
  return Math.round(length / LENGTHS[period]) + (compareTimes(last, end) < 0 ? 1 : 0);
}

/** The next shorter period, whose blocks all lie inside those of this one; undefined for the shortest. */
export function shorterPeriod(period: CachePeriod): CachePeriod | undefined {
  return CACHE_PERIODS[CACHE_PERIODS.indexOf(period) - 1];
}

/** The longer of two periods. Blocks of the other one never straddle its blocks. */
export function longerPeriod(a: CachePeriod, b: CachePeriod): CachePeriod {
  return CACHE_PERIODS.indexOf(a) > CACHE_PERIODS.indexOf(b) ? a : b;
}

/** Limits of blocks as readers and jobs get them, as many characters as the period needs (server-internals 2.7). */
export function blockTimeText(time: TimePoint, period: CachePeriod): string {
  const length = period === 'persecond' ? 19 : period === 'perminute' || period === 'hourly' ? 16 : 10;
  return formatTime(time, { decimals: 0 }).slice(0, length);
}

/** Characters of `YYYY-MM-DDThh:mm:ss` that a period needs. */
const PREFIX_LENGTHS: Readonly<Record<CachePeriod, number>> = {
  yearly: 4,
  monthly: 7,
  daily: 10,
  hourly: 13,
  perminute: 16,
  persecond: 19,
};

/** Path of a block's file below the folder of its level. `directory` is that folder's name, `suffix` `d2s` or `qds`. */
export function blockPath(
  begin: TimePoint,
  period: CachePeriod,
  directory: string,
  suffix: 'd2s' | 'qds' = 'd2s',
): string {
  const text = formatTime(begin, { decimals: 0 }).slice(0, PREFIX_LENGTHS[period]);
  const parts = text.split(/[-T:]/);
  return [...parts.slice(0, -1), `${text.replaceAll(':', '-')}_${directory}.${suffix}`].join('/');
}
