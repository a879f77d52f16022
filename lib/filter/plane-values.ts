/**
 * Reads the values of one plane of a record as numbers, whatever their encoding (stream-format 5.1, 5.3).
 *
 * Contract: text that holds no number, or no time, becomes NaN, which counts as fill everywhere (7). `timeN` text becomes us2000; a
 * time that is the printed fill becomes NaN.
 */
import type { Plane } from '../stream/header.js';
import { parseReal } from '../stream/number-text.js';
import { TimeTextReader } from '../stream/time-text.js';

export class PlaneValues {
  /** The values of the record read last, one per item. */
  readonly values: Float64Array;
  private readonly time: TimeTextReader | undefined;

  /** `offset` is the place of the plane's first value in a record. */
  constructor(
    readonly plane: Plane,
    readonly offset: number,
  ) {
    this.values = new Float64Array(plane.itemCount);
    this.time = plane.encoding.kind === 'time' ? new TimeTextReader() : undefined;
  }

  /** Reads the record whose values begin at `record`. */
  read(bytes: Uint8Array, view: DataView, record: number): Float64Array {
    const { values } = this;
    const { kind, littleEndian, width } = this.plane.encoding;
    const count = values.length;
    let at = record + this.offset;
    if (kind === 'real4') {
      for (let i = 0; i < count; i++, at += 4) values[i] = view.getFloat32(at, littleEndian);
    } else if (kind === 'real8') {
      for (let i = 0; i < count; i++, at += 8) values[i] = view.getFloat64(at, littleEndian);
    } else if (kind === 'ascii') {
      for (let i = 0; i < count; i++, at += width) values[i] = parseReal(bytes, at, at + width);
    } else {
      for (let i = 0; i < count; i++, at += width) values[i] = this.readTime(bytes, at, at + width);
    }
    return values;
  }

  private readTime(bytes: Uint8Array, start: number, end: number): number {
    const time = this.time as TimeTextReader;
    return time.read(bytes, start, end) && !time.isFill ? time.us2000 : Number.NaN;
  }
}
