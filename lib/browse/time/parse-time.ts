/**
 * Reads the times that people and old programs write (browse-export 3.3). First match wins:
 *
 *   1999.10.09_05:30:00_TAI, 1999.10.09_05, 1999.10.09    calendar and clock; parts left out take the begin of the interval named
 *   1999.10.09.25                                         hundredths (or more digits) of a day
 *   1999-10-09T05:30Z, 1999-10-09                         ISO 8601
 *   1999-282T05:30                                        ISO 8601 with the day of the year
 *   +24h, +90m, +2d                                       behind another time, where that makes sense
 *   #59333                                                a record
 *
 * A suffix `Z`, `_UTC`, `_UT` or `_TAI` names the scale. Faults name the field.
 */
import { dayFromDate, dayOfJanuaryFirst, daysInMonth, isLeapYear } from '../../stream/calendar.js';
import { fieldError, shown } from '../faults.js';
import type { CivilTime, Scale } from './scales.js';

/** What a text names. */
export type TimeText =
  /** `scale` undefined: the text does not say. A second of 86400 is 23:59:60, which exists in UTC on few days. */
  | { readonly kind: 'time'; readonly civil: CivilTime; readonly scale: Scale | undefined }
  /** Seconds behind the start. */
  | { readonly kind: 'relative'; readonly seconds: number }
  | { readonly kind: 'record'; readonly record: number };

export interface TimeTextOptions {
  /** Named in faults. */
  readonly field: string;
  /** Forms `+24h` are allowed. */
  readonly relative?: boolean;
  /** Forms `#59333` are allowed. */
  readonly record?: boolean;
}

const CLOCK = '(\\d{2})(?::(\\d{2})(?::(\\d{2})(?:\\.(\\d{1,9}))?)?)?';
const DOTTED = new RegExp(`^(\\d{4})(?:\\.(\\d{2})(?:\\.(\\d{2})(?:_${CLOCK})?)?)?$`);
const FRACTION = /^(\d{4})\.(\d{2})\.(\d{2})\.(\d{1,9})$/;
const ISO = new RegExp(`^(\\d{4})(?:-(\\d{2})(?:-(\\d{2})(?:[T ]${CLOCK})?)?)?$`);
const ORDINAL = new RegExp(`^(\\d{4})-(\\d{3})(?:[T ]${CLOCK})?$`);
const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const LONGEST = 64;

/** What the text names. Throws `illegalArgument` that names the field. */
export function parseTimeText(given: string, options: TimeTextOptions): TimeText {
  const text = given.trim();
  const refuse = (reason: string): never => {
    throw fieldError(
      options.field,
      `'${shown(text)}' is not a time: ${reason}`,
      'write 1999-10-09T05:30 or 1999.10.09_05:30_TAI',
    );
  };
  if (text === '' || text.length > LONGEST) return refuse('it is empty or too long');
  const special = specialForm(text, options, refuse);
  if (special !== undefined) return special;
  const suffix = /(?:_(TAI|UTC|UT)|(Z))$/i.exec(text);
  const scale = suffix === null ? undefined : suffix[1]?.toUpperCase() === 'TAI' ? 'TAI' : 'UTC';
  return { kind: 'time', civil: civilTime(suffix === null ? text : text.slice(0, suffix.index), refuse), scale };
}

function specialForm(text: string, options: TimeTextOptions, refuse: (reason: string) => never): TimeText | undefined {
  // A plus sign that stands in an address as it is means a blank, which has gone by now.
  if (text.startsWith('+') || /^\d{1,6}[smhd]$/i.test(text)) {
    if (options.relative !== true) return refuse('only stop can be given as a time after start');
    const match = /^\+?(\d{1,6})([smhd])$/i.exec(text);
    if (match === null) return refuse('a time after start is written +24h, +90m or +2d');
    return { kind: 'relative', seconds: Number(match[1]) * (UNIT_SECONDS[match[2]?.toLowerCase() ?? ''] ?? 0) };
  }
  if (text.startsWith('#')) {
    if (options.record !== true) return refuse('a record cannot be given here');
    if (!/^#-?\d{1,10}$/.test(text)) return refuse('a record is written #59333');
    return { kind: 'record', record: Number(text.slice(1)) };
  }
  return undefined;
}

function civilTime(text: string, refuse: (reason: string) => never): CivilTime {
  if (/^\d{1,2}[.-]/.test(text)) return refuse('the year must have four digits');
  const fraction = FRACTION.exec(text);
  if (fraction !== null) {
    const day = dayOfDate(fraction[1], fraction[2], fraction[3], refuse);
    return { day, ...partOfDay(fraction[4] ?? '') };
  }
  const date = DOTTED.exec(text) ?? ISO.exec(text);
  if (date !== null) {
    const [, year, month, dayOfMonth, ...clock] = date;
    return { day: dayOfDate(year, month, dayOfMonth, refuse), ...secondOfDay(clock, refuse) };
  }
  const ordinal = ORDINAL.exec(text);
  if (ordinal === null) return refuse('it has none of the known forms');
  const [, year, dayOfYear, ...clock] = ordinal;
  const [y, n] = [Number(year), Number(dayOfYear)];
  if (y < 1 || n < 1 || n > (isLeapYear(y) ? 366 : 365)) return refuse('there is no such day of the year');
  return { day: dayOfJanuaryFirst(y) + n - 1, ...secondOfDay(clock, refuse) };
}

function dayOfDate(
  year: string | undefined,
  month = '01',
  dayOfMonth = '01',
  refuse: (reason: string) => never,
): number {
  const [y, m, d] = [Number(year), Number(month), Number(dayOfMonth)];
  if (y < 1 || m < 1 || m > 12) return refuse('there is no such month');
  if (d < 1 || d > daysInMonth(y, m)) return refuse('there is no such day');
  return dayFromDate(y, m, d);
}

function secondOfDay(
  [hour = '00', minute = '00', second = '00', fraction = '']: readonly (string | undefined)[],
  refuse: (reason: string) => never,
): { second: number; nanosecond: number } {
  const [h, m, s] = [Number(hour), Number(minute), Number(second)];
  const isLeapSecond = h === 23 && m === 59 && s === 60;
  if (h > 23 || m > 59 || (s > 59 && !isLeapSecond)) return refuse('there is no such time of day');
  return { second: h * 3600 + m * 60 + s, nanosecond: Number(fraction.padEnd(9, '0')) };
}

/** `25` is a quarter of a day. Whole nanoseconds, in integers. */
function partOfDay(digits: string): { second: number; nanosecond: number } {
  const nanoseconds = (BigInt(digits) * 86_400_000_000_000n) / 10n ** BigInt(digits.length);
  return { second: Number(nanoseconds / 1_000_000_000n), nanosecond: Number(nanoseconds % 1_000_000_000n) };
}
