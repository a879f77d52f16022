/**
 * Reads the x values of a run of records as us2000, whatever their encoding, units and `base` (stream-format 5, 6, D-21, D-22).
 *
 * Contract: results go into a scratch array, one number per record; a record that has no time (NaN, infinite or fill) gets NaN.
 * A `timeN` text that is no time is a `valueEncoding` fault; units that are no time units throw `units`, at the first record, so that
 * a header without records does no harm.
 */
import { Das2Error } from '../../error.js';
import { DEFAULT_FILL, fillRange } from '../../stream/fill.js';
import type { Plane } from '../../stream/header.js';
import { parseReal } from '../../stream/number-text.js';
import { planeTimeUnits } from '../../stream/plane-time.js';
import type { RecordRun } from '../../stream/record-run.js';
import { TimeTextReader } from '../../stream/time-text.js';
import { unreadableTime } from '../unreadable-time.js';

/** Records read at a time. */
export const AXIS_BLOCK = 1024;

const FILL = fillRange(DEFAULT_FILL);

/** us2000 = (value - offset) * scale * secondScale; or any other function. */
interface Conversion {
  readonly offset: number;
  readonly scale: number;
  readonly secondScale: number;
  readonly other: ((value: number) => number) | undefined;
}

const IDENTITY: Conversion = { offset: 0, scale: 1, secondScale: 1, other: undefined };

export class TimeAxis {
  /** us2000 of the records of the last `read`. */
  readonly times = new Float64Array(AXIS_BLOCK);
  private readonly conversion: Conversion | undefined;
  private readonly text: TimeTextReader | undefined;

  /**
   * `plane` is the x plane, `offset` the place of its value in a record; `id` is for messages. With `inUnitsOfX` numbers are taken
   * as they are, whatever their units (das2_bin_avg).
   */
  constructor(
    private readonly plane: Plane,
    private readonly offset: number,
    private readonly id: number,
    inUnitsOfX = false,
  ) {
    this.text = plane.encoding.kind === 'time' ? new TimeTextReader() : undefined;
    this.conversion = inUnitsOfX ? IDENTITY : conversionOf(plane);
  }

  /**
   * Reads records of a run into `times`, beginning with record `first`, `most` of them at a time, and returns how many it has read.
   * It stops in front of a text that is no time; when that is the first one of all, it throws. So a caller that goes on until the
   * run is at its end has dealt with all records in front of the fault.
   */
  read(run: RecordRun, first: number, most = AXIS_BLOCK): number {
    const { conversion } = this;
    if (conversion === undefined) {
      const units = JSON.stringify((this.plane.units ?? '').slice(0, 60));
      throw new Das2Error('units', `x of packet type ${this.id} has the units ${units}, which are no time units`);
    }
    const { bytes, view, stride } = run;
    const at = run.offset + first * stride + this.offset;
    const count = Math.min(most, run.count - first);
    const { kind, littleEndian, width } = this.plane.encoding;
    if (kind === 'time') return this.readTexts(bytes, at, count, stride, width);
    if (kind === 'ascii') this.readNumbers(bytes, at, count, stride, width);
    else if (kind === 'real4') this.readReal4(view, at, count, stride, littleEndian);
    else if (littleEndian) this.readLittleReal8(view, at, count, stride);
    else this.readBigReal8(view, at, count, stride);
    this.convert(count, conversion);
    return count;
  }

  private readLittleReal8(view: DataView, first: number, count: number, stride: number): void {
    const { times } = this;
    for (let i = 0, at = first; i < count; i++, at += stride) times[i] = view.getFloat64(at, true);
  }

  private readBigReal8(view: DataView, first: number, count: number, stride: number): void {
    const { times } = this;
    for (let i = 0, at = first; i < count; i++, at += stride) times[i] = view.getFloat64(at, false);
  }

  private readReal4(view: DataView, first: number, count: number, stride: number, littleEndian: boolean): void {
    const { times } = this;
    for (let i = 0, at = first; i < count; i++, at += stride) times[i] = view.getFloat32(at, littleEndian);
  }

  private readNumbers(bytes: Uint8Array, first: number, count: number, stride: number, width: number): void {
    const { times } = this;
    for (let i = 0, at = first; i < count; i++, at += stride) times[i] = parseReal(bytes, at, at + width);
  }

  private readTexts(bytes: Uint8Array, first: number, count: number, stride: number, width: number): number {
    const { times } = this;
    const text = this.text as TimeTextReader;
    for (let i = 0, at = first; i < count; i++, at += stride) {
      if (!text.read(bytes, at, at + width)) {
        if (i === 0) throw unreadableTime(bytes, at, width);
        return i;
      }
      times[i] = text.isFill ? Number.NaN : text.us2000;
    }
    return count;
  }

  private convert(count: number, { offset, scale, secondScale, other }: Conversion): void {
    const { times } = this;
    const { low, high } = FILL;
    if (other !== undefined) {
      for (let i = 0; i < count; i++) {
        const value = times[i] as number;
        times[i] = Number.isFinite(value) && (value < low || value > high) ? other(value) : Number.NaN;
      }
      return;
    }
    for (let i = 0; i < count; i++) {
      const value = times[i] as number;
      const time = (value - offset) * scale * secondScale;
      times[i] = (value < low || value > high) && time - time === 0 ? time : Number.NaN;
    }
  }
}

/** Undefined for units that are no time units. Time text needs none. */
function conversionOf(plane: Plane): Conversion | undefined {
  if (plane.encoding.kind === 'time') return IDENTITY;
  const units = planeTimeUnits(plane);
  if (units === undefined) return undefined;
  if (units.linear !== undefined) return { ...units.linear, other: undefined };
  return { ...IDENTITY, other: (value) => units.toUs2000(value) };
}

/** True if x of this plane can be placed in time, so that a reducer will write it in us2000. */
export function isTimePlane(plane: Plane): boolean {
  return conversionOf(plane) !== undefined;
}
