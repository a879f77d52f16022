/**
 * The accumulators of one data plane in its open bin: means, and on demand minimum, maximum and standard deviation.
 *
 * Contract: fill and NaN are skipped; the deviation is the sample form over what remains, 0 for a single value (stream-format 12.5,
 * D-02). A slot is one item of the plane, or everything together where a waveform collapses. Means of binary planes go
 * through the loops of bin/sum-kernels.ts, means with a range through those of bin/range-kernels.ts, both through bin/vector-kernels.ts
 * where that is quicker; all other cases decode a record into a scratch array first.
 */
import { parseReal } from '../../stream/number-text.js';
import type { RecordRun } from '../../stream/record-run.js';
import { TimeTextReader } from '../../stream/time-text.js';
import type { Statistic } from './companions.js';
import type { ColumnPlan } from './packet-plan.js';
import { type RangeKernel, type RangeState, rangeKernel } from './range-kernels.js';
import { type SumKernel, sumKernel } from './sum-kernels.js';
import { VectorKernel } from './vector-kernels.js';

/** What the sums of a plane are made of. */
interface Needs {
  readonly slots: number;
  readonly withRange: boolean;
  readonly withDeviation: boolean;
  readonly sum: 'kernel' | 'rangeKernel' | 'decoded';
}

function needsOf({ plane, collapsed }: ColumnPlan, statistics: readonly Statistic[]): Needs {
  const { kind } = plane.encoding;
  const isBinary = kind === 'real4' || kind === 'real8';
  const withRange = statistics.includes('minimum') || statistics.includes('maximum');
  const withDeviation = statistics.includes('deviation');
  const kernel = withRange && !withDeviation ? 'rangeKernel' : statistics.length === 0 ? 'kernel' : 'decoded';
  return { slots: collapsed ? 1 : plane.itemCount, withRange, withDeviation, sum: isBinary ? kernel : 'decoded' };
}

/** Bytes that the accumulators of a plane take. */
export function columnBytes(plan: ColumnPlan, statistics: readonly Statistic[]): number {
  const { slots, withRange, withDeviation, sum } = needsOf(plan, statistics);
  const arrays = 2 + (withRange ? 2 : 0) + (withDeviation ? 3 : 0);
  return 8 * (arrays * slots + (sum === 'decoded' ? plan.plane.itemCount : 0));
}

export class Column implements RangeState {
  /** Number of slots. */
  readonly slots: number;
  readonly low: number;
  readonly high: number;
  readonly sums: Float64Array;
  readonly fills: Float64Array;
  readonly minima: Float64Array;
  readonly maxima: Float64Array;
  /** Values so far, running means and sums of squared differences from them (Welford), for the deviation. */
  private readonly seen: Float64Array;
  private readonly means: Float64Array;
  private readonly squares: Float64Array;
  private readonly kernel: SumKernel | undefined;
  private readonly rangeKernel: RangeKernel | undefined;
  private readonly vectorKernel: VectorKernel | undefined;
  private readonly items: number;
  private readonly scratch: Float64Array;
  private readonly time: TimeTextReader | undefined;
  private readonly withRange: boolean;
  private readonly withDeviation: boolean;
  private records = 0;

  constructor(
    readonly plan: ColumnPlan,
    statistics: readonly Statistic[],
  ) {
    const { plane, low, high } = plan;
    const { slots, withRange, withDeviation, sum } = needsOf(plan, statistics);
    this.low = low;
    this.high = high;
    this.items = plane.itemCount;
    this.slots = slots;
    this.withRange = withRange;
    this.withDeviation = withDeviation;
    this.sums = new Float64Array(this.slots);
    this.fills = new Float64Array(this.slots);
    this.minima = new Float64Array(this.withRange ? this.slots : 0);
    this.maxima = new Float64Array(this.withRange ? this.slots : 0);
    this.seen = new Float64Array(this.withDeviation ? this.slots : 0);
    this.means = new Float64Array(this.withDeviation ? this.slots : 0);
    this.squares = new Float64Array(this.withDeviation ? this.slots : 0);
    const { kind, littleEndian } = plane.encoding;
    const isBinary = kind === 'real4' || kind === 'real8';
    this.kernel = isBinary && sum === 'kernel' ? sumKernel(kind, littleEndian, this.slots === 1) : undefined;
    this.rangeKernel = isBinary && sum === 'rangeKernel' ? rangeKernel(kind, littleEndian) : undefined;
    this.vectorKernel =
      isBinary && sum !== 'decoded' && this.slots === this.items
        ? VectorKernel.of(this, { kind, littleEndian, withRange })
        : undefined;
    this.scratch = new Float64Array(sum === 'decoded' ? this.items : 0);
    this.time = kind === 'time' ? new TimeTextReader() : undefined;
    this.clear();
  }

