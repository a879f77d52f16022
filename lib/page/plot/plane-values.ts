/**
 * Reads planes of das2 records as numbers for plots: fill, text that is no number and non-finite values become NaN; times become us2000
 * (stream-format 5, 6, 7). Pure: works in browsers.
 */
import { fillRange } from '../../stream/fill.js';
import type { PacketHeader, Plane, StreamHeader } from '../../stream/header.js';
import { parseReal } from '../../stream/number-text-reader.js';
import { planeFill } from '../../stream/plane-fill.js';
import { TimeTextReader } from '../../stream/time-text.js';
import { timeUnits } from '../../stream/units.js';

/** Numbers in one growing piece of memory. */
export class NumberList {
  private numbers = new Float64Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.numbers.length) {
      const larger = new Float64Array(this.length * 2);
      larger.set(this.numbers);
      this.numbers = larger;
    }
    this.numbers[this.length++] = value;
  }

  /** The numbers so far; valid until the next push. */
  get values(): Float64Array {
    return this.numbers.subarray(0, this.length);
  }
}

/** Hands the values of one plane of a record to `take`, one after the other. */
export type PlaneReader = (bytes: Uint8Array, view: DataView, record: number, take: (value: number) => void) => void;

/** Reader for a y, z or scan plane; `offset` is the place of its first value in a record. */
export function valueReader(plane: Plane, offset: number, packet: PacketHeader, stream: StreamHeader): PlaneReader {
  const { low, high } = fillRange(planeFill(plane, packet, stream));
  const read = rawReader(plane, offset);
  return (bytes, view, record, take) =>
    read(bytes, view, record, (value) =>
      take((value < low || value > high) && Number.isFinite(value) ? value : Number.NaN),
    );
}

/** Reader for an x plane that gives us2000; undefined if its values are no times. */
export function timeReader(plane: Plane, offset: number): PlaneReader | undefined {
  const read = rawReader(plane, offset);
  if (plane.encoding.kind === 'time') return read;
  const units = timeUnits(plane.units ?? '');
  if (units === undefined) return undefined;
  return (bytes, view, record, take) => read(bytes, view, record, (value) => take(units.toUs2000(value)));
}

function rawReader(plane: Plane, offset: number): PlaneReader {
  const { encoding, itemCount } = plane;
  const { kind, littleEndian, width } = encoding;
  const time = new TimeTextReader();
  return (bytes, view, record, take) => {
    let at = record + offset;
    for (let i = 0; i < itemCount; i++, at += width) {
      if (kind === 'real4') take(view.getFloat32(at, littleEndian));
      else if (kind === 'real8') take(view.getFloat64(at, littleEndian));
      else if (kind === 'ascii') take(parseReal(bytes, at, at + width));
      else take(time.read(bytes, at, at + width) ? time.us2000 : Number.NaN);
    }
  };
}
