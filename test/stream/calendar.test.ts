/**
 * The calendar against the language's own, which is proleptic Gregorian too.
 */
import fc from 'fast-check';
import t from 'tap';
import {
  dateFromDay,
  dayFromDate,
  dayOfJanuaryFirst,
  dayOfYear,
  daysInMonth,
  isLeapYear,
} from '../../lib/stream/calendar.js';

const EPOCH = Date.UTC(2000, 0, 1);

t.test('days and dates agree with the language for the years 0 to 9999', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: -730485, max: 2921939 }), (day) => {
      const date = new Date(EPOCH + day * 86_400_000);
      const { year, month, dayOfMonth } = dateFromDay(day);
      return (
        year === date.getUTCFullYear() &&
        month === date.getUTCMonth() + 1 &&
        dayOfMonth === date.getUTCDate() &&
        dayFromDate(year, month, dayOfMonth) === day &&
        dayOfMonth <= daysInMonth(year, month)
      );
    }),
  );
  t.end();
});

t.test('leap years', (t) => {
  for (const [year, leap] of [
    [1900, false],
    [1999, false],
    [2000, true],
    [2004, true],
    [2100, false],
    [0, true],
  ] as const) {
    t.equal(isLeapYear(year), leap, String(year));
    t.equal(dayOfJanuaryFirst(year + 1) - dayOfJanuaryFirst(year), leap ? 366 : 365);
    t.equal(daysInMonth(year, 2), leap ? 29 : 28);
  }
  t.equal(dayOfYear(dayFromDate(2000, 12, 31)), 366);
  t.equal(dayOfYear(dayFromDate(2001, 1, 1)), 1);
  t.end();
});
