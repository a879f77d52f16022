/**
 * Rows of HAPI tables in the three formats, and in the form of the old program (server-internals 6.5, stream-format 13.7).
 *
 *     csv      time,1.5e+00,...LF          numbers as short as exactness allows, at least one digit behind a point, no NaN, no infinity
 *     json     ["time",1.5e+00,[...]]      the same texts; scans are arrays
 *     binary   time as ASCII, 8-byte little endian reals, nothing between them
 *     table    time, 1.50000e+00,...CR LF  padded numbers, `NaN` for fill (das2_hapi without --format)
 *
 * Contract: `write` puts one record into `target`, which has room for `room` bytes behind `at`, and returns where it ends. Fill, NaN and infinities
 * are the fill of the parameter. No object is made per value of a binary plane.
 */
import { fillRange } from '../stream/fill.js';
import { writeReal } from '../stream/number-text.js';
import type { TimePoint } from '../stream/time.js';
import { TimeTextWriter } from '../stream/time-text.js';
import { type HapiColumn, isScan } from './hapi-parameters.js';
import { TimeColumnReader, type TimeColumnWriter } from './hapi-time.js';
import { PlaneValues } from './plane-values.js';

export type HapiFormat = 'csv' | 'json' | 'binary';

const BLANK = 0x20;
const COMMA = 0x2c;
const QUOTE = 0x22;
/** Digits that bring a value back exactly: as an 8-byte real, whatever it was in the stream, so that all formats hold the same numbers. */
const DIGITS = 17;
const ZERO = 0x30;
const POINT = 0x2e;
const EXPONENT = 0x65;

export interface RowWriter {
  readonly room: number;
  write(
    source: { bytes: Uint8Array; view: DataView; record: number },
    time: TimePoint,
    target: Uint8Array,
    at: number,
  ): number;
}

/** The writer of a format for these columns; the first one is the time. */
export function rowWriter(format: HapiFormat, columns: readonly HapiColumn[], time: TimeColumnWriter): RowWriter {
  const data = columns.slice(1);
  if (format === 'binary') return new BinaryRows(data, time);
  return new TextRows(data, time, format === 'json');
}

/** Writes the values of one column. */
interface Field {
  readonly room: number;
  write(bytes: Uint8Array, view: DataView, record: number, target: Uint8Array, at: number): number;
}

class TextRows implements RowWriter {
  readonly room: number;
  private readonly fields: readonly Field[];

  constructor(
    columns: readonly HapiColumn[],
    private readonly time: TimeColumnWriter,
    private readonly asJson: boolean,
  ) {
    this.fields = columns.map((column) =>
      column.plane.encoding.kind === 'time'
        ? new TimeField(column, time, asJson ? 'json' : 'csv')
        : new NumberField(column, asJson),
    );
    this.room = this.fields.reduce((sum, { room }) => sum + room + 1, time.length + 8);
  }

  write(
    { bytes, view, record }: { bytes: Uint8Array; view: DataView; record: number },
    time: TimePoint,
    target: Uint8Array,
    at: number,
  ): number {
    const { asJson } = this;
    let to = at;
    if (asJson) {
      target[to++] = 0x5b;
      target[to++] = QUOTE;
    }
    to = this.time.write(target, to, time);
    if (asJson) target[to++] = QUOTE;
    for (const field of this.fields) {
      target[to++] = COMMA;
      to = field.write(bytes, view, record, target, to);
    }
    target[to++] = asJson ? 0x5d : 0x0a;
    return to;
  }
}

class NumberField implements Field {
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
class TimeField implements Field {
  readonly room: number;
  private readonly fill: Uint8Array;
  /** One for each item. */
  private readonly readers: readonly TimeColumnReader[];
  private readonly isArray: boolean;

  constructor(
    { plane, offset }: HapiColumn,
    private readonly writer: TimeColumnWriter,
    private readonly format: HapiFormat,
  ) {
    const single = { ...plane, itemCount: 1 };
    this.readers = Array.from(
      { length: plane.itemCount },
      (_, item) => new TimeColumnReader(single, offset + item * plane.encoding.width),
    );
    this.fill = Buffer.from(`${'0001-01-01T00:00:00.000000000'.slice(0, writer.length - 1)}Z`);
    this.isArray = format === 'json' && isScan(plane);
    this.room = (writer.length + 3) * plane.itemCount + 2;
  }

