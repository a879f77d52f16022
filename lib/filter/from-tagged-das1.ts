/**
 * The filter behind `das2_from_tagged_das1`: sweeps of tagged das1 as scans of das2 (stream-format 13.9).
 *
 *     :b0:            one sweep of triplets: x, y, z, x, y, z ...; behind :by: records of x and one z per y tag
 *     :by:            the y tags of the records that follow; an empty one ends them
 *     :bx:            offsets of the items of a record from its x
 *
 * Contract: a sweep becomes one record, its frequencies in ascending order; sweeps of the same frequencies share a packet id (output-types.ts).
 * Values at equal frequencies are averaged. x is a number of seconds from the time of `-tBeg`. What cannot be a record (length, times or frequencies
 * that are no numbers) is left out with a log comment, or is a fault in the strict mode. Faults end the stream as in 11.4.
 */
import { Das2Error } from '../error.js';
import type { ByteFilter, ByteSink } from '../stream/byte-filter.js';
import { parseEncoding } from '../stream/encoding.js';
import { fillRange } from '../stream/fill.js';
import type { Plane, StreamHeader } from '../stream/header.js';
import type { Property } from '../stream/properties.js';
import { StreamWriter } from '../stream/stream-writer.js';
import { timeUnits } from '../stream/units.js';
import { type TaggedDas1Kind, TaggedDas1Packets } from './das1/tagged-packets.js';
import { FaultGuard } from './fault-guard.js';
import { OutputType, OutputTypes } from './output-types.js';
import { datumText } from './print-number.js';

/** The program, as it names itself. */
export const NAME = 'das2_from_tagged_das1';
/** Log comments about packets that are left out; the rest is counted only. */
const TOLD_FAULTS = 10;

/** Which x stands for a sweep. */
export type SweepTime = 'first' | 'mean' | 'last';

export interface TaggedDas1Options {
  /** Time of x = 0 in us2000. */
  readonly begin: number;
  readonly fill: number;
  readonly sweepTime: SweepTime;
  /** Units of the output's x. */
  readonly xUnits: 'us2000' | 't2000';
  readonly yUnits: string;
  readonly zUnits: string;
  /** xTagWidth in seconds, yTagWidth in `yUnits`. */
  readonly xWidth?: number | undefined;
  readonly yWidth?: number | undefined;
  /** What cannot be a record ends the stream. */
  readonly strict: boolean;
}

/** The filter behind `das2_from_tagged_das1`. */
export function createFromTaggedDas1(options: TaggedDas1Options, sink: ByteSink): ByteFilter {
  return new FromTaggedDas1(options, sink);
}

/** The frequencies of a sweep: which of its items go where. */
interface FrequencySet {
  /** Frequencies as they came, to know the set again. */
  readonly given: Float32Array;
  /** Item of the sweep -> item of the scan. */
  readonly target: Uint32Array;
  readonly count: number;
  readonly type: OutputType;
}

class FromTaggedDas1 implements ByteFilter {
  private readonly writer: StreamWriter;
  private readonly output: OutputTypes;
  private readonly packets: TaggedDas1Packets;
  private readonly low: number;
  private readonly high: number;
  private readonly fromUs2000: (us2000: number) => number;
  private readonly types = new Map<string, OutputType>();
  private tags: Float32Array = new Float32Array(0);
  private offsets: Float32Array = new Float32Array(0);
  private last: FrequencySet | undefined;
  private sums = new Float64Array(0);
  private counts = new Float64Array(0);
  private faults = 0;
  private readonly guard = new FaultGuard((error) => this.writer.fault(NAME, error));

  constructor(
    private readonly options: TaggedDas1Options,
    sink: ByteSink,
  ) {
    this.writer = new StreamWriter(sink);
    this.output = new OutputTypes(this.writer);
    this.packets = new TaggedDas1Packets((kind, values) => this.packet(kind, values));
    const { low, high } = fillRange(options.fill);
    this.low = low;
    this.high = high;
    const units = timeUnits(options.xUnits);
    this.fromUs2000 = (us2000) => units?.fromUs2000(us2000) ?? us2000;
  }

  push(chunk: Uint8Array): void {
    this.guard.run(() => this.packets.push(chunk));
  }

  flush(): void {
    if (!this.guard.stopped) this.writer.flush();
  }

  end(): void {
    this.guard.end(() => {
      this.packets.end();
      if (this.faults > TOLD_FAULTS) this.say(`${this.faults} packets or records were left out`);
      this.writer.flush();
    });
  }

  private packet(kind: TaggedDas1Kind, values: Float32Array): void {
    if (!this.writer.started) this.writer.streamHeader(this.streamHeader());
    if (kind === 'by') {
      this.tags = values;
      return;
    }
    if (kind === 'bx') {
      this.offsets = values;
      return;
    }
    const { tags } = this;
    if (tags.length === 0) this.triplets(values);
    else this.tagged(values, tags);
  }

  /** A sweep of triplets. */
  private triplets(values: Float32Array): void {
    const count = values.length / 3;
    if (values.length === 0) return;
    if (!Number.isInteger(count)) {
      this.leaveOut(`a packet of ${values.length} values is no list of x, y and z, and no y tags came before it`);
      return;
    }
    const x = new Float32Array(count);
    const y = new Float32Array(count);
    const z = new Float32Array(count);
    for (let i = 0; i < count; i++) {
      x[i] = values[3 * i] as number;
      y[i] = values[3 * i + 1] as number;
      z[i] = values[3 * i + 2] as number;
    }
    this.sweep(x, y, z);
  }

