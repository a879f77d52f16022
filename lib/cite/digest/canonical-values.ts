/**
 * Values of one plane in canonical form: numbers as 8-byte reals, times as 29 characters (citation 4.3).
 *
 * Contract: values of many records are written in one call, each record `step` bytes behind the one before, so the loops know nothing of
 * packets. -0 becomes 0; NaN and exact fill become one and the same NaN. Text that holds no number is NaN. A time that cannot be read
 * throws `valueEncoding`: such a stream has no digest.
 */
import { Das2Error } from '../../error.js';
import type { Plane } from '../../stream/header.js';
import { parseReal } from '../../stream/number-text.js';
import type { RecordRun } from '../../stream/record-run.js';
import { TimeTextReader, TimeTextWriter } from '../../stream/time-text.js';

const REAL_WIDTH = 8;
const TIME_WIDTH = 29;
const NAN_WORD = 0x7ff80000;

/** Where values go. */
export interface CanonicalTarget {
  readonly bytes: Uint8Array;
  /** The same memory. */
  readonly view: DataView;
  /** Where the first value of the first record goes. */
  readonly at: number;
  /** Bytes from one record to the next. */
  readonly step: number;
}

/** Which values: `items` of each of `count` records, from `offset` of the first record on, which is a place in `bytes` of the run. */
export interface ValueBlock {
  readonly offset: number;
  readonly count: number;
  readonly items: number;
}

/** Writes the values of one plane. */
export interface CanonicalPlane {
  readonly plane: Plane;
  /** Place of the first value in a record. */
  readonly offset: number;
  /** Bytes of one value here. */
  readonly width: number;
  write(run: RecordRun, block: ValueBlock, target: CanonicalTarget): void;
}

/** What writes the values of a plane that stands at `offset` of a record; `fill` NaN: there is none. */
export function canonicalPlane(plane: Plane, offset: number, fill: number): CanonicalPlane {
  const { kind, littleEndian, width } = plane.encoding;
  switch (kind) {
    case 'real4': {
      const rounded = Math.fround(fill);
      return {
        plane,
        offset,
        width: REAL_WIDTH,
        write: (run, block, target) => writeReal4(run, block, target, littleEndian, rounded),
      };
    }
    case 'real8':
      return {
        plane,
        offset,
        width: REAL_WIDTH,
        write: (run, block, target) => writeReal8(run, block, target, littleEndian, fill),
      };
    case 'ascii':
      return {
        plane,
        offset,
        width: REAL_WIDTH,
        write: (run, block, target) => writeNumbers(run, block, target, width, fill),
      };
    case 'time': {
      const times = new CanonicalTimes(width);
      return {
        plane,
        offset,
        width: TIME_WIDTH,
        write: (run, block, target) => times.write(run, block, target),
      };
    }
  }
}

function writeReal4(
  { view, stride }: RecordRun,
  { offset, count, items }: ValueBlock,
  { view: out, at, step }: CanonicalTarget,
  littleEndian: boolean,
  fill: number,
): void {
  for (let record = 0, from = offset, to = at; record < count; record++, from += stride, to += step) {
    const end = from + items * 4;
    for (let place = from, next = to; place < end; place += 4, next += 8) {
      const value = view.getFloat32(place, littleEndian);
      if (value !== fill && !Number.isNaN(value)) out.setFloat64(next, value + 0);
      else writeNaN(out, next);
    }
  }
}

function writeReal8(
  { view, stride }: RecordRun,
  { offset, count, items }: ValueBlock,
  { view: out, at, step }: CanonicalTarget,
  littleEndian: boolean,
  fill: number,
): void {
  for (let record = 0, from = offset, to = at; record < count; record++, from += stride, to += step) {
    const end = from + items * 8;
    for (let place = from, next = to; place < end; place += 8, next += 8) {
      const value = view.getFloat64(place, littleEndian);
      if (value !== fill && !Number.isNaN(value)) out.setFloat64(next, value + 0);
      else writeNaN(out, next);
    }
  }
}

function writeNumbers(
  { bytes, stride }: RecordRun,
  { offset, count, items }: ValueBlock,
  { view: out, at, step }: CanonicalTarget,
  width: number,
  fill: number,
): void {
  for (let record = 0, from = offset, to = at; record < count; record++, from += stride, to += step) {
    const end = from + items * width;
    for (let place = from, next = to; place < end; place += width, next += 8) {
      const value = parseReal(bytes, place, place + width);
      if (value !== fill && !Number.isNaN(value)) out.setFloat64(next, value + 0);
      else writeNaN(out, next);
    }
  }
}

function writeNaN(out: DataView, at: number): void {
  out.setUint32(at, NAN_WORD);
  out.setUint32(at + 4, 0);
}

/** A clock time with a leap second, as far as it matters here. */
const LEAP = /:60(\.\d*)?Z?$/;
const LONG_FRACTION = /(\.\d{9})\d+(Z?)$/;

/** Times as text: one reader and one writer keep the date that records share. */
class CanonicalTimes {
  private readonly reader = new TimeTextReader();
  private readonly writer = new TimeTextWriter(TIME_WIDTH + 1);
  private readonly scratch = new Uint8Array(TIME_WIDTH + 1);
  /** What of it counts: one view for all records. */
  private readonly text = this.scratch.subarray(0, TIME_WIDTH);

  constructor(private readonly width: number) {}

  write({ bytes, stride }: RecordRun, { offset, count, items }: ValueBlock, target: CanonicalTarget): void {
    const { width } = this;
    for (let record = 0; record < count; record++) {
      const from = offset + record * stride;
      const to = target.at + record * target.step;
      for (let item = 0; item < items; item++) {
        this.one(bytes, from + item * width, target.bytes, to + item * TIME_WIDTH);
      }
    }
  }

  private one(bytes: Uint8Array, from: number, out: Uint8Array, to: number): void {
    const { reader, writer, scratch, text } = this;
    // A leap second, or more digits than a time point holds, is rare; both have text behind the minute that is easily found.
    const isPlain = reader.read(bytes, from, from + this.width) && reader.plainLength > 0;
    const isLeap = !isPlain && this.readOther(bytes, from);
    writer.write(scratch, 0, reader.day, reader.nanosecond);
    if (isLeap) {
      scratch[17] = 0x36;
      scratch[18] = 0x30;
    }
    out.set(text, to);
  }

  /** Reads text of another form; true if it tells of a leap second, which is read as the second before it. */
  private readOther(bytes: Uint8Array, from: number): boolean {
    let text = '';
    for (let at = from; at < from + this.width; at++) text += String.fromCharCode(bytes[at] as number);
    const shown = text.trim();
    const isLeap = LEAP.test(shown);
    const usual = shown.replace(LEAP, ':59$1').replace(LONG_FRACTION, '$1$2');
    const plain = Uint8Array.from(usual, (character) => character.charCodeAt(0));
    if (!this.reader.read(plain, 0, plain.length)) {
      throw new Das2Error(
        'valueEncoding',
        `a time of the stream cannot be read: ${JSON.stringify(shown.slice(0, 40))}`,
      );
    }
    return isLeap;
  }
}
