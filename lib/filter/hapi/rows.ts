/**
 * Rows of HAPI tables in the three formats (server-internals 6.5, stream-format 13.7).
 *
 *     csv      time,1.5e+00,...LF          numbers as short as exactness allows, at least one digit behind a point, no NaN, no infinity
 *     json     ["time",1.5e+00,[...]]      the same texts; scans are arrays
 *     binary   time as ASCII, 8-byte little endian reals, nothing between them
 *
 * Contract: as hapi/row-writer.ts has it. Fill, NaN and infinities are the fill of the parameter. No object is made per value of a binary
 * plane.
 */
import { fillRange } from '../../stream/fill.js';
import type { TimePoint } from '../../stream/time.js';
import { PlaneValues } from '../plane-values.js';
import { type Field, NumberField, TimeField } from './fields.js';
import type { HapiColumn } from './parameters.js';
import type { HapiFormat, RecordPlace, RowWriter } from './row-writer.js';
import type { TimeColumnWriter } from './time.js';

const COMMA = 0x2c;
const QUOTE = 0x22;

/** The writer of a format for these columns; the first one is the time. */
export function rowWriter(format: HapiFormat, columns: readonly HapiColumn[], time: TimeColumnWriter): RowWriter {
  const data = columns.slice(1);
  if (format === 'binary') return new BinaryRows(data, time);
  return new TextRows(data, time, format === 'json');
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

  write({ bytes, view, record }: RecordPlace, time: TimePoint, target: Uint8Array, at: number): number {
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

  write({ bytes, view, record }: RecordPlace, time: TimePoint, target: Uint8Array, at: number): number {
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