  /** Takes `count` records of a run into the open bin, beginning with record `first`. */
  add({ bytes, view, offset, stride }: RecordRun, first: number, count: number): void {
    this.records += count;
    const at = offset + first * stride + this.plan.offset;
    if (this.vectorKernel?.add(bytes, at, count, stride)) return;
    if (this.kernel !== undefined) {
      this.kernel(this, view, at, count, stride, this.items);
      return;
    }
    if (this.rangeKernel !== undefined) {
      this.rangeKernel(this, view, at, count, stride, this.items, this.slots === 1 ? 0 : 1);
      return;
    }
    for (let record = 0, start = at; record < count; record++, start += stride) {
      this.decode(bytes, view, start);
      this.addScratch();
    }
  }

  /** Number of non-fill values of a slot. */
  count(slot: number): number {
    const perRecord = this.slots === 1 ? this.items : 1;
    return this.records * perRecord - (this.fills[slot] as number);
  }

  /** What stands in the plane itself: the mean of a slot, or the fill value of the plane. */
  average(slot: number): number {
    const count = this.count(slot);
    if (count === 0) return this.plan.fill;
    const { companionOf } = this.plan;
    // Counts that are reduced again add up; minima and maxima stay what they are.
    if (companionOf === 'count') return this.sums[slot] as number;
    if (this.withRange && companionOf === 'minimum') return this.minima[slot] as number;
    if (this.withRange && companionOf === 'maximum') return this.maxima[slot] as number;
    const average = (this.sums[slot] as number) / count;
    if (!this.withRange) return average;
    // Rounding of the sum must not put the average outside the range that is written beside it.
    const minimum = this.minima[slot] as number;
    const maximum = this.maxima[slot] as number;
    return Math.max(minimum, Math.min(average, maximum));
  }

  /** A companion value of a slot, or the fill value of the plane. */
  statistic(statistic: Statistic, slot: number): number {
    const count = this.count(slot);
    if (count === 0) return statistic === 'count' ? 0 : this.plan.fill;
    switch (statistic) {
      case 'minimum':
        return this.minima[slot] as number;
      case 'maximum':
        return this.maxima[slot] as number;
      case 'count':
        return count;
      case 'deviation':
        return count === 1 ? 0 : Math.sqrt((this.squares[slot] as number) / (count - 1));
    }
  }

  /** Makes ready for another bin. */
  clear(): void {
    this.records = 0;
    this.sums.fill(0);
    this.fills.fill(0);
    this.minima.fill(Number.POSITIVE_INFINITY);
    this.maxima.fill(Number.NEGATIVE_INFINITY);
    this.seen.fill(0);
    this.means.fill(0);
    this.squares.fill(0);
  }

  /** The values of one record into `scratch`, as numbers; NaN for what cannot be read. */
  private decode(bytes: Uint8Array, view: DataView, at: number): void {
    const { scratch, items } = this;
    const { kind, littleEndian, width } = this.plan.plane.encoding;
    if (kind === 'ascii') {
      for (let i = 0, place = at; i < items; i++, place += width) scratch[i] = parseReal(bytes, place, place + width);
    } else if (kind === 'real4') {
      for (let i = 0, place = at; i < items; i++, place += 4) scratch[i] = view.getFloat32(place, littleEndian);
    } else if (kind === 'real8') {
      for (let i = 0, place = at; i < items; i++, place += 8) scratch[i] = view.getFloat64(place, littleEndian);
    } else {
      for (let i = 0, place = at; i < items; i++, place += width)
        scratch[i] = this.readTime(bytes, place, place + width);
    }
  }

  private readTime(bytes: Uint8Array, start: number, end: number): number {
    const time = this.time as TimeTextReader;
    return time.read(bytes, start, end) && !time.isFill ? time.us2000 : Number.NaN;
  }

  private addScratch(): void {
    const { scratch, sums, fills, low, high, items } = this;
    const step = this.slots === 1 ? 0 : 1;
    for (let i = 0, slot = 0; i < items; i++, slot += step) {
      const value = scratch[i] as number;
      if (value < low || value > high) {
        sums[slot] = (sums[slot] as number) + value;
        if (this.withRange) this.addToRange(slot, value);
        if (this.withDeviation) this.addToDeviation(slot, value);
      } else fills[slot] = (fills[slot] as number) + 1;
    }
  }

  private addToRange(slot: number, value: number): void {
    if (value < (this.minima[slot] as number)) this.minima[slot] = value;
    if (value > (this.maxima[slot] as number)) this.maxima[slot] = value;
  }

  private addToDeviation(slot: number, value: number): void {
    const seen = (this.seen[slot] as number) + 1;
    const mean = this.means[slot] as number;
    const difference = value - mean;
    const next = mean + difference / seen;
    this.seen[slot] = seen;
    this.means[slot] = next;
    this.squares[slot] = (this.squares[slot] as number) + difference * (value - next);
  }
}
