/**
 * The hot loops of a reduction to means: binary values of a run of records are added to sums, fill values are counted.
 *
 * Contract: one function per encoding, and per shape of a record (one value, many values), so that each is compiled for just its
 * case; no closure, no allocation. `low` and `high` are the bounds of fill (fill.ts): NaN fails both comparisons, so it is fill.
 * Values are added one by one in stream order; the result therefore does not depend on where runs end.
 */

/** What one call works on. The fields are set by the column that owns it (bin/column.ts). */
export interface SumState {
  /** One sum per slot: one slot per item, or a single one. */
  readonly sums: Float64Array;
  /** Fill values per slot. */
  readonly fills: Float64Array;
  readonly low: number;
  readonly high: number;
}

/** Adds `items` values of each of `count` records, the first at `at`; item i goes to slot i. */
export type SumKernel = (
  state: SumState,
  view: DataView,
  at: number,
  count: number,
  stride: number,
  items: number,
) => void;

const addLittleReal4: SumKernel = ({ sums, fills, low, high }, view, at, count, stride, items) => {
  for (let record = 0, start = at; record < count; record++, start += stride) {
    for (let i = 0, place = start; i < items; i++, place += 4) {
      const value = view.getFloat32(place, true);
      if (value < low || value > high) sums[i] = (sums[i] as number) + value;
      else fills[i] = (fills[i] as number) + 1;
    }
  }
};

const addBigReal4: SumKernel = ({ sums, fills, low, high }, view, at, count, stride, items) => {
  for (let record = 0, start = at; record < count; record++, start += stride) {
    for (let i = 0, place = start; i < items; i++, place += 4) {
      const value = view.getFloat32(place, false);
      if (value < low || value > high) sums[i] = (sums[i] as number) + value;
      else fills[i] = (fills[i] as number) + 1;
    }
  }
};

const addLittleReal8: SumKernel = ({ sums, fills, low, high }, view, at, count, stride, items) => {
  for (let record = 0, start = at; record < count; record++, start += stride) {
    for (let i = 0, place = start; i < items; i++, place += 8) {
      const value = view.getFloat64(place, true);
      if (value < low || value > high) sums[i] = (sums[i] as number) + value;
      else fills[i] = (fills[i] as number) + 1;
    }
  }
};

const addBigReal8: SumKernel = ({ sums, fills, low, high }, view, at, count, stride, items) => {
  for (let record = 0, start = at; record < count; record++, start += stride) {
    for (let i = 0, place = start; i < items; i++, place += 8) {
      const value = view.getFloat64(place, false);
      if (value < low || value > high) sums[i] = (sums[i] as number) + value;
      else fills[i] = (fills[i] as number) + 1;
    }
  }
};

const addLittleReal4ToOne: SumKernel = ({ sums, fills, low, high }, view, at, count, stride, items) => {
  let sum = sums[0] as number;
  let fill = fills[0] as number;
  for (let record = 0, start = at; record < count; record++, start += stride) {
    for (let i = 0, place = start; i < items; i++, place += 4) {
      const value = view.getFloat32(place, true);
      if (value < low || value > high) sum += value;
      else fill++;
    }
  }
  sums[0] = sum;
  fills[0] = fill;
};

const addBigReal4ToOne: SumKernel = ({ sums, fills, low, high }, view, at, count, stride, items) => {
  let sum = sums[0] as number;
  let fill = fills[0] as number;
  for (let record = 0, start = at; record < count; record++, start += stride) {
    for (let i = 0, place = start; i < items; i++, place += 4) {
      const value = view.getFloat32(place, false);
      if (value < low || value > high) sum += value;
      else fill++;
    }
  }
  sums[0] = sum;
  fills[0] = fill;
};

const addLittleReal8ToOne: SumKernel = ({ sums, fills, low, high }, view, at, count, stride, items) => {
  let sum = sums[0] as number;
  let fill = fills[0] as number;
  for (let record = 0, start = at; record < count; record++, start += stride) {
    for (let i = 0, place = start; i < items; i++, place += 8) {
      const value = view.getFloat64(place, true);
      if (value < low || value > high) sum += value;
      else fill++;
    }
  }
  sums[0] = sum;
  fills[0] = fill;
};

const addBigReal8ToOne: SumKernel = ({ sums, fills, low, high }, view, at, count, stride, items) => {
  let sum = sums[0] as number;
  let fill = fills[0] as number;
  for (let record = 0, start = at; record < count; record++, start += stride) {
    for (let i = 0, place = start; i < items; i++, place += 8) {
      const value = view.getFloat64(place, false);
      if (value < low || value > high) sum += value;
      else fill++;
    }
  }
  sums[0] = sum;
  fills[0] = fill;
};

/** The kernel for binary values of this kind; `toOne` adds all items to the only slot. */
export function sumKernel(kind: 'real4' | 'real8', littleEndian: boolean, toOne: boolean): SumKernel {
  if (kind === 'real4') {
    if (toOne) return littleEndian ? addLittleReal4ToOne : addBigReal4ToOne;
    return littleEndian ? addLittleReal4 : addBigReal4;
  }
  if (toOne) return littleEndian ? addLittleReal8ToOne : addBigReal8ToOne;
  return littleEndian ? addLittleReal8 : addBigReal8;
}
