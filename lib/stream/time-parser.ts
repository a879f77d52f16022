/**
 * Time text to time point: the free grammar that all das2 programs share (stream-format 6.5), and the strict ISO grammar.
 *
 * The free grammar is loose on purpose: it reads `2000-002`, `Jan 2, 2000`, `1/2/2000 0304` and the compact
 * `20000102T030405.5`. It knows no zone: all times are UTC. Text that names an impossible date or clock time, or a year before 0, is refused.
 *
 *     time    = date [ separators clock ]
 *     date    = tokens in any order that give year and month [day], or year and day of year
 *     clock   = hour [ minute [ second ] ] | hhmm [ second ] ; a token with a point is the second and ends the text
 *     compact = YYYYMMDD [ T hh [ mm [ ss [ .f ] ] ] ]
 */
import { Das2Error } from '../error.js';
import { dayFromDate, dayOfJanuaryFirst, daysInMonth, isLeapYear } from './calendar.js';
import { type TimePoint, timePoint } from './time-point.js';

const ZERO = 0x30;
/** Characters of the text that are looked at. */
const MAXIMUM_LENGTH = 80;

const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
] as const;

/** A sign in front is no separator: what follows would be taken for a year after 0. */
const NEGATIVE = /^\s*-/;
const COMPACT = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(?:(\d\d)(?:(\d\d(?:\.\d*)?))?)?)?$/;
const ISO =
  /^\d{4}-(?:(?:0[1-9]|1[0-2])|(?:(?:0[1-9]|1[0-2])-\d\d|\d{3})(?:T\d\d(?::\d\d(?::\d\d(?:\.\d{1,30})?)?)?)?)Z?$/;

/**
 * True if the whole text is an ISO-8601 calendar or ordinal time of digits and `-T:.Z` alone, at least year and month
 * (server-protocol 4.5, first two rows). Only the grammar is looked at: `parseTime` decides whether the date exists. A month
 * above 12 is no ISO: the free grammar takes 2010-13-01 for January 13, which readers need not do.
 */
export function isIsoTime(text: string): boolean {
  return plainTime(text) !== undefined || ISO.test(text);
}

/**
 * The time point that a text means (stream-format 6.5).
 * Throws `Das2Error` `valueEncoding` with the text and the reason.
 */
export function parseTime(text: string): TimePoint {
  return plainTime(text) ?? freeTime(text);
}

/**
 * The time of `YYYY-MM-DD`, `YYYY-MM-DDTHH:MM` and `YYYY-MM-DDTHH:MM:SS`, which most texts are, in few steps; undefined for all others and for
 * dates that there are not, which the free grammar reads or refuses.
 */
function plainTime(text: string): TimePoint | undefined {
  const { length } = text;
  if ((length !== 10 && length !== 16 && length !== 19) || text[4] !== '-' || text[7] !== '-') return undefined;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const dayOfMonth = twoDigits(text, 8);
  // What is no number fails each comparison.
  if (!(year >= 0 && month >= 1 && month <= 12 && dayOfMonth >= 1 && dayOfMonth <= daysInMonth(year, month))) {
    return undefined;
  }
  let seconds = 0;
  if (length > 10) {
    const hour = twoDigits(text, 11);
    const minute = twoDigits(text, 14);
    const second = length === 19 && text[16] === ':' ? twoDigits(text, 17) : length === 16 ? 0 : Number.NaN;
    if (text[10] !== 'T' || text[13] !== ':' || !(hour <= 23 && minute <= 59 && second <= 59)) return undefined;
    seconds = hour * 3600 + minute * 60 + second;
  }
  return { day: dayFromDate(year, month, dayOfMonth), nanosecond: seconds * 1e9 };
}

