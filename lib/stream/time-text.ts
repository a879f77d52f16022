/**
 * Time text on the wire: `timeN` fields in both directions (stream-format 5.3, 5.4), and ISO text for people and readers.
 *
 * Writers and readers are objects that keep the date and the minute of the last value: neighbouring records mostly share
 * them, which saves the calendar arithmetic. Fields that are written are rounded to the last decimal shown with the carry
 * running through to the date, but not beyond 9999; fields that are cut off are truncated. NaN and infinities, the fill value -1e31
 * among them, are written as 0001-01-01T00:00:00. So are years outside 0 to 9999 in fields: a field has no room for them, and whoever
 * writes an x asks `isBeyondText` first. ISO text for people shows them with a sign and six digits (ISO 8601, expanded).
 */
import { Das2Error } from '../error.js';
import { dateFromDay, dayFromDate, dayOfJanuaryFirst, daysInMonth, isLeapYear } from './calendar.js';
import { MAXIMUM_TEXT_WIDTH, MINIMUM_TIME_WIDTH } from './encoding.js';
import { parseTime } from './time-parser.js';
import { MICROSECONDS_PER_DAY, NANOSECONDS_PER_DAY, type TimePoint } from './time-point.js';

/** Decimals of the second; `shortest` writes the digits that are needed, and no point for a whole second. */
export type TimeDecimals = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 'shortest';

const FIRST_DAY = dayFromDate(0, 1, 1);
const LAST_DAY = dayFromDate(9999, 12, 31);
const FILL_DAY = dayFromDate(1, 1, 1);

/** Whether a day since 2000-01-01 lies in a year that has four digits: times of other days print as fill (stream-format 5.4). */
export function isPrintableDay(day: number): boolean {
  return day >= FIRST_DAY && day <= LAST_DAY;
}

/** Days from which on nothing is a time any more, but fill: -1e31 is one in every unit. */
const NO_TIME = 1e15;

/** True for a day of a time that cannot be written: of a year without four digits, and not what fill looks like (stream-format 5.4, 7). */
export function isBeyondText(day: number): boolean {
  return !isPrintableDay(day) && Math.abs(day) < NO_TIME;
}

/** The same for microseconds since 2000. */
export function isUs2000BeyondText(us2000: number): boolean {
  return us2000 >= FIRST_US2000 && us2000 < END_US2000
    ? false
    : isBeyondText(Math.floor(us2000 / MICROSECONDS_PER_DAY));
}

const FIRST_US2000 = FIRST_DAY * MICROSECONDS_PER_DAY;
const END_US2000 = (LAST_DAY + 1) * MICROSECONDS_PER_DAY;

const BLANK = 0x20;
const ZERO = 0x30;

/** Length of the text, without blanks, that a field of `width` bytes shows (table of stream-format 5.4). */
export function timeTextLength(width: number): number {
  if (width < MINIMUM_TIME_WIDTH || width > MAXIMUM_TEXT_WIDTH) {
    throw new Das2Error('valueEncoding', `a time cannot be written in ${width} bytes`);
  }
  if (width < 8) return 4;
  if (width < 20) return 7 + 3 * Math.floor((width - 8) / 3);
  if (width < 22) return 19;
  if (width < 24) return width - 1;
  return width < 27 ? 23 : width < 30 ? 26 : 29;
}

/** Decimals of the second that a `timeN` field shows; undefined if it ends before the seconds. */
export function timeDecimals(width: number): number | undefined {
  const length = timeTextLength(width);
  return length < 19 ? undefined : Math.max(0, length - 20);
}

/** Writes times into fields of one width. */
export class TimeTextWriter {
  private readonly length: number;
  private readonly decimals: number;
  /** Nanoseconds of the last unit shown. */
  private readonly unit: number;
  private readonly halfUnit: number;
  private readonly perSecond: number;
  private readonly text = new Uint8Array(32).fill(ZERO);
  private cachedDay = Number.NaN;
  private cachedMinute = -1;

  /** `width` as in `timeN`: bytes with the separator, 5 to 127. */
  constructor(private readonly width: number) {
    this.length = timeTextLength(width);
    const decimals = timeDecimals(width);
    this.decimals = decimals ?? 0;
    this.unit = 10 ** (9 - this.decimals);
    this.halfUnit = decimals === undefined ? 0 : this.unit / 2;
    this.perSecond = 10 ** this.decimals;
    for (const [position, mark] of [4, 7, 10, 13, 16, 19].map((at, i) => [at, '--T::.'.charCodeAt(i)] as const)) {
      this.text[position] = mark;
    }
  }

  /** Writes microseconds since 2000-01-01 at `offset`: the text, then blanks up to the width. */
  writeUs2000(bytes: Uint8Array, offset: number, us2000: number): void {
    const day = Math.floor(us2000 / MICROSECONDS_PER_DAY);
    this.write(bytes, offset, day, Math.round((us2000 - day * MICROSECONDS_PER_DAY) * 1000));
  }

