/**
 * The x plane of data that are transformed: its values in its own units, and how many seconds one of them is (stream-format 13.6).
 *
 * Contract: time points (6.1), time intervals (6.3) and `base` with an interval are understood; `timeN` text is read and written as us2000.
 * A value that is fill or no number is NaN; the caller drops such a record. Text that is no time is a `valueEncoding` fault.
 */
import { Das2Error } from '../../error.js';
import type { Encoding } from '../../stream/encoding.js';
import { DEFAULT_FILL, isFill } from '../../stream/fill.js';
import type { Plane } from '../../stream/header.js';
import { TimeTextReader } from '../../stream/time-text.js';
import { intervalSeconds, timeUnits } from '../../stream/units.js';
import { FieldWriter } from '../bin/record-writer.js';
import { centreEncoding } from '../bin/time-type.js';
import { PlaneValues } from '../plane-values.js';
import { unreadableTime } from '../unreadable-time.js';

export class PsdAxis {
  /** Seconds of one unit of x; undefined if x is no time. */
  readonly unitSeconds: number | undefined;
  private readonly values: PlaneValues;
  private readonly text: TimeTextReader | undefined;

  constructor(
    readonly plane: Plane,
    private readonly offset: number,
    private readonly id: number,
  ) {
    this.values = new PlaneValues(plane, offset);
    this.text = plane.encoding.kind === 'time' ? new TimeTextReader() : undefined;
    const units = plane.units ?? 'us2000';
    if (this.text !== undefined) this.unitSeconds = 1e-6;
    else this.unitSeconds = timeUnits(units)?.intervalSeconds ?? intervalSeconds(units);
  }

  /** Throws `units` unless x is a time. Called with the first record: a header without records does no harm. */
  requireTime(): number {
    if (this.unitSeconds !== undefined) return this.unitSeconds;
    const units = JSON.stringify((this.plane.units ?? '').slice(0, 60));
    throw new Das2Error('units', `x of packet type ${this.id} has the units ${units}, which are no time units`);
  }

  /** x of the record at `record`, in its own units. */
  read(bytes: Uint8Array, view: DataView, record: number): number {
    const { text } = this;
    if (text === undefined) {
      const value = this.values.read(bytes, view, record)[0] as number;
      return isFill(value, DEFAULT_FILL) || !Number.isFinite(value) ? Number.NaN : value;
    }
    const at = record + this.offset;
    const { width } = this.plane.encoding;
    if (!text.read(bytes, at, at + width)) throw unreadableTime(bytes, at, width);
    return text.isFill ? Number.NaN : text.us2000;
  }

  /** The x plane of the spectra of windows of so many seconds, advanced by `advance` seconds; wide enough for their middles (D-19). */
  outputPlane(seconds: number, advance: number): Plane {
    const encoding = centreEncoding(centreEncoding(this.plane.encoding, seconds, undefined), 2 * advance, undefined);
    const units = encoding.kind === 'time' ? 'UTC' : this.plane.units;
    return { ...this.plane, encoding, units };
  }

  /** Writes values of x in that encoding. */
  static writer(encoding: Encoding): FieldWriter {
    return new FieldWriter(encoding, DEFAULT_FILL);
  }
}