/** The number of two digits; NaN if they are none. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function freeTime(text: string): TimePoint {
  let head = text.length > MAXIMUM_LENGTH ? text.slice(0, MAXIMUM_LENGTH) : text;
  const zulu = head.indexOf('Z');
  if (zulu >= 0) head = head.slice(0, zulu);
  head = head.replaceAll(',', '.');
  if (NEGATIVE.test(head)) refuse(text, 'a year before 0 cannot be read');
  const compact = COMPACT.exec(head.trim());
  if (compact !== null) return compactTime(compact, text);
  const [dateTokens, clockTokens] = splitTokens(head, text);
  return clockTime(dateDay(dateTokens, text), clockTokens, text);
}

function refuse(text: string, reason: string): never {
  const shown = text.length > MAXIMUM_LENGTH ? `${text.slice(0, MAXIMUM_LENGTH)}...` : text;
  throw new Das2Error('valueEncoding', `cannot read the time '${shown}': ${reason}`);
}

function compactTime(match: RegExpExecArray, text: string): TimePoint {
  const day = checkedDay(Number(match[1]), Number(match[2]), Number(match[3]), text);
  const clock: string[] = [];
  for (const token of [match[4], match[5], match[6]]) if (token !== undefined) clock.push(token);
  return clockTime(day, clock, text);
}

/** Cuts the text into the tokens that belong to the date and those that belong to the clock. */
function splitTokens(head: string, text: string): [string[], string[]] {
  const separator = /\dT/.exec(head);
  if (separator !== null) {
    const end = separator.index + 1;
    return [tokensOf(head.slice(0, end), /[ \t/\-:_;\r\n]+/), tokensOf(head.slice(end + 1), /[ \t/\-:_;\r\nT]+/)];
  }
  // Without a T the date goes on until it is complete, at most to the third separator that is not white space.
  const tokens: string[] = [];
  const clock: string[] = [];
  let start = -1;
  let marks = 0;
  const state = new DateParts(text);
  for (let i = 0; i <= head.length; i++) {
    const character = head[i] ?? ' ';
    if (!' \t/-:_;\r\n'.includes(character)) {
      if (start < 0) start = i;
      continue;
    }
    if (start >= 0) {
      const token = head.slice(start, i);
      start = -1;
      if (!isBracketedDayOfYear(token)) {
        if (marks < 3 && !state.complete) {
          state.add(token);
          tokens.push(token);
        } else clock.push(token);
      }
    }
    if (character !== ' ' && character !== '\t') marks++;
  }
  return [tokens, clock];
}

function tokensOf(text: string, separators: RegExp): string[] {
  return text.split(separators).filter((token) => token !== '' && !isBracketedDayOfYear(token));
}

/** A day of year in brackets beside a calendar date, as das1 programs print it, says nothing new. */
function isBracketedDayOfYear(token: string): boolean {
  return /^\(\d{3}\)$/.test(token);
}

function dateDay(tokens: readonly string[], text: string): number {
  if (tokens.length === 0) refuse(text, 'there is no date');
  const parts = new DateParts(text);
  for (const token of tokens) parts.add(token);
  return parts.day();
}

/** What is known of a date while its tokens are read from left to right. */
class DateParts {
  private year: number | undefined;
  private month: number | undefined;
  private monthIsNamed = false;
  private dayOfMonth: number | undefined;
  private dayOfYear: number | undefined;
  private loneYear = false;

  constructor(private readonly text: string) {}

  get complete(): boolean {
    return (
      this.year !== undefined &&
      (this.dayOfYear !== undefined || (this.month !== undefined && this.dayOfMonth !== undefined))
    );
  }

  add(token: string): void {
    if (this.complete) refuse(this.text, `'${token}' is too much for a date`);
    if (/^[A-Za-z]/.test(token)) this.addMonthName(token);
    else this.addNumber(token);
  }

  private addMonthName(token: string): void {
    // `Jan.` and `Jan,` are the month too.
    const name = token.replace(/\.$/, '').toLowerCase();
    const index = name.length < 3 ? -1 : MONTHS.findIndex((month) => month.startsWith(name));
    if (index < 0) refuse(this.text, `'${token}' is no month`);
    if (this.monthIsNamed || this.dayOfYear !== undefined) refuse(this.text, `'${token}' is a second month`);
    if (this.month !== undefined) {
      // A small number in front of the name was the day.
      if (this.dayOfMonth !== undefined) refuse(this.text, `'${token}' is a second month`);
      this.dayOfMonth = this.month;
    }
    this.month = index + 1;
    this.monthIsNamed = true;
  }

