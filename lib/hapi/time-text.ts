/**
 * Times in HAPI requests and documents (server-internals 6.8): a strict grammar, whole nanoseconds.
 *
 *     YYYY | YYYY-MM | date [ T hh [ :mm [ :ss [ . fraction ] ] ] ]   each with or without Z        date: YYYY-MM-DD | YYYY-DDD
 *
 * Contract: only days that exist. Hour 24 is 24:00:00 alone. Second 60 is taken where there was a leap second and means the next second.
 */
import { dayFromDate, dayOfJanuaryFirst, daysInMonth, isLeapYear } from '../stream/calendar.js';
import { LEAP_SECONDS } from '../stream/leap-seconds.js';
import { formatTime, type TimePoint, timePoint } from '../stream/time.js';

const GRAMMAR =
  /^(\d{4})(?:-(\d\d)|(?:-(\d\d)-(\d\d)|-(\d{3}))(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{0,9}))?)?)?)?)?Z?$/;
const SECOND = 1e9;

/** The moment that a text means; undefined if it is none. */
export function parseHapiTime(text: string): TimePoint | undefined {
  const match = GRAMMAR.exec(text);
  if (match === null) return undefined;
  const [, year = '', loneMonth, month, dayOfMonth, dayOfYear, hour, minute, second, fraction = ''] = match;
  const day =
    dayOfYear === undefined
      ? dayInMonth(Number(year), Number(loneMonth ?? month ?? 1), Number(dayOfMonth ?? 1))
      : dayInYear(Number(year), Number(dayOfYear));
  const seconds = secondsOfDay(Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0));
  const nanosecond = Number(fraction.padEnd(9, '0'));
  if (day === undefined || seconds === undefined) return undefined;
  if (hour === '24' && (second === undefined || nanosecond > 0)) return undefined;
  if (second === '60' && !(hour === '23' && minute === '59' && endsInLeapSecond(day))) return undefined;
  return timePoint(day, seconds * SECOND + nanosecond);
}

function dayInMonth(year: number, month: number, dayOfMonth: number): number | undefined {
  const isDate = month >= 1 && month <= 12 && dayOfMonth >= 1 && dayOfMonth <= daysInMonth(year, month);
  return isDate ? dayFromDate(year, month, dayOfMonth) : undefined;
}

function dayInYear(year: number, dayOfYear: number): number | undefined {
  const isDay = dayOfYear >= 1 && dayOfYear <= (isLeapYear(year) ? 366 : 365);
  return isDay ? dayOfJanuaryFirst(year) + dayOfYear - 1 : undefined;
}

/** Seconds from midnight; undefined for a time that no day has. The second 60 is for the caller to allow. */
function secondsOfDay(hour: number, minute: number, second: number): number | undefined {
  const isTime = hour < 24 ? minute < 60 && second <= 60 : hour === 24 && minute === 0 && second === 0;
  return isTime ? (hour * 60 + minute) * 60 + second : undefined;
}

/** The first entry of the table is where leap seconds began, and none itself. */
function endsInLeapSecond(day: number): boolean {
  return LEAP_SECONDS.slice(1).some(([, year, month]) => dayFromDate(year, month, 1) === day + 1);
}

/** A time of a document: `YYYY-MM-DDThh:mm:ss.sssZ`, finer parts cut. */
export function hapiTimeText(time: TimePoint, decimals: 3 | 6 | 9 = 3): string {
  const unit = 10 ** (9 - decimals);
  const nanosecond = Math.floor(time.nanosecond / unit) * unit;
  return `${formatTime({ day: time.day, nanosecond }, { decimals })}Z`;
}

/** A duration in seconds as ISO 8601 text: `PT60S`, `PT0.25S`; at most three significant digits unless `exact`. */
export function hapiDuration(seconds: number, exact = false): string {
  const value = exact ? seconds : Number(seconds.toPrecision(3));
  const plain = value.toFixed(9).replace(/\.?0+$/, '');
  return `PT${plain}S`;
}
