/**
 * Rows as das2_hapi writes them without --format: padded numbers, `NaN` for fill, CR LF (stream-format 13.7).
 *
 *     2017-01-01T00:00:00.000, 1.50000e+00,NaN
 *
 * Contract: as hapi/row-writer.ts has it.
 */
import { fillRange } from '../../stream/fill.js';
import { writeReal } from '../../stream/number-text.js';
import type { TimePoint } from '../../stream/time.js';
import { TimeTextWriter } from '../../stream/time-text.js';
import { PlaneValues } from '../plane-values.js';
import type { HapiColumn } from './parameters.js';
import type { RecordPlace, RowWriter } from './row-writer.js';

const BLANK = 0x20;
const COMMA = 0x2c;
const NAN_TEXT = Buffer.from('NaN');
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

  write({ bytes, view, record }: RecordPlace, time: TimePoint, target: Uint8Array, at: number): number {
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
