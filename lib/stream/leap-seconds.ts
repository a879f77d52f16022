/**
 * TT2000: SI nanoseconds since 2000-01-01T12:00:00 terrestrial time, leap seconds counted (stream-format 6.4).
 *
 * Owns the table of TAI-UTC. Before 1972 the offset stays at 10 s. A moment inside a leap second maps onto the last
 * ordinary second of its day. Conversions from a double are exact in integers; a double itself holds a TT2000 of our
 * time to 64 ns.
 */
import { dayFromDate } from './calendar.js';
import { NANOSECONDS_PER_DAY, type TimePoint, timePoint } from './time-point.js';

/** TAI-UTC in seconds, and the UTC date on which it starts as year and month (day 1). */
export const LEAP_SECONDS: readonly (readonly [offset: number, year: number, month: number])[] = [
  [10, 1972, 1],
  [11, 1972, 7],
  [12, 1973, 1],
  [13, 1974, 1],
  [14, 1975, 1],
  [15, 1976, 1],
  [16, 1977, 1],
  [17, 1978, 1],
  [18, 1979, 1],
  [19, 1980, 1],
  [20, 1981, 7],
  [21, 1982, 7],
  [22, 1983, 7],
  [23, 1985, 7],
  [24, 1988, 1],
  [25, 1990, 1],
  [26, 1991, 1],
  [27, 1992, 7],
  [28, 1993, 7],
  [29, 1994, 7],
  [30, 1996, 1],
  [31, 1997, 7],
  [32, 1999, 1],
  [33, 2006, 1],
  [34, 2009, 1],
  [35, 2012, 7],
  [36, 2015, 7],
  [37, 2017, 1],
];

/** TT2000 of 2000-01-01T00:00 UTC is minus this. */
const NOON_OFFSET = 43_135_816_000_000;
const OFFSET_IN_2000 = 32;
const FIRST_OFFSET = 10;

/** First day (since 2000-01-01) of each offset, newest first. */
const OFFSET_DAYS = LEAP_SECONDS.map(([offset, year, month]) => ({
  offset,
  day: dayFromDate(year, month, 1),
})).reverse();

/** TT2000 at which each offset starts, newest first: the beginning of the leap second itself. */
const OFFSET_STARTS = OFFSET_DAYS.map(({ offset, day }) => ({
  offset,
  start: day * NANOSECONDS_PER_DAY - NOON_OFFSET + (offset - 1 - OFFSET_IN_2000) * 1e9,
}));

function offsetOfTt2000(tt2000: number): number {
  for (const { offset, start } of OFFSET_STARTS) if (tt2000 >= start) return offset;
  return FIRST_OFFSET;
}

function offsetOfDay(day: number): number {
  for (const entry of OFFSET_DAYS) if (day >= entry.day) return entry.offset;
  return FIRST_OFFSET;
}

/** TT2000 to us2000 in the order of operations of stream-format 6.4. */
export function us2000FromTt2000(tt2000: number): number {
  return (tt2000 + NOON_OFFSET - (offsetOfTt2000(tt2000) - OFFSET_IN_2000) * 1e9) / 1000;
}

/** TT2000 to a time point, exact. The value must be finite. */
export function timeFromTt2000(tt2000: number): TimePoint {
  const offset = offsetOfTt2000(tt2000);
  const remainder = tt2000 % NANOSECONDS_PER_DAY;
  const day = (tt2000 - remainder) / NANOSECONDS_PER_DAY;
  return timePoint(day, Math.round(remainder) + NOON_OFFSET - (offset - OFFSET_IN_2000) * 1e9);
}

/** The double nearest to the TT2000 of a time point. */
export function tt2000FromTime(time: TimePoint): number {
  // The first product is exact: a day of nanoseconds is a multiple of 2^16 with 31 bits in front.
  return (
    time.day * NANOSECONDS_PER_DAY + (time.nanosecond - NOON_OFFSET + (offsetOfDay(time.day) - OFFSET_IN_2000) * 1e9)
  );
}
