/**
 * Where the ticks of an axis stand and what is written beside them: times (UTC, from millennia to nanoseconds), linear and logarithmic
 * numbers. Pure.
 *
 * Times are us2000 (microseconds since 2000-01-01). The labels of a time axis name the day only where it changes.
 */
import { dateFromDay, dayFromDate } from '../../stream/calendar.js';
import { MICROSECONDS_PER_DAY, timeFromUs2000 } from '../../stream/time-point.js';
import { formatTime } from '../../stream/time-text.js';

export interface TimeTick {
  readonly at: number;
  /** Time of day, or month or year for long ranges. */
  readonly label: string;
  /** The day, where it is new; else ''. */
  readonly dayLabel: string;
}

/** Steps below a day in microseconds. */
const CLOCK_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 14400, 21600, 43200].map(
  (seconds) => seconds * 1e6,
);
const DAY_STEPS = [1, 2, 5, 10];
const MONTH_STEPS = [1, 2, 3, 6, 12];

/** Ticks of a time axis, at most `count` (2 or more). */
export function timeTicks(begin: number, end: number, count: number): TimeTick[] {
  const width = end - begin;
  if (!(width > 0) || !Number.isFinite(width)) return [];
  const wanted = width / Math.max(2, count);
  if (wanted < 1e6) return clockTicks(begin, end, niceStep(wanted));
  const clock = CLOCK_STEPS.find((step) => step >= wanted);
  if (clock !== undefined) return clockTicks(begin, end, clock);
  const day = DAY_STEPS.find((days) => days * MICROSECONDS_PER_DAY >= wanted);
  if (day !== undefined) return dayTicks(begin, end, day);
  const months = wanted / (MICROSECONDS_PER_DAY * 30.5);
  const month = MONTH_STEPS.find((step) => step >= months);
  return monthTicks(begin, end, month ?? 12 * Math.max(1, niceStep(months / 12)));
}

function clockTicks(begin: number, end: number, step: number): TimeTick[] {
  const decimals = step >= 1e6 ? 0 : Math.min(9, Math.ceil(6 - Math.log10(step) - 1e-9));
  const ticks: TimeTick[] = [];
  // Counted from midnight, so that steps that do not divide a number stay round.
  const midnight = Math.floor(begin / MICROSECONDS_PER_DAY) * MICROSECONDS_PER_DAY;
  // A begin that is above a tick by the rounding of its number alone still has it; by more than half a microsecond it is behind it.
  const rounding = Math.min(step * 1e-9, 0.5);
  let shownDay = '';
  for (let i = Math.ceil((begin - midnight - rounding) / step); ; i++) {
    const at = midnight + i * step;
    if (at > end) return ticks;
    const text = formatTime(timeFromUs2000(at), { decimals: decimals as 0 });
    const day = text.slice(0, 10);
    const clock = text.slice(11);
    ticks.push({
      at,
      label: step % 60e6 === 0 ? clock.slice(0, 5) : clock,
      dayLabel: day === shownDay ? '' : day,
    });
    shownDay = day;
  }
}

function dayTicks(begin: number, end: number, step: number): TimeTick[] {
  const ticks: TimeTick[] = [];
  let shownYear = '';
  for (let day = Math.ceil(begin / MICROSECONDS_PER_DAY); day * MICROSECONDS_PER_DAY <= end; day++) {
    const { year, month, dayOfMonth } = dateFromDay(day);
    // Counted anew in each month; the last days of a month would stand too close to the first of the next.
    if ((dayOfMonth - 1) % step !== 0 || (step > 1 && dayOfMonth > 31 - step / 2)) continue;
    const shown = String(year).padStart(4, '0');
    ticks.push({
      at: day * MICROSECONDS_PER_DAY,
      label: `${two(month)}-${two(dayOfMonth)}`,
      dayLabel: shown === shownYear ? '' : shown,
    });
    shownYear = shown;
  }
  return ticks;
}

function monthTicks(begin: number, end: number, step: number): TimeTick[] {
  const ticks: TimeTick[] = [];
  const first = dateFromDay(Math.floor(begin / MICROSECONDS_PER_DAY));
  for (let months = Math.floor((first.year * 12 + first.month - 1) / step) * step; ; months += step) {
    const year = Math.floor(months / 12);
    const month = (months % 12) + 1;
    const at = dayFromDate(year, month, 1) * MICROSECONDS_PER_DAY;
    if (at > end) return ticks;
    if (at < begin) continue;
    const shown = String(year).padStart(4, '0');
    ticks.push({ at, label: step >= 12 ? shown : `${shown}-${two(month)}`, dayLabel: '' });
  }
}

/** Ticks of a linear axis: multiples of 1, 2 or 5 times a power of ten. */
export function linearTicks(min: number, max: number, count: number): number[] {
  if (!(max > min) || !Number.isFinite(max - min)) return Number.isFinite(min) ? [min] : [];
  const step = niceStep((max - min) / Math.max(1, count));
  const ticks: number[] = [];
  for (let i = Math.ceil(min / step - 1e-9); i * step <= max + step * 1e-9; i++) ticks.push(i * step);
  return ticks;
}

/** Ticks of a logarithmic axis: powers of ten, thinned to at most `count`; both ends must be above zero. */
export function logTicks(min: number, max: number, count: number): number[] {
  if (!(min > 0) || !(max >= min)) return [];
  const first = Math.ceil(Math.log10(min) - 1e-9);
  const last = Math.floor(Math.log10(max) + 1e-9);
  const every = Math.max(1, Math.ceil((last - first + 1) / Math.max(1, count)));
  const ticks: number[] = [];
  for (let power = first; power <= last; power += every) ticks.push(10 ** power);
  return ticks.length > 1 ? ticks : linearTicks(min, max, count).filter((tick) => tick > 0);
}

/** The smallest of 1, 2, 5 times a power of ten that is not less than `wanted`. */
export function niceStep(wanted: number): number {
  const power = 10 ** Math.floor(Math.log10(wanted));
  for (const factor of [1, 2, 5]) if (factor * power >= wanted * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
