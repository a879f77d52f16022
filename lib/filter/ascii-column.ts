/**
 * The loops of `das2_ascii`: one plane of a run of records from its encoding to text.
 *
 * Contract: `write` handles `count` records and returns how many it has done: fewer only if an x value holds no readable
 * time, or one that no text can tell (`stopsAtUnreadable`); the caller then reports the record. No object and no string is made per value.
 */
import { type FillRange, fillRange } from '../stream/fill.js';
import { isPrintedReal, parseReal, writeReal } from '../stream/number-text.js';
import {
  isBeyondText,
  isUs2000BeyondText,
  TimeTextReader,
  TimeTextWriter,
  timeTextLength,
} from '../stream/time-text.js';
import type { TimeUnits } from '../stream/units.js';
import { printedTimeUnits } from './ascii-plan.js';
import type { ColumnRules, Place, RecordColumn } from './recoded-packet.js';

/** The column of one plane. */
export function asciiColumn(rules: ColumnRules): RecordColumn {
  switch (rules.source.kind) {
    case 'ascii':
      return new AsciiToAscii(rules);
    case 'time':
      return new TimeToTime(rules);
    default:
      return rules.target.kind === 'time' ? new RealToTime(rules) : new RealToAscii(rules);
  }
}

class RealToAscii implements RecordColumn {
  constructor(private readonly rules: ColumnRules) {}

  write(source: Place, target: Place, count: number): number {
    const { itemCount, fill } = this.rules;
    const { littleEndian, width: step } = this.rules.source;
    const { width } = this.rules.target;
    const { view } = source;
    const { bytes } = target;
    for (let record = 0; record < count; record++) {
      let from = source.offset + record * source.stride;
      let to = target.offset + record * target.stride;
      for (let item = 0; item < itemCount; item++) {
        const value = step === 8 ? view.getFloat64(from, littleEndian) : view.getFloat32(from, littleEndian);
        writeReal(bytes, to, width, value, fill);
        from += step;
        to += width;
      }
    }
    return count;
  }
}

class RealToTime implements RecordColumn {
  private readonly writer: TimeTextWriter;
  /** Undefined for microseconds since 2000, which need no conversion. */
  private readonly units: TimeUnits | undefined;
  private readonly fill: FillRange;

  constructor(private readonly rules: ColumnRules) {
    this.writer = new TimeTextWriter(rules.target.width);
    this.fill = fillRange(rules.fill);
    const units = printedTimeUnits(rules.plane);
    this.units = units?.name === 'us2000' ? undefined : units;
  }

  write(source: Place, target: Place, count: number): number {
    const { itemCount } = this.rules;
    const { littleEndian, width: step } = this.rules.source;
    const { width } = this.rules.target;
    const { view } = source;
    const { bytes } = target;
    const { writer, units } = this;
    const { stopsAtUnreadable } = this.rules;
    const { low, high } = this.fill;
    for (let record = 0; record < count; record++) {
      let from = source.offset + record * source.stride;
      let to = target.offset + record * target.stride;
      for (let item = 0; item < itemCount; item++) {
        const value = step === 8 ? view.getFloat64(from, littleEndian) : view.getFloat32(from, littleEndian);
        // Fill and NaN are written as the fill time, and so is what has no text, except where it is the time of the record.
        if (!((value < low || value > high) && Number.isFinite(value))) writer.writeUs2000(bytes, to, Number.NaN);
        else if (units === undefined) {
          if (stopsAtUnreadable && isUs2000BeyondText(value)) return record;
          writer.writeUs2000(bytes, to, value);
        } else {
          const { day, nanosecond } = units.toTime(value);
          if (stopsAtUnreadable && isBeyondText(day)) return record;
          writer.write(bytes, to, day, nanosecond);
        }
        from += step;
        to += width;
      }
    }
    return count;
  }
}

class AsciiToAscii implements RecordColumn {
  constructor(private readonly rules: ColumnRules) {}

  write(source: Place, target: Place, count: number): number {
    const { itemCount, fill } = this.rules;
    const { width } = this.rules.source;
    const from = source.bytes;
    const to = target.bytes;
    for (let record = 0; record < count; record++) {
      let start = source.offset + record * source.stride;
      let at = target.offset + record * target.stride;
      for (let item = 0; item < itemCount; item++) {
        if (isPrintedReal(from, start, width)) {
          for (let i = 0; i < width; i++) to[at + i] = from[start + i] as number;
          to[at + width - 1] = 0x20;
        } else writeReal(to, at, width, parseReal(from, start, start + width, fill), fill);
        start += width;
        at += width;
      }
    }
    return count;
  }
}

/** A moment that no calendar year holds: the writer prints the fill time. */
const NO_DAY = Number.NaN;

class TimeToTime implements RecordColumn {
  private readonly reader = new TimeTextReader();
  private readonly writer: TimeTextWriter;
  private readonly textLength: number;

  constructor(private readonly rules: ColumnRules) {
    this.writer = new TimeTextWriter(rules.target.width);
    this.textLength = timeTextLength(rules.target.width);
  }

  write(source: Place, target: Place, count: number): number {
    const { itemCount, stopsAtUnreadable } = this.rules;
    const { width } = this.rules.source;
    const { reader, writer, textLength } = this;
    const from = source.bytes;
    const to = target.bytes;
    for (let record = 0; record < count; record++) {
      let start = source.offset + record * source.stride;
      let at = target.offset + record * target.stride;
      for (let item = 0; item < itemCount; item++) {
        if (!reader.read(from, start, start + width) || isBeyondText(reader.day)) {
          if (stopsAtUnreadable) return record;
          writer.write(to, at, NO_DAY, 0);
        } else if (reader.plainLength === textLength) {
          for (let i = 0; i < textLength; i++) to[at + i] = from[start + i] as number;
          for (let i = textLength; i < width; i++) to[at + i] = 0x20;
        } else writer.write(to, at, reader.day, reader.nanosecond);
        start += width;
        at += width;
      }
    }
    return count;
  }
}
