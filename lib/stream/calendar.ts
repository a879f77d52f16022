/**
 * The proleptic Gregorian calendar as integer arithmetic on whole days since 2000-01-01.
 *
 * Years are astronomical (year 0 exists). Nothing here knows about clocks, leap seconds or text.
 */

const DAYS_BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334] as const;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

export interface CalendarDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly dayOfMonth: number;
}

/** True if the year has 366 days. */
export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Number of days of a month (1 to 12) in a year. */
export function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : (DAYS_IN_MONTH[month - 1] ?? 0);
}

/** Whole days from 2000-01-01 to January 1 of the year. */
export function dayOfJanuaryFirst(year: number): number {
  const before = year - 1;
  return before * 365 + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) - 730119;
}

/** Whole days from 2000-01-01 to a calendar date. Parts are taken as they are: check ranges first. */
export function dayFromDate(year: number, month: number, dayOfMonth: number): number {
  const leap = month > 2 && isLeapYear(year) ? 1 : 0;
  return dayOfJanuaryFirst(year) + (DAYS_BEFORE_MONTH[month - 1] ?? 0) + leap + dayOfMonth - 1;
}

/** The calendar date of a day counted from 2000-01-01. */
export function dateFromDay(day: number): CalendarDate {
  // Count from 0000-03-01, so that the leap day is the last day of its year.
  const shifted = day + 730425;
  const era = Math.floor(shifted / 146097);
  const dayOfEra = shifted - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const dayOfMonth = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return { year, month, dayOfMonth };
}

/** Day of the year, 1 to 366, of a day counted from 2000-01-01. */
export function dayOfYear(day: number): number {
  return day - dayOfJanuaryFirst(dateFromDay(day).year) + 1;
}