  private addNumber(token: string): void {
    const digits = token.endsWith('.') ? token.slice(0, -1) : token;
    if (!/^\d{1,4}$/.test(digits)) refuse(this.text, `'${token}' is no part of a date`);
    const value = Number(digits);
    if (digits.length === 4) this.setYear(value, token, true);
    else if (value === 0) refuse(this.text, `'${token}' is no part of a date`);
    else if (value > 31) {
      if (this.year === undefined) this.setYear(value + 1900, token, false);
      else this.setDayOfYear(value, token);
    } else if (digits.length === 3 && (value > 12 || this.year !== undefined)) this.setDayOfYear(value, token);
    else if (value > 12 || this.month !== undefined) this.setDayOfMonth(value, token);
    else this.month = value;
  }

  private setYear(year: number, token: string, lone: boolean): void {
    if (this.year !== undefined) refuse(this.text, `'${token}' is a second year`);
    this.year = year;
    this.loneYear = lone;
  }

  private setDayOfYear(value: number, token: string): void {
    if (this.month !== undefined || this.dayOfMonth !== undefined || this.dayOfYear !== undefined) {
      refuse(this.text, `'${token}' is a day of year beside a month or day`);
    }
    this.dayOfYear = value;
  }

  private setDayOfMonth(value: number, token: string): void {
    if (this.dayOfMonth !== undefined || this.dayOfYear !== undefined) refuse(this.text, `'${token}' is a second day`);
    this.dayOfMonth = value;
  }

  day(): number {
    const { year, month, dayOfMonth, dayOfYear, text } = this;
    if (year === undefined) refuse(text, 'there is no year');
    if (dayOfYear !== undefined) {
      if (dayOfYear > (isLeapYear(year) ? 366 : 365)) refuse(text, `the year ${year} has no day ${dayOfYear}`);
      return dayOfJanuaryFirst(year) + dayOfYear - 1;
    }
    if (month !== undefined) return checkedDay(year, month, dayOfMonth ?? 1, text);
    if (dayOfMonth === undefined && this.loneYear) return dayOfJanuaryFirst(year);
    return refuse(text, 'there is no month');
  }
}

function checkedDay(year: number, month: number, dayOfMonth: number, text: string): number {
  if (month < 1 || month > 12) refuse(text, `there is no month ${month}`);
  if (dayOfMonth < 1 || dayOfMonth > daysInMonth(year, month)) refuse(text, `the month has no day ${dayOfMonth}`);
  return dayFromDate(year, month, dayOfMonth);
}

function clockTime(day: number, tokens: readonly string[], text: string): TimePoint {
  const whole: number[] = [];
  let nanosecond = 0;
  for (const [position, token] of tokens.entries()) {
    if (whole.length > 2) refuse(text, `'${token}' stands behind the seconds`);
    const match = /^(\d*)(?:(\.)(\d*))?$/.exec(token);
    const digits = match?.[1] ?? '';
    if (match === null || digits.length + (match[3]?.length ?? 0) === 0)
      refuse(text, `'${token}' is no part of a time`);
    if (match[2] === undefined) {
      if (position === 0 && digits.length === 4) whole.push(Number(digits.slice(0, 2)), Number(digits.slice(2)));
      else whole.push(Number(digits));
      continue;
    }
    // A token with a fraction is the second, and the end: anything behind it (` UTC`) is ignored.
    while (whole.length < 2) whole.push(0);
    whole.push(Number(digits));
    nanosecond = fractionNanoseconds(match[3] ?? '');
    break;
  }
  const [hour = 0, minute = 0, second = 0] = whole;
  if (hour > 23) refuse(text, `there is no hour ${hour}`);
  if (minute > 59) refuse(text, `there is no minute ${minute}`);
  if (second > 61) refuse(text, `there is no second ${second}`);
  return timePoint(day, (hour * 3600 + minute * 60 + second) * 1e9 + nanosecond);
}

/** Digits behind the point as nanoseconds, rounded half up. */
function fractionNanoseconds(digits: string): number {
  const nine = Number(digits.slice(0, 9).padEnd(9, '0'));
  return digits.charCodeAt(9) >= 0x35 ? nine + 1 : nine;
}
