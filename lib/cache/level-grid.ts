/**
 * Bins of a level against a range of time (server-internals 2.12): whole microseconds, counted from 2000-01-01T00:00.
 *
 * Only levels whose bin divides their period (for months and years: the day) have this one grid; `isOnGrid` tells.
 */
import type { CacheLevel } from '../source/cache-level.js';
import type { TimeRange } from '../source/time-range.js';
import { compareTimes, type TimePoint } from '../stream/time.js';

const NANOSECONDS_PER_DAY = 86_400_000_000_000n;
const PERIOD_MICROSECONDS = { persecond: 1e6, perminute: 60e6, hourly: 3600e6, daily: 86_400e6 } as const;

/** True if bins of the level never straddle blocks. Full resolution has none. */
export function isOnGrid({ microseconds, period }: Pick<CacheLevel, 'microseconds' | 'period'>): boolean {
  if (microseconds === 0) return true;
  const length = period === 'monthly' || period === 'yearly' ? PERIOD_MICROSECONDS.daily : PERIOD_MICROSECONDS[period];
  return length % microseconds === 0;
}

/** The range made larger to whole bins. */
export function wholeBins(range: TimeRange, microseconds: number): TimeRange {
  if (microseconds === 0) return range;
  const width = BigInt(microseconds) * 1000n;
  const begin = floorTo(nanoseconds(range.begin), width);
  const last = nanoseconds(range.end);
  const floored = floorTo(last, width);
  return { begin: timeOf(begin), end: timeOf(floored === last ? last : floored + width) };
}

/** Where the x of a record must lie to be sent: in the range, or in the bin that holds its begin if no bin has its centre in the range. */
export function keptRange(range: TimeRange, microseconds: number): TimeRange {
  if (microseconds === 0) return range;
  const width = BigInt(microseconds) * 1000n;
  const begin = nanoseconds(range.begin);
  const bin = floorTo(begin, width);
  let centre = bin + width / 2n;
  if (centre < begin) centre += width;
  if (centre < nanoseconds(range.end)) return range;
  return { begin: timeOf(bin), end: timeOf(bin + width) };
}

/** The part of a range inside a valid range, if there is one. */
export function clipped(range: TimeRange, valid: TimeRange | undefined): TimeRange {
  if (valid === undefined) return range;
  return {
    begin: compareTimes(range.begin, valid.begin) < 0 ? valid.begin : range.begin,
    end: compareTimes(range.end, valid.end) > 0 ? valid.end : range.end,
  };
}

function nanoseconds(time: TimePoint): bigint {
  return BigInt(time.day) * NANOSECONDS_PER_DAY + BigInt(time.nanosecond);
}

function timeOf(value: bigint): TimePoint {
  const day = floorTo(value, NANOSECONDS_PER_DAY);
  return { day: Number(day / NANOSECONDS_PER_DAY), nanosecond: Number(value - day) };
}

function floorTo(value: bigint, width: bigint): bigint {
  const rest = value % width;
  return value - (rest < 0n ? rest + width : rest);
}
