/**
 * A moment of UTC as two integers, exact to the nanosecond, and its relation to `us2000`.
 *
 * Every day has 86400 s; a leap second counts as the first second of the next minute (stream-format 6.5). A double in
 * us2000 holds today's times to an eighth of a microsecond only, hence the pair.
 */

export interface TimePoint {
  /** Whole days since 2000-01-01, may be negative. */
  readonly day: number;
  /** Nanosecond of the day, 0 to 86399999999999. */
  readonly nanosecond: number;
}

export const NANOSECONDS_PER_DAY = 86_400_000_000_000;
export const MICROSECONDS_PER_DAY = 86_400_000_000;

/** The time point of a day and any number of whole nanoseconds after its midnight: carries into the day. */
export function timePoint(day: number, nanosecond: number): TimePoint {
  if (nanosecond >= 0 && nanosecond < NANOSECONDS_PER_DAY) return { day, nanosecond };
  const carry = Math.floor(nanosecond / NANOSECONDS_PER_DAY);
  return { day: day + carry, nanosecond: nanosecond - carry * NANOSECONDS_PER_DAY };
}

/** Microseconds since 2000-01-01T00:00; exact for whole microseconds within 285 years of 2000. */
export function us2000FromTime(time: TimePoint): number {
  return time.day * MICROSECONDS_PER_DAY + time.nanosecond / 1000;
}

/** The time point nearest to a value in us2000. The value must be finite. */
export function timeFromUs2000(us2000: number): TimePoint {
  const day = Math.floor(us2000 / MICROSECONDS_PER_DAY);
  return timePoint(day, Math.round((us2000 - day * MICROSECONDS_PER_DAY) * 1000));
}

/** Negative, zero or positive as `a` is before, at or after `b`. */
export function compareTimes(a: TimePoint, b: TimePoint): number {
  return a.day - b.day || a.nanosecond - b.nanosecond;
}

/** The time point a number of whole nanoseconds (below 2^53) later, or earlier if negative. */
export function addNanoseconds(time: TimePoint, nanoseconds: number): TimePoint {
  const days = Math.floor(nanoseconds / NANOSECONDS_PER_DAY);
  return timePoint(time.day + days, time.nanosecond + (nanoseconds - days * NANOSECONDS_PER_DAY));
}