  write(bytes: Uint8Array, view: DataView, record: number, target: Uint8Array, at: number): number {
    const { writer, format, readers, isArray } = this;
    let to = at;
    if (isArray) target[to++] = 0x5b;
    for (let item = 0; item < readers.length; item++) {
      if (item > 0 && format !== 'binary') target[to++] = COMMA;
      if (format === 'json') target[to++] = QUOTE;
      const reader = readers[item] as TimeColumnReader;
      to = writeTimeOrFill(reader, { bytes, view, record }, writer, this.fill, target, to);
      if (format === 'json') target[to++] = QUOTE;
    }
    if (isArray) target[to++] = 0x5d;
    return to;
  }
}

function writeTimeOrFill(
  reader: TimeColumnReader,
  { bytes, view, record }: { bytes: Uint8Array; view: DataView; record: number },
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

class BinaryRows implements RowWriter {
  readonly room: number;
  private readonly columns: readonly {
    readonly values: PlaneValues;
    readonly low: number;
    readonly high: number;
    readonly fill: number;
    readonly times: TimeField | undefined;
  }[];

  constructor(
    columns: readonly HapiColumn[],
    private readonly time: TimeColumnWriter,
  ) {
    this.columns = columns.map((column) => ({
      ...fillRange(column.fill),
      values: new PlaneValues(column.plane, column.offset),
      fill: Number(column.parameter.fill ?? Number.NaN),
      times: column.plane.encoding.kind === 'time' ? new TimeField(column, time, 'binary') : undefined,
    }));
    this.room = columns.reduce((sum, { plane }) => sum + Math.max(8, time.length) * plane.itemCount, time.length);
  }

  write(
    { bytes, view, record }: { bytes: Uint8Array; view: DataView; record: number },
    time: TimePoint,
    target: Uint8Array,
    at: number,
  ): number {
    let to = this.time.write(target, at, time);
    const output = new DataView(target.buffer, target.byteOffset, target.byteLength);
    for (const { values, low, high, fill, times } of this.columns) {
      if (times !== undefined) {
        to = times.write(bytes, view, record, target, to);
        continue;
      }
      const read = values.read(bytes, view, record);
      for (let item = 0; item < read.length; item++, to += 8) {
        const value = read[item] as number;
        const good = (value < low || value > high) && value - value === 0;
        output.setFloat64(to, good ? value : fill, true);
      }
    }
    return to;
  }
}

/** Widths of padded numbers in the old form: `%.5e` and `%.9e` with a sign. */
const TABLE_REAL4 = 13;
const TABLE_REAL8 = 17;
/** Without its blank, as `time24` has it. */
const TABLE_TIME_WIDTH = 24;
/** A time of this width has ordinal dates and one decimal; it is printed like binary times. */
const ORDINAL_WIDTH = 22;

/** Bytes of a time in the old form, with its separator. */
export function tableTimeWidth({ plane }: HapiColumn): number {
  const { kind, width } = plane.encoding;
  return kind === 'time' && width !== ORDINAL_WIDTH ? width : TABLE_TIME_WIDTH;
}

/** Rows as das2_hapi has always written them. */
export class TableRows implements RowWriter {
  readonly room: number;
  private readonly time: TimeTextWriter;
  private readonly timeWidth: number;
  private readonly columns: readonly {
    readonly values: PlaneValues;
    readonly low: number;
    readonly high: number;
    readonly width: number;
    readonly time: TimeTextWriter | undefined;
  }[];

  constructor(columns: readonly HapiColumn[]) {
    this.timeWidth = tableTimeWidth(columns[0] as HapiColumn);
    this.time = new TimeTextWriter(this.timeWidth);
    this.columns = columns.slice(1).map(({ plane, offset, fill }) => {
      const { kind, width } = plane.encoding;
      return {
        ...fillRange(fill),
        values: new PlaneValues(plane, offset),
        width: kind === 'real4' ? TABLE_REAL4 : kind === 'real8' ? TABLE_REAL8 : Math.max(width, 4),
        time: kind === 'time' ? new TimeTextWriter(width) : undefined,
      };
    });
    this.room = this.columns.reduce((sum, { values, width }) => sum + width * values.values.length, this.timeWidth + 2);
  }

  write(
    { bytes, view, record }: { bytes: Uint8Array; view: DataView; record: number },
    time: TimePoint,
    target: Uint8Array,
    at: number,
  ): number {
    this.time.write(target, at, time.day, time.nanosecond);
    let to = this.withoutBlanks(target, at, at + this.timeWidth);
    for (const { values, low, high, width, time: writer } of this.columns) {
      const read = values.read(bytes, view, record);
      for (let item = 0; item < read.length; item++) {
        target[to++] = COMMA;
        const value = read[item] as number;
        if (!(value < low || value > high)) {
          target.fill(BLANK, to, to + width - 1);
          target.set(NAN_TEXT, to + width - 4);
          to += width - 1;
        } else if (writer !== undefined) {
          writer.writeUs2000(target, to, value);
          to = this.withoutBlanks(target, to, to + width);
        } else {
          writeReal(target, to, width, value, Number.NaN);
          to += width - 1;
        }
      }
    }
    target[to++] = 0x0d;
    target[to++] = 0x0a;
    return to;
  }

  /** Where the text ends that blanks fill up to `end`. */
  private withoutBlanks(target: Uint8Array, start: number, end: number): number {
    let last = end;
    while (last > start && target[last - 1] === BLANK) last--;
    return last;
  }
}

const NAN_TEXT = Buffer.from('NaN');
