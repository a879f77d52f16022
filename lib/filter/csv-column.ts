/**
 * The loops of `das2_csv`: the values of one plane of one record as delimited fields (stream-format 13.10).
 *
 * Contract: `write` puts every value, each with a delimiter behind it, into `target` at `at` and returns where the next field begins. The caller
 * has made room for `room` bytes and keeps at least one byte in front of `at`. Fill, NaN and what cannot be read are empty
 * fields. No object and no string is made for ordinary values.
 */
import type { Encoding } from '../stream/encoding.js';
import { fillRange } from '../stream/fill.js';
import { parseReal, writeReal } from '../stream/number-text.js';
import { exponentText } from '../stream/number-text-exact.js';
import { type TimePoint, timeFromUs2000 } from '../stream/time.js';
import { formatTime, isBeyondText, isUs2000BeyondText, TimeTextReader, TimeTextWriter } from '../stream/time-text.js';
import type { TimeUnits } from '../stream/units.js';
import { unwritableTime } from './unreadable-time.js';

const BLANK = 0x20;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const EXPONENT = 0x65;

export interface CsvColumn {
  /** Most bytes that one record can need, delimiters included. */
  readonly room: number;
  write(bytes: Uint8Array, view: DataView, from: number, target: Uint8Array, at: number): number;
}

export interface CsvColumnRules {
  readonly encoding: Encoding;
  readonly itemCount: number;
  readonly fill: number;
  /** Set for planes of numbers that are printed as times. */
  readonly timeUnits: TimeUnits | undefined;
  /** What is no time, or one that text cannot tell, ends the stream (x planes) instead of leaving its field empty (stream-format 5.3). */
  readonly stopsAtUnreadable: boolean;
  /** Significant digits of numbers; undefined: 7 for 4-byte and 17 for 8-byte reals. */
  readonly digits: number | undefined;
  /** Decimals of the second in times. */
  readonly decimals: number;
  /** The delimiter in UTF-8. */
  readonly delimiter: Uint8Array;
}

/** The column of one plane. */
export function csvColumn(rules: CsvColumnRules): CsvColumn {
  const { kind } = rules.encoding;
  if (kind === 'time') return new TimeTextColumn(rules);
  if (rules.timeUnits !== undefined) return new TimeColumn(rules, rules.timeUnits);
  return kind === 'ascii' ? new NumberTextColumn(rules) : new RealColumn(rules);
}

function writeDelimiter(delimiter: Uint8Array, target: Uint8Array, at: number): number {
  for (let i = 0; i < delimiter.length; i++) target[at + i] = delimiter[i] as number;
  return at + delimiter.length;
}

function writeText(text: string, target: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) target[at + i] = text.charCodeAt(i);
  return at + text.length;
}

/** Writes a number in exponent form with `digits` significant digits and no blanks; returns where it ends. */
function writeNumber(target: Uint8Array, at: number, value: number, digits: number): number {
  const size = value < 0 ? -value : value;
  if (size < 9e98 && size > 1e-99) {
    const width = digits + 7;
    if (value < 0) {
      writeReal(target, at, width, value, 0);
      return at + width - 1;
    }
    // The field begins with a blank in place of the sign: let it fall on the byte in front, and put that back.
    const before = target[at - 1] as number;
    writeReal(target, at - 1, width, value, 0);
    target[at - 1] = before;
    return at + width - 2;
  }
  if (!Number.isFinite(value)) return writeText(value < 0 ? '-inf' : 'inf', target, at);
  return writeText(exponentText(value, digits - 1), target, at);
}

class RealColumn implements CsvColumn {
  readonly room: number;
  private readonly digits: number;
  private readonly low: number;
  private readonly high: number;

  constructor(private readonly rules: CsvColumnRules) {
    this.digits = rules.digits ?? (rules.encoding.kind === 'real4' ? 7 : 17);
    const range = fillRange(rules.fill);
    this.low = range.low;
    this.high = range.high;
    this.room = (this.digits + 8 + rules.delimiter.length) * rules.itemCount;
  }

  write(_bytes: Uint8Array, view: DataView, from: number, target: Uint8Array, at: number): number {
    const { itemCount, delimiter } = this.rules;
    const { littleEndian, width } = this.rules.encoding;
    const { digits, low, high } = this;
    const mark = delimiter[0] as number;
    const isShort = delimiter.length === 1;
    let to = at;
    for (let item = 0, place = from; item < itemCount; item++, place += width) {
      const value = width === 8 ? view.getFloat64(place, littleEndian) : view.getFloat32(place, littleEndian);
      if (value < low || value > high) to = writeNumber(target, to, value, digits);
      if (isShort) target[to++] = mark;
      else to = writeDelimiter(delimiter, target, to);
    }
    return to;
  }
}

/** Numbers that are text already keep their digits. */
class NumberTextColumn implements CsvColumn {
  readonly room: number;
  private readonly low: number;
  private readonly high: number;

  constructor(private readonly rules: CsvColumnRules) {
    const range = fillRange(rules.fill);
    this.low = range.low;
    this.high = range.high;
    this.room = (Math.max(rules.encoding.width, 24) + rules.delimiter.length) * rules.itemCount;
  }

  write(bytes: Uint8Array, _view: DataView, from: number, target: Uint8Array, at: number): number {
    const { itemCount, delimiter } = this.rules;
    const { width } = this.rules.encoding;
    const { low, high } = this;
    let to = at;
    for (let item = 0, place = from; item < itemCount; item++, place += width) {
      const value = parseReal(bytes, place, place + width);
      if (value < low || value > high) to = copyNumber(bytes, place, place + width, value, target, to);
      to = writeDelimiter(delimiter, target, to);
    }
    return to;
  }
}

