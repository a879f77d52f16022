/**
 * Fields of HAPI rows: the values of one column as text, times as text in all formats (server-internals 6.5).
 *
 * Contract: as hapi/row-writer.ts has it. Numbers are as short as exactness allows, with at least one digit behind a point; fill, NaN and
 * infinities are the fill of the parameter.
 */
import { fillRange } from '../../stream/fill.js';
import { writeReal } from '../../stream/number-text.js';
import { PlaneValues } from '../plane-values.js';
import { type HapiColumn, isScan } from './parameters.js';
import type { HapiFormat, RecordPlace } from './row-writer.js';
import { TimeColumnReader, type TimeColumnWriter } from './time.js';

const BLANK = 0x20;
const COMMA = 0x2c;
const QUOTE = 0x22;
/** Digits that bring a value back exactly: as an 8-byte real, whatever it was in the stream, so that all formats hold the same numbers. */
const DIGITS = 17;
const ZERO = 0x30;
const POINT = 0x2e;
const EXPONENT = 0x65;

/** Writes the values of one column. */
export interface Field {
  readonly room: number;
  write(bytes: Uint8Array, view: DataView, record: number, target: Uint8Array, at: number): number;
}

/** A plane of numbers, as text. */
export class NumberField implements Field {
  readonly room: number;
  private readonly values: PlaneValues;
  private readonly low: number;
  private readonly high: number;
  /** Text keeps the digits that it has in the stream. */
  private readonly isText: boolean;
  private readonly fillText: Uint8Array;
  private readonly isArray: boolean;

  constructor({ plane, offset, fill, parameter }: HapiColumn, asJson: boolean) {
    this.values = new PlaneValues(plane, offset);
    const range = fillRange(fill);
    this.low = range.low;
    this.high = range.high;
    this.isText = plane.encoding.kind === 'ascii';
    this.fillText = Buffer.from(parameter.fill ?? 'null');
    this.isArray = asJson && isScan(plane);
    this.room = (Math.max(DIGITS + 10, this.fillText.length) + 1) * plane.itemCount + 2;
  }

  write(bytes: Uint8Array, view: DataView, record: number, target: Uint8Array, at: number): number {
    const { low, high, isText, fillText } = this;
    const values = this.values.read(bytes, view, record);
    let to = at;
    if (this.isArray) target[to++] = 0x5b;
    for (let item = 0; item < values.length; item++) {
      if (item > 0) target[to++] = COMMA;
      const value = values[item] as number;
      if ((value < low || value > high) && value - value === 0)
        to = isText ? writeShortest(target, to, value) : writeNumber(target, to, value);
      else {
        target.set(fillText, to);
        to += fillText.length;
      }
    }
    if (this.isArray) target[to++] = 0x5d;
    return to;
  }
}

/** Writes a finite number with the digits that it needs, as everybody writes numbers. */
function writeShortest(target: Uint8Array, at: number, value: number): number {
  const text = String(value);
  for (let i = 0; i < text.length; i++) target[at + i] = text.charCodeAt(i);
  return at + text.length;
}

/** Writes a finite number in exponent form, without blanks and without zeros at the end of its digits but one. */
function writeNumber(target: Uint8Array, at: number, value: number): number {
  // Exponents of three digits need one byte more to keep all digits.
  const size = value < 0 ? -value : value;
  const width = DIGITS + ((size >= 1e-99 && size < 9e98) || size === 0 ? 7 : 8);
  writeReal(target, at, width, value, 0);
  let first = at;
  while (target[first] === BLANK) first++;
  const end = at + width - 1;
  let exponent = end;
  while (target[exponent] !== EXPONENT) exponent--;
  let last = exponent - 1;
  while (target[last] === ZERO && target[last - 1] !== POINT) last--;
  target.copyWithin(at, first, last + 1);
  const to = at + last + 1 - first;
  target.copyWithin(to, exponent, end);
  return to + end - exponent;
}

/** A plane of times that is not x. */
export class TimeField implements Field {
  readonly room: number;
  private readonly fill: Uint8Array;
  /** Reads the first item; the others follow at equal distances. */
  private readonly reader: TimeColumnReader;
  private readonly items: number;
  private readonly step: number;
  private readonly isArray: boolean;

  constructor(
    { plane, offset }: HapiColumn,
    private readonly writer: TimeColumnWriter,
    private readonly format: HapiFormat,
  ) {
    this.reader = new TimeColumnReader({ ...plane, itemCount: 1 }, offset);
    this.items = plane.itemCount;
    this.step = plane.encoding.width;
    this.fill = Buffer.from(`${'0001-01-01T00:00:00.000000000'.slice(0, writer.length - 1)}Z`);
    this.isArray = format === 'json' && isScan(plane);
    this.room = (writer.length + 3) * plane.itemCount + 2;
  }

  write(bytes: Uint8Array, view: DataView, record: number, target: Uint8Array, at: number): number {
    const { writer, format, reader, items, step, isArray } = this;
    let to = at;
    if (isArray) target[to++] = 0x5b;
    for (let item = 0, place = record; item < items; item++, place += step) {
      if (item > 0 && format !== 'binary') target[to++] = COMMA;
      if (format === 'json') target[to++] = QUOTE;
      to = writeTimeOrFill(reader, { bytes, view, record: place }, writer, this.fill, target, to);
      if (format === 'json') target[to++] = QUOTE;
    }
    if (isArray) target[to++] = 0x5d;
    return to;
  }
}

function writeTimeOrFill(
  reader: TimeColumnReader,
  { bytes, view, record }: RecordPlace,
  writer: TimeColumnWriter,
  fill: Uint8Array,
  target: Uint8Array,
  at: number,
): number {
  const time = reader.read(bytes, view, record);
  if (time !== undefined) return writer.write(target, at, time);
  target.set(fill, at);
  return at + fill.length;
}
