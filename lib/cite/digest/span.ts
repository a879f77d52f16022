/**
 * The first and the last x of a stream, as text for people and logs (citation 6.1: firstX, lastX).
 *
 * Contract: nothing is made for a record but a copy of its x. Times are written in ISO form, other numbers as they are; what cannot be read
 * is undefined.
 */
import type { PacketHeader, Plane } from '../../stream/header.js';
import { parseReal } from '../../stream/number-text.js';
import { planeTimeUnits } from '../../stream/plane-time.js';
import type { RecordRun } from '../../stream/record-run.js';
import { formatTime, type TimePoint } from '../../stream/time.js';
import { isPrintableDay, TimeTextReader } from '../../stream/time-text.js';

interface Place {
  readonly plane: Plane;
  readonly bytes: Uint8Array;
}

export class Span {
  private firstPlace: Place | undefined;
  private lastPlane: Plane | undefined;
  private lastBytes = new Uint8Array(0);

  /** Takes note of a run of records of this header. */
  records({ planes }: PacketHeader, { bytes, offset, stride, count }: RecordRun): void {
    const plane = planes[0];
    if (plane === undefined || plane.element !== 'x') return;
    const { width } = plane.encoding;
    this.firstPlace ??= { plane, bytes: bytes.slice(offset, offset + width) };
    if (this.lastBytes.length !== width) this.lastBytes = new Uint8Array(width);
    const last = offset + (count - 1) * stride;
    for (let i = 0; i < width; i++) this.lastBytes[i] = bytes[last + i] as number;
    this.lastPlane = plane;
  }

  get first(): string | undefined {
    return this.firstPlace && textOf(this.firstPlace);
  }

  get last(): string | undefined {
    return this.lastPlane && textOf({ plane: this.lastPlane, bytes: this.lastBytes });
  }
}

function textOf({ plane, bytes }: Place): string | undefined {
  const { kind, littleEndian } = plane.encoding;
  if (kind === 'time') {
    const reader = new TimeTextReader();
    return reader.read(bytes, 0, bytes.length) ? timeText(reader) : undefined;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const value =
    kind === 'real4'
      ? view.getFloat32(0, littleEndian)
      : kind === 'real8'
        ? view.getFloat64(0, littleEndian)
        : parseReal(bytes, 0, bytes.length);
  if (!Number.isFinite(value)) return undefined;
  const units = planeTimeUnits(plane);
  return units === undefined ? String(value) : timeText(units.toTime(value));
}

function timeText({ day, nanosecond }: TimePoint): string | undefined {
  return isPrintableDay(day) ? formatTime({ day, nanosecond }, { decimals: 'shortest' }) : undefined;
}
