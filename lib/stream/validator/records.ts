/**
 * Checks the values of records: text that cannot be read, separators, NaN, and x that is undefined or goes back (stream-format 2.2,
 * 5, 7, 12). Serves das2 and QStreams alike.
 *
 * Contract: works on runs of records, without an object per value; counts nothing but what it is told to.
 */
import { DEFAULT_FILL, isFill } from '../fill.js';
import { type QEncoding, type QValueReader, valueReader } from '../qstream/encoding.js';
import { formatTime, timeFromUs2000 } from '../time.js';
import { TimeTextReader } from '../time-text.js';
import type { TimeUnits } from '../units.js';
import { type Findings, type Place, quoted } from './findings.js';
import type { PlacedRun } from './framing.js';

/** One plane of a das2 packet, or one data set of a QStream packet. */
export interface ValueColumn {
  /** How messages call it. */
  readonly label: string;
  readonly encoding: QEncoding;
  readonly littleEndian: boolean;
  readonly offset: number;
  readonly itemCount: number;
}

export interface XColumn {
  readonly column: ValueColumn;
  /** Undefined where x is no time. */
  readonly units: TimeUnits | undefined;
  /** From x to us2000, where `units` is known. */
  readonly toUs2000: (value: number) => number;
  /** True if the headers say that x never decreases. */
  readonly monotonic: boolean;
}

export interface RecordLayout {
  readonly size: number;
  readonly columns: readonly ValueColumn[];
  readonly x: XColumn | undefined;
  readonly family: 'das2' | 'qstream';
}

/** Smallest and largest time seen so far in us2000. */
export interface TimeSpan {
  low: number;
  high: number;
}

const NUMBER = /^\s*(?:[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:nan|inf(?:inity)?))/i;

export class RecordChecker {
  private readonly timeReader = new TimeTextReader();
  private readonly readX: QValueReader | undefined;
  private lastX: number | undefined;

  constructor(
    private readonly layout: RecordLayout,
    private readonly packet: string,
    private readonly span: TimeSpan,
    private readonly findings: Findings,
  ) {
    const { x } = layout;
    this.readX =
      x === undefined
        ? undefined
        : valueReader({ ...x.column, units: x.units === undefined ? 'us2000' : x.units.name });
  }

  check(run: PlacedRun): void {
    const { columns, x } = this.layout;
    for (let i = 0, record = run.offset; i < run.count; i++, record += run.stride) {
      // Added to an index in `bytes`, gives the offset in the stream.
      const shift = run.streamOffset - run.offset;
      for (const column of columns) this.checkColumn(column, run, record, shift);
      if (x !== undefined) this.checkX(x, run, record, shift);
    }
  }

  private checkColumn(column: ValueColumn, run: PlacedRun, record: number, shift: number): void {
    const { encoding, itemCount, littleEndian } = column;
    let at = record + column.offset;
    if (encoding.kind === 'ascii' || encoding.kind === 'time') {
      const last = record + this.layout.size;
      for (let item = 0; item < itemCount; item++, at += encoding.width) this.checkText(column, run, at, last, shift);
      return;
    }
    if (this.layout.family === 'qstream' || column === this.layout.x?.column) return;
    const { view } = run;
    for (let item = 0; item < itemCount; item++, at += encoding.width) {
      const value = encoding.kind === 'real8' ? view.getFloat64(at, littleEndian) : view.getFloat32(at, littleEndian);
      if (Number.isNaN(value)) this.reportNaN(column, at + shift);
    }
  }

  private checkText(column: ValueColumn, { bytes }: PlacedRun, at: number, recordEnd: number, shift: number): void {
    const { encoding } = column;
    const end = at + encoding.width;
    const das2 = this.layout.family === 'das2';
    if (das2) this.checkSeparator(column, bytes[end - 1] as number, end, recordEnd, shift);
    if (encoding.kind === 'time') {
      if (this.timeReader.read(bytes, at, end)) return;
      this.findings.add(das2 ? 'time-unreadable' : 'q-text-unreadable', this.place(at + shift), () =>
        this.unreadable(column, bytes, at, 'time'),
      );
      return;
    }
    const text = latin1(bytes, at, end);
    const match = NUMBER.exec(text);
    if (match === null) {
      this.findings.add(das2 ? 'number-unreadable' : 'q-text-unreadable', this.place(at + shift), () =>
        this.unreadable(column, bytes, at, 'number'),
      );
    } else if (das2) {
      if (text.slice(match[0].length).trim() !== '') {
        this.findings.add(
          'number-trailing-text',
          this.place(at + shift),
          () => `${column.label} has the field ${quoted(text)}`,
        );
      }
      if (/nan/i.test(match[0]) && column !== this.layout.x?.column) this.reportNaN(column, at + shift);
    }
  }

  private unreadable({ label, encoding }: ValueColumn, bytes: Uint8Array, at: number, what: string): string {
    return `${label} has a field without a ${what}: ${quoted(latin1(bytes, at, at + encoding.width))}`;
  }

  private checkSeparator(column: ValueColumn, byte: number, end: number, recordEnd: number, shift: number): void {
    const wanted = end === recordEnd ? 0x0a : 0x20;
    if (byte === wanted) return;
    const place = this.place(end - 1 + shift);
    const shown = (): string => quoted(String.fromCharCode(byte));
    if (byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)) {
      this.findings.add('separator-form', place, () =>
        wanted === 0x0a
          ? `the record ends with ${shown()} instead of a newline`
          : `a field of ${column.label} ends with ${shown()} instead of a blank`,
      );
    } else this.findings.add('field-separator', place, () => `a field of ${column.label} ends with ${shown()}`);
  }

  private reportNaN(column: ValueColumn, offset: number): void {
    this.findings.add('nan-value', this.place(offset), () => `${column.label} has a value that is NaN`);
  }

  private checkX(x: XColumn, { bytes, view }: PlacedRun, record: number, shift: number): void {
    const at = record + x.column.offset;
    const value = this.readX?.(bytes, view, at) ?? Number.NaN;
    if (!Number.isFinite(value) || isFill(value, DEFAULT_FILL)) {
      // Text that cannot be read has been reported already.
      if (!Number.isNaN(value) || this.isNaNWord(x, bytes, at)) {
        this.findings.add('x-undefined', this.place(at + shift), () => `${x.column.label} of the record is ${value}`);
      }
      return;
    }
    const last = this.lastX;
    this.lastX = value;
    if (last !== undefined && value < last) {
      const step = (): string => `${x.column.label} goes back from ${shownX(x, last)} to ${shownX(x, value)}`;
      if (x.monotonic) this.findings.add('not-monotonic', this.place(at + shift), step);
      else if (x.units !== undefined) this.findings.add('x-decreases', this.place(at + shift), step);
    }
    if (x.units === undefined) return;
    const time = x.toUs2000(value);
    if (time < this.span.low) this.span.low = time;
    if (time > this.span.high) this.span.high = time;
  }

  private isNaNWord({ column }: XColumn, bytes: Uint8Array, at: number): boolean {
    const { kind, width } = column.encoding;
    if (kind === 'time') return false;
    return kind !== 'ascii' || NUMBER.test(latin1(bytes, at, at + width));
  }

  private place(offset: number): Place {
    return { offset, packet: this.packet };
  }
}

/** An x value in words: times as ISO text. */
function shownX({ units, toUs2000 }: XColumn, value: number): string {
  return units === undefined ? String(value) : formatTime(timeFromUs2000(toUs2000(value)));
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i] as number);
  return text;
}
