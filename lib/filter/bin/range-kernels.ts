/**
 * The hot loops of a reduction to means, minima and maxima: the sister of bin/sum-kernels.ts for binary values with a range.
 *
 * Contract: as there; item i goes to slot i * step, so a step of 0 puts everything into one slot. What a scratch array and addScratch of
 * bin/column.ts do for all encodings is the specification of these loops; a test holds the two together.
 */
import type { SumState } from './sum-kernels.js';

export interface RangeState extends SumState {
  /** Smallest and largest value per slot; infinities where there is none yet. */
  readonly minima: Float64Array;
  readonly maxima: Float64Array;
}

/** Adds `items` values of each of `count` records, the first at `at`. */
export type RangeKernel = (
  state: RangeState,
  view: DataView,
  at: number,
  count: number,
  stride: number,
  items: number,
  step: 0 | 1,
) => void;

const littleReal4: RangeKernel = (state, view, at, count, stride, items, step) => {
  const { sums, fills, minima, maxima, low, high } = state;
  for (let record = 0, start = at; record < count; record++, start += stride) {
    for (let i = 0, place = start, slot = 0; i < items; i++, place += 4, slot += step) {
      const value = view.getFloat32(place, true);
      if (value < low || value > high) {
        sums[slot] = (sums[slot] as number) + value;
        if (value < (minima[slot] as number)) minima[slot] = value;
        if (value > (maxima[slot] as number)) maxima[slot] = value;
      } else fills[slot] = (fills[slot] as number) + 1;
    }
  }
};

const bigReal4: RangeKernel = (state, view, at, count, stride, items, step) => {
  const { sums, fills, minima, maxima, low, high } = state;
  for (let record = 0, start = at; record < count; record++, start += stride) {
    for (let i = 0, place = start, slot = 0; i < items; i++, place += 4, slot += step) {
      const value = view.getFloat32(place, false);
      if (value < low || value > high) {
        sums[slot] = (sums[slot] as number) + value;
        if (value < (minima[slot] as number)) minima[slot] = value;
        if (value > (maxima[slot] as number)) maxima[slot] = value;
      } else fills[slot] = (fills[slot] as number) + 1;
    }
  }
};

const littleReal8: RangeKernel = (state, view, at, count, stride, items, step) => {
  const { sums, fills, minima, maxima, low, high } = state;
  for (let record = 0, start = at; record < count; record++, start += stride) {
    for (let i = 0, place = start, slot = 0; i < items; i++, place += 8, slot += step) {
      const value = view.getFloat64(place, true);
      if (value < low || value > high) {
        sums[slot] = (sums[slot] as number) + value;
        if (value < (minima[slot] as number)) minima[slot] = value;
        if (value > (maxima[slot] as number)) maxima[slot] = value;
      } else fills[slot] = (fills[slot] as number) + 1;
    }
  }
};

const bigReal8: RangeKernel = (state, view, at, count, stride, items, step) => {
  const { sums, fills, minima, maxima, low, high } = state;
  for (let record = 0, start = at; record < count; record++, start += stride) {
    for (let i = 0, place = start, slot = 0; i < items; i++, place += 8, slot += step) {
      const value = view.getFloat64(place, false);
      if (value < low || value > high) {
        sums[slot] = (sums[slot] as number) + value;
        if (value < (minima[slot] as number)) minima[slot] = value;
        if (value > (maxima[slot] as number)) maxima[slot] = value;
      } else fills[slot] = (fills[slot] as number) + 1;
    }
  }
};

/** The kernel for binary values of this kind. */
export function rangeKernel(kind: 'real4' | 'real8', littleEndian: boolean): RangeKernel {
  if (kind === 'real4') return littleEndian ? littleReal4 : bigReal4;
  return littleEndian ? littleReal8 : bigReal8;
}
