/**
 * Times of HAPI tables: the x of a record as a moment, and as text of one length (server-internals 6.5).
 *
 * Contract: any time units of stream-format 6.1, `base` with an interval, or `timeN` text; exact to the nanosecond where the stream is. Text is
 * rounded to its decimals but never leaves the range that was asked for: HAPI promises begin <= t < end for what is printed.
 */
import { Das2Error } from '../../error.js';
import { DEFAULT_FILL, isFill } from '../../stream/fill.js';
import type { Plane } from '../../stream/header.js';
import { planeTimeUnits } from '../../stream/plane-time.js';
import { addNanoseconds, compareTimes, NANOSECONDS_PER_DAY, type TimePoint } from '../../stream/time.js';
import { isPrintableDay, TimeTextReader, TimeTextWriter, timeDecimals } from '../../stream/time-text.js';
import type { TimeUnits } from '../../stream/units.js';
import { PlaneValues } from '../plane-values.js';
import { unreadableTime } from '../unreadable-time.js';

/** Reads the times of a plane. */
export class TimeColumnReader {
  private readonly text: TimeTextReader | undefined;
  private readonly values: PlaneValues;
  private readonly units: TimeUnits | undefined;

  constructor(
    private readonly plane: Plane,
    private readonly offset: number,
  ) {
    this.text = plane.encoding.kind === 'time' ? new TimeTextReader() : undefined;
    this.values = new PlaneValues(plane, offset);
    this.units = this.text === undefined ? planeTimeUnits(plane) : undefined;
  }

  /**
   * The time of the record at `record`, undefined if it is fill or in a year without four digits, which no text can tell. Text that
   * is no time is fill, too. Throws `units` if the plane holds no times, and `valueEncoding` for an x whose text is none.
   */
  read(bytes: Uint8Array, view: DataView, record: number): TimePoint | undefined {
    if (this.text !== undefined) return this.readText(this.text, bytes, record + this.offset);
    const value = this.values.read(bytes, view, record)[0] as number;
    if (this.units === undefined) {
      const units = JSON.stringify((this.plane.units ?? '').slice(0, 60));
      throw new Das2Error('units', `x has the units ${units}, which are no time units`);
    }
    if (isFill(value, DEFAULT_FILL) || !Number.isFinite(value)) return undefined;
    const time = this.units.toTime(value);
    return isPrintableDay(time.day) ? time : undefined;
  }

  private readText(text: TimeTextReader, bytes: Uint8Array, at: number): TimePoint | undefined {
    const { element, encoding } = this.plane;
    if (!text.read(bytes, at, at + encoding.width)) {
      if (element === 'x') throw unreadableTime(bytes, at, encoding.width);
      return undefined;
    }
    return text.isFill || !isPrintableDay(text.day) ? undefined : { day: text.day, nanosecond: text.nanosecond };
  }
}

/** Decimals of the second that the times of a plane deserve: 3, 6 or 9. */
export function defaultDecimals(plane: Plane): 3 | 6 | 9 {
  if (plane.encoding.kind !== 'time') return /^(?:TT2000|tt2000|cdfTT2000|ns1970)$/.test(plane.units ?? '') ? 9 : 3;
  const shown = timeDecimals(plane.encoding.width) ?? 0;
  return shown <= 3 ? 3 : shown <= 6 ? 6 : 9;
}

/** Writes times as `YYYY-MM-DDThh:mm:ss.fffZ`. */
export class TimeColumnWriter {
  /** Characters of a time, `Z` counted: 24, 27 or 30. */
  readonly length: number;
  private readonly writer: TimeTextWriter;
  private readonly unit: number;
  /** First and last time that may be printed. */
  private readonly first: TimePoint | undefined;
  private readonly last: TimePoint | undefined;

  constructor(
    decimals: 3 | 6 | 9,
    range: { readonly begin?: TimePoint | undefined; readonly end?: TimePoint | undefined },
  ) {
    this.length = 21 + decimals;
    this.writer = new TimeTextWriter(this.length);
    this.unit = 10 ** (9 - decimals);
    this.first = range.begin && this.shown(range.begin, Math.ceil);
    this.last = range.end && addNanoseconds(this.shown(range.end, Math.ceil), -this.unit);
  }

  /** The time as it is printed. */
  printed(time: TimePoint): TimePoint {
    const shown = this.shown(time, Math.round);
    if (this.first !== undefined && compareTimes(shown, this.first) < 0) return this.first;
    return this.last !== undefined && compareTimes(shown, this.last) > 0 ? this.last : shown;
  }

  /** Writes a printed time at `at`; returns where it ends. */
  write(target: Uint8Array, at: number, time: TimePoint): number {
    this.writer.write(target, at, time.day, time.nanosecond);
    target[at + this.length - 1] = 0x5a;
    return at + this.length;
  }

  private shown({ day, nanosecond }: TimePoint, round: (value: number) => number): TimePoint {
    const whole = round(nanosecond / this.unit) * this.unit;
    if (whole < NANOSECONDS_PER_DAY) return { day, nanosecond: whole };
    // The last moment of the last year is not rounded up.
    return isPrintableDay(day + 1) ? { day: day + 1, nanosecond: 0 } : { day, nanosecond: whole - this.unit };
  }
}