  /** Records of x and one z per y tag. */
  private tagged(values: Float32Array, tags: Float32Array): void {
    const { offsets } = this;
    const size = tags.length + 1;
    if (values.length % size !== 0) {
      this.leaveOut(`a packet of ${values.length} values does not hold whole records of x and ${tags.length} values`);
      return;
    }
    if (offsets.length !== 0 && offsets.length !== tags.length) {
      this.leaveOut(`${offsets.length} x offsets do not fit ${tags.length} y tags`);
      return;
    }
    for (let at = 0; at < values.length; at += size) {
      const x = new Float64Array(tags.length).fill(values[at] as number);
      offsets.forEach((offset, i) => {
        x[i] = (x[i] as number) + offset;
      });
      this.sweep(x, tags, values.subarray(at + 1, at + size));
    }
  }

  private sweep(x: ArrayLike<number>, y: Float32Array, z: Float32Array): void {
    const seconds = this.timeOf(x);
    if (!Number.isFinite(seconds)) {
      this.leaveOut('the x of a sweep is no number');
      return;
    }
    const set = this.setOf(y);
    if (set === undefined) return;
    const { sums, counts, low, high } = this;
    sums.fill(0, 0, set.count);
    counts.fill(0, 0, set.count);
    for (let i = 0; i < z.length; i++) {
      const value = z[i] as number;
      if (!(value < low || value > high)) continue;
      const to = set.target[i] as number;
      sums[to] = (sums[to] as number) + value;
      counts[to] = (counts[to] as number) + 1;
    }
    let at = this.output.beginRecord(set.type);
    const { view } = this.writer;
    view.setFloat64(at, this.fromUs2000(this.options.begin + seconds * 1e6), true);
    at += 8;
    for (let item = 0; item < set.count; item++, at += 4) {
      const count = counts[item] as number;
      view.setFloat32(at, count === 0 ? this.options.fill : (sums[item] as number) / count, true);
    }
  }

  private timeOf(x: ArrayLike<number>): number {
    const { sweepTime } = this.options;
    if (sweepTime === 'first') return x[0] as number;
    if (sweepTime === 'last') return x[x.length - 1] as number;
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += x[i] as number;
    return sum / x.length;
  }

  /** The frequencies of a sweep, with their packet type; undefined if they are none. */
  private setOf(y: Float32Array): FrequencySet | undefined {
    const { last } = this;
    if (last !== undefined && sameValues(last.given, y)) return last;
    const sorted = Float32Array.from(new Set(y)).sort();
    if (!sorted.every((frequency) => Number.isFinite(frequency))) {
      this.leaveOut('a frequency of a sweep is no number');
      return undefined;
    }
    if (sorted.length < y.length && this.options.strict) {
      this.leaveOut('a sweep has the same frequency twice');
      return undefined;
    }
    const place = new Map([...sorted].map((frequency, item) => [frequency, item]));
    const tags = [...sorted].map(shortText).join(',');
    let type = this.types.get(tags);
    if (type === undefined) {
      // Sets that are seldom seen again must not fill the memory; output-types.ts knows 99 anyway.
      if (this.types.size > 200) this.types.clear();
      type = new OutputType({ group: undefined, properties: [], planes: this.planes(tags, sorted.length) });
      this.types.set(tags, type);
    }
    if (this.sums.length < sorted.length) {
      this.sums = new Float64Array(sorted.length);
      this.counts = new Float64Array(sorted.length);
    }
    const target = Uint32Array.from(y, (frequency) => place.get(frequency) ?? 0);
    this.last = { given: Float32Array.from(y), target, count: sorted.length, type };
    return this.last;
  }

  private planes(tags: string, itemCount: number): Plane[] {
    const { xUnits, yUnits, zUnits } = this.options;
    const common = { itemCount: 1, attributes: new Map<string, string>(), properties: [] };
    const attributes = new Map([
      ['yUnits', yUnits],
      ['yTags', tags],
    ]);
    return [
      { ...common, element: 'x', name: '', encoding: parseEncoding('little_endian_real8'), units: xUnits },
      {
        ...common,
        element: 'yscan',
        name: 'amplitude',
        encoding: parseEncoding('little_endian_real4'),
        units: zUnits,
        itemCount,
        attributes,
      },
    ];
  }

  private streamHeader(): StreamHeader {
    const { fill, xWidth, yWidth, yUnits } = this.options;
    const properties: Property[] = [{ type: '', name: 'xLabel', value: 'Time' }];
    if (xWidth !== undefined) properties.push({ type: 'Datum', name: 'xTagWidth', value: `${datumText(xWidth)} s` });
    if (yWidth !== undefined) {
      properties.push({ type: 'Datum', name: 'yTagWidth', value: `${datumText(yWidth)} ${yUnits}`.trim() });
    }
    properties.push(
      { type: 'double', name: 'zFill', value: String(fill) },
      { type: '', name: 'sourceId', value: NAME },
    );
    return { version: '2.2', compressed: false, properties };
  }

  private leaveOut(reason: string): void {
    if (this.options.strict) throw new Das2Error('framing', reason);
    if (++this.faults <= TOLD_FAULTS) this.say(`left out: ${reason}`);
  }

  private say(value: string): void {
    this.writer.comment({ type: 'log:warning', source: NAME, value });
  }
}

function sameValues(a: Float32Array, b: Float32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The shortest decimal text that is this 4-byte real. */
export function shortText(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}