  /** Writes a day since 2000-01-01 and a nanosecond of it (0 to a whole day) at `offset`. */
  write(bytes: Uint8Array, offset: number, day: number, nanosecond: number): void {
    const count = Math.floor((nanosecond + this.halfUnit) / this.unit);
    let second = Math.floor(count / this.perSecond);
    let fraction = count - second * this.perSecond;
    if (second >= 86400) {
      if (day === LAST_DAY) {
        // Rounded up it would be fill.
        second = 86399;
        fraction = this.perSecond - 1;
      } else {
        second -= 86400;
        day += 1;
      }
    }
    if (!isPrintableDay(day)) {
      day = FILL_DAY;
      second = 0;
      fraction = 0;
    }
    const text = this.text;
    if (day !== this.cachedDay) this.setDate(day);
    const whole = second | 0;
    const minute = (whole / 60) | 0;
    if (minute !== this.cachedMinute) this.setMinute(minute);
    const within = whole - minute * 60;
    const tens = (within / 10) | 0;
    text[17] = ZERO + tens;
    text[18] = ZERO + within - tens * 10;
    let rest = fraction | 0;
    for (let i = 19 + this.decimals; i > 19; i--) {
      const next = (rest / 10) | 0;
      text[i] = ZERO + rest - next * 10;
      rest = next;
    }
    const length = this.length;
    for (let i = 0; i < length; i++) bytes[offset + i] = text[i] as number;
    for (let i = length; i < this.width; i++) bytes[offset + i] = BLANK;
  }

  private setDate(day: number): void {
    const { year, month, dayOfMonth } = dateFromDay(day);
    const text = this.text;
    text[0] = ZERO + Math.floor(year / 1000);
    text[1] = ZERO + (Math.floor(year / 100) % 10);
    text[2] = ZERO + (Math.floor(year / 10) % 10);
    text[3] = ZERO + (year % 10);
    twoDigits(text, 5, month);
    twoDigits(text, 8, dayOfMonth);
    this.cachedDay = day;
  }

  private setMinute(minute: number): void {
    twoDigits(this.text, 11, (minute / 60) | 0);
    twoDigits(this.text, 14, minute % 60);
    this.cachedMinute = minute;
  }
}

function twoDigits(text: Uint8Array, at: number, value: number): void {
  const tens = (value / 10) | 0;
  text[at] = ZERO + tens;
  text[at + 1] = ZERO + value - tens * 10;
}

/**
 * ISO text `YYYY-MM-DDThh:mm:ss[.f]` of a time point, without `Z`. `decimals` is 0 to 9 with rounding and carry, or
 * `shortest` (the default): as many as are needed, none for a whole second.
 */