/** The digits of a text field without blanks; a field that is not a number from its begin to its end is printed from its value. */
function copyNumber(
  bytes: Uint8Array,
  start: number,
  end: number,
  value: number,
  target: Uint8Array,
  at: number,
): number {
  let first = start;
  let last = end;
  while (first < last && (bytes[first] as number) <= BLANK) first++;
  while (last > first && (bytes[last - 1] as number) <= BLANK) last--;
  let seenPoint = false;
  let seenExponent = false;
  for (let i = first; i < last; i++) {
    const byte = bytes[i] as number;
    if (byte < 0x30 || byte > 0x39) {
      // The field begins with a number, so there are digits in front of the first exponent.
      const isExponent: boolean = (byte | 0x20) === EXPONENT && !seenExponent;
      const isPoint: boolean = byte === POINT && !seenPoint && !seenExponent;
      const maySign = i === first || ((bytes[i - 1] as number) | 0x20) === EXPONENT;
      if (!isExponent && !isPoint && !(maySign && (byte === PLUS || byte === MINUS))) {
        return writeValue(target, at, value);
      }
      seenExponent ||= isExponent;
      seenPoint ||= isPoint;
    }
    target[at + i - first] = byte;
  }
  const final = bytes[last - 1] as number;
  const isWhole = final === POINT || (final >= 0x30 && final <= 0x39);
  return isWhole ? at + last - first : writeValue(target, at, value);
}

function writeValue(target: Uint8Array, at: number, value: number): number {
  return Number.isFinite(value) ? writeText(String(value), target, at) : writeNumber(target, at, value, 1);
}

/** Decimals for which a `timeN` field exists that shows exactly them, and its width. */
const FIELD_WIDTHS: Readonly<Record<number, number>> = { 0: 20, 1: 22, 2: 23, 3: 24, 6: 27, 9: 30 };
const LONGEST_TIME = 30;

/** Writes times with a given number of decimals. */
class TimeField {
  private readonly width: number | undefined;
  private readonly writer: TimeTextWriter | undefined;

  constructor(private readonly decimals: number) {
    this.width = FIELD_WIDTHS[decimals];
    this.writer = this.width === undefined ? undefined : new TimeTextWriter(this.width);
  }

  write(target: Uint8Array, at: number, time: TimePoint): number {
    if (this.writer === undefined) {
      const decimals = this.decimals as 4 | 5 | 7 | 8;
      return writeText(formatTime(time, { decimals }), target, at);
    }
    this.writer.write(target, at, time.day, time.nanosecond);
    return at + (this.width as number) - 1;
  }

  writeUs2000(target: Uint8Array, at: number, us2000: number): number {
    if (this.writer === undefined) return this.write(target, at, timeFromUs2000(us2000));
    this.writer.writeUs2000(target, at, us2000);
    return at + (this.width as number) - 1;
  }
}

class TimeColumn implements CsvColumn {
  readonly room: number;
  private readonly field: TimeField;
  private readonly low: number;
  private readonly high: number;
  private readonly inMicroseconds: boolean;

  constructor(
    private readonly rules: CsvColumnRules,
    private readonly units: TimeUnits,
  ) {
    this.field = new TimeField(rules.decimals);
    this.inMicroseconds = units.name === 'us2000';
    const range = fillRange(rules.fill);
    this.low = range.low;
    this.high = range.high;
    this.room = (LONGEST_TIME + rules.delimiter.length) * rules.itemCount;
  }

  write(bytes: Uint8Array, view: DataView, from: number, target: Uint8Array, at: number): number {
    const { itemCount, delimiter, stopsAtUnreadable } = this.rules;
    const { kind, littleEndian, width } = this.rules.encoding;
    const { field, units, low, high, inMicroseconds } = this;
    let to = at;
    for (let item = 0, place = from; item < itemCount; item++, place += width) {
      let value: number;
      if (kind === 'ascii') value = parseReal(bytes, place, place + width);
      else value = width === 8 ? view.getFloat64(place, littleEndian) : view.getFloat32(place, littleEndian);
      if ((value < low || value > high) && Number.isFinite(value)) {
        const time = inMicroseconds ? undefined : units.toTime(value);
        const isBeyond = time === undefined ? isUs2000BeyondText(value) : isBeyondText(time.day);
        if (isBeyond && stopsAtUnreadable) throw unwritableTime(this.rules.encoding, bytes, place);
        if (!isBeyond) to = time === undefined ? field.writeUs2000(target, to, value) : field.write(target, to, time);
      }
      to = writeDelimiter(delimiter, target, to);
    }
    return to;
  }
}

class TimeTextColumn implements CsvColumn {
  readonly room: number;
  private readonly field: TimeField;
  private readonly reader = new TimeTextReader();

  constructor(private readonly rules: CsvColumnRules) {
    this.field = new TimeField(rules.decimals);
    this.room = (LONGEST_TIME + rules.delimiter.length) * rules.itemCount;
  }

  write(bytes: Uint8Array, _view: DataView, from: number, target: Uint8Array, at: number): number {
    const { itemCount, delimiter, stopsAtUnreadable } = this.rules;
    const { width } = this.rules.encoding;
    const { reader } = this;
    let to = at;
    for (let item = 0, place = from; item < itemCount; item++, place += width) {
      if (reader.read(bytes, place, place + width) && !isBeyondText(reader.day)) {
        if (!reader.isFill) to = this.field.write(target, to, reader);
      } else if (stopsAtUnreadable) throw unwritableTime(this.rules.encoding, bytes, place);
      to = writeDelimiter(delimiter, target, to);
    }
    return to;
  }
}