export function formatTime(time: TimePoint, options: { readonly decimals?: TimeDecimals } = {}): string {
  const { decimals = 'shortest' } = options;
  const wanted = decimals === 'shortest' ? 9 : decimals;
  let day = time.day;
  const unit = 10 ** (9 - wanted);
  let nanosecond = Math.floor((time.nanosecond + (wanted === 9 ? 0 : unit / 2)) / unit) * unit;
  if (nanosecond >= NANOSECONDS_PER_DAY) {
    nanosecond -= day === LAST_DAY ? unit : NANOSECONDS_PER_DAY;
    if (day !== LAST_DAY) day += 1;
  }
  if (!isPrintableDay(day) && !isBeyondText(day)) {
    day = FILL_DAY;
    nanosecond = 0;
  }
  const { year, month, dayOfMonth } = dateFromDay(day);
  const second = Math.floor(nanosecond / 1e9);
  const two = (value: number): string => String(value).padStart(2, '0');
  // The second 60 is the one form in which four digits tell the end of the last year.
  const isEnd = day === LAST_DAY + 1 && second === 0;
  const date = isEnd ? '9999-12-31' : `${yearText(year)}-${two(month)}-${two(dayOfMonth)}`;
  const clock = isEnd
    ? '23:59:60'
    : `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
  let fraction = String(nanosecond - second * 1e9)
    .padStart(9, '0')
    .slice(0, wanted);
  if (decimals === 'shortest') fraction = fraction.replace(/0+$/, '');
  return fraction === '' ? `${date}T${clock}` : `${date}T${clock}.${fraction}`;
}

/** Four digits, or a sign and at least six. */
function yearText(year: number): string {
  if (year >= 0 && year <= 9999) return String(year).padStart(4, '0');
  return `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}`;
}

/**
 * Reads time text from bytes. `read` leaves its result in `day` and `nanosecond`.
 * ISO text takes a short way; any other form goes through the free parser.
 */
export class TimeTextReader {
  /** Days since 2000-01-01 of the last time read. */
  day = 0;
  /** Nanosecond of that day. */
  nanosecond = 0;
  /**
   * Length of the last text if it was `YYYY-MM-DD[Thh[:mm[:ss[.f]]]]`, the form that we write, at the very start of the
   * field and without anything behind it but blanks; else 0. Such a field can be copied.
   */
  plainLength = 0;
  private cachedDate = -1;
  private cachedDay = 0;

  /** Microseconds since 2000-01-01 of the last time read. */
  get us2000(): number {
    return this.day * MICROSECONDS_PER_DAY + this.nanosecond / 1000;
  }

  /** True if the last time read is what fill looks like as a time (stream-format 5.4). */
  get isFill(): boolean {
    return this.day === FILL_DAY && this.nanosecond === 0;
  }

  /** Reads the field `start` to `end` (exclusive); false if it holds no time (stream-format 6.5). */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    this.plainLength = 0;
    let from = start;
    while (from < end && (bytes[from] as number) <= BLANK) from++;
    let to = end;
    while (to > from && (bytes[to - 1] as number) <= BLANK) to--;
    return this.readIso(bytes, start, from, to) || this.readFree(bytes, from, to);
  }

  private readIso(bytes: Uint8Array, start: number, from: number, to: number): boolean {
    let last = to;
    if (last > from && bytes[last - 1] === 0x5a) last--;
    const length = last - from;
    if (length < 8 || length > 29 || bytes[from + 4] !== 0x2d) return false;
    const ordinal = length === 8 || bytes[from + 8] === 0x54;
    const dateLength = ordinal ? 8 : 10;
    const date = ordinal
      ? number2(bytes, from) * 100000 + number2(bytes, from + 2) * 1000 + number3(bytes, from + 5)
      : number2(bytes, from) * 1000000 +
        number2(bytes, from + 2) * 10000 +
        number2(bytes, from + 5) * 100 +
        number2(bytes, from + 8);
    if (!(date >= 0) || (!ordinal && bytes[from + 7] !== 0x2d)) return false;
    const key = ordinal ? date + 1e8 : date;
    if (key !== this.cachedDate && !this.setDate(key)) return false;
    const at = from + dateLength;
    const rest = length - dateLength;
    let second = 0;
    let nanosecond = 0;
    if (rest > 0) {
      if (rest < 3 || bytes[at] !== 0x54) return false;
      const hour = number2(bytes, at + 1);
      if (!(hour < 24)) return false;
      second = hour * 3600;
      if (rest > 3) {
        if (rest < 6 || bytes[at + 3] !== 0x3a) return false;
        const minute = number2(bytes, at + 4);
        if (!(minute < 60)) return false;
        second += minute * 60;
      }
      if (rest > 6) {
        if (rest < 9 || bytes[at + 6] !== 0x3a) return false;
        const seconds = number2(bytes, at + 7);
        if (!(seconds < 60)) return false;
        second += seconds;
      }
      if (rest > 9) {
        if (rest < 11 || rest > 19 || bytes[at + 9] !== 0x2e) return false;
        for (let i = at + 10; i < last; i++) {
          const digit = (bytes[i] as number) - ZERO;
          if (digit < 0 || digit > 9) return false;
          nanosecond = nanosecond * 10 + digit;
        }
        nanosecond *= POWERS[19 - rest] as number;
      }
    }
    this.day = this.cachedDay;
    this.nanosecond = second * 1e9 + nanosecond;
    if (!ordinal && from === start && last === to) this.plainLength = length;
    return true;
  }

  /** Checks a date and keeps its day. `key` is YYYYMMDD, or 1e8 + YYYYDDD. */
  private setDate(key: number): boolean {
    if (key >= 1e8) {
      const year = Math.floor((key - 1e8) / 1000);
      const dayOfYear = key - 1e8 - year * 1000;
      if (dayOfYear < 1 || dayOfYear > (isLeapYear(year) ? 366 : 365)) return false;
      this.cachedDay = dayOfJanuaryFirst(year) + dayOfYear - 1;
    } else {
      const year = Math.floor(key / 10000);
      const month = Math.floor(key / 100) % 100;
      const dayOfMonth = key % 100;
      if (month < 1 || month > 12 || dayOfMonth < 1 || dayOfMonth > daysInMonth(year, month)) return false;
      this.cachedDay = dayFromDate(year, month, dayOfMonth);
    }
    this.cachedDate = key;
    return true;
  }

  private readFree(bytes: Uint8Array, from: number, to: number): boolean {
    let text = '';
    for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i] as number);
    try {
      const time = parseTime(text);
      this.day = time.day;
      this.nanosecond = time.nanosecond;
      return true;
    } catch (error) {
      if (error instanceof Das2Error) return false;
      throw error;
    }
  }
}

const POWERS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9] as const;

/** Two digits as a number, NaN if they are none. */
function number2(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] as number) - ZERO;
  const ones = (bytes[at + 1] as number) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function number3(bytes: Uint8Array, at: number): number {
  const ones = (bytes[at + 2] as number) - ZERO;
  return ones >= 0 && ones <= 9 ? number2(bytes, at) * 10 + ones : Number.NaN;
}
