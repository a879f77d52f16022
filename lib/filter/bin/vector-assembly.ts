/**
 * The loops of bin/sum-kernels.ts and bin/range-kernels.ts for records of many items, on vectors of two doubles, in AssemblyScript:
 * scripts/embed makes WebAssembly of it (vector-code.ts), and vector-kernels.ts calls it.
 *
 * Contract: bit for bit what those loops give. A slot takes its values one by one in stream order; only neighbouring slots are worked
 * on together. What is fill adds +0 to its sum, which changes no sum, since none can be -0: they begin with +0.
 *
 * Memory is divided by the constants below and never grows. `data` is where the first item of the first record lies. Where items are
 * no multiple of a step, the last step works on what lies behind them, too: nobody reads what comes of that.
 */

/** Most items of a record; a multiple of the steps. */
export const MOST_ITEMS: i32 = 8192;
/** Where the doubles of each slot lie. */
export const SUMS: usize = 0;
export const FILLS: usize = 8 * 8192;
export const MINIMA: usize = 16 * 8192;
export const MAXIMA: usize = 24 * 8192;
/** Where records lie, and how many bytes of them. There is more memory behind them, for the last step. */
export const RECORDS: usize = 32 * 8192;
export const RECORD_BYTES: i32 = 32 * 8192;

/** Orders of bytes, told apart by their sign while this is compiled. */
type LittleEndian = i32;
type BigEndian = u32;

/** Two values as doubles. */
function loadTwo<Real, Order>(place: usize): v128 {
  if (sizeof<Real>() === 4) {
    let two = v128.load64_zero(place);
    if (!isSigned<Order>()) two = i8x16.shuffle(two, two, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
    return f64x2.promote_low_f32x4(two);
  }
  const two = v128.load(place);
  if (isSigned<Order>()) return two;
  return i8x16.shuffle(two, two, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8);
}

/** Adds `items` values of each of `count` records, which begin `stride` bytes apart, to sums and fills. */
function sum<Real, Order>(data: usize, stride: usize, count: i32, items: i32, low: f64, high: f64): void {
  const lows = f64x2.splat(low);
  const highs = f64x2.splat(high);
  const ones = f64x2.splat(1);
  for (let i = 0, slot: usize = 0; i < items; i += 4, slot += 32, data += 4 * sizeof<Real>()) {
    let sums0 = v128.load(SUMS + slot);
    let sums1 = v128.load(SUMS + slot, 16);
    let fills0 = v128.load(FILLS + slot);
    let fills1 = v128.load(FILLS + slot, 16);
    for (let record = 0, place = data; record < count; record++, place += stride) {
      const values0 = loadTwo<Real, Order>(place);
      const values1 = loadTwo<Real, Order>(place + 2 * sizeof<Real>());
      const are0 = v128.or(f64x2.lt(values0, lows), f64x2.gt(values0, highs));
      const are1 = v128.or(f64x2.lt(values1, lows), f64x2.gt(values1, highs));
      sums0 = f64x2.add(sums0, v128.and(values0, are0));
      sums1 = f64x2.add(sums1, v128.and(values1, are1));
      fills0 = f64x2.add(fills0, v128.andnot(ones, are0));
      fills1 = f64x2.add(fills1, v128.andnot(ones, are1));
    }
    v128.store(SUMS + slot, sums0);
    v128.store(SUMS + slot, sums1, 16);
    v128.store(FILLS + slot, fills0);
    v128.store(FILLS + slot, fills1, 16);
  }
}

/** The same, with minima and maxima. */
function range<Real, Order>(data: usize, stride: usize, count: i32, items: i32, low: f64, high: f64): void {
  const lows = f64x2.splat(low);
  const highs = f64x2.splat(high);
  const ones = f64x2.splat(1);
  for (let i = 0, slot: usize = 0; i < items; i += 2, slot += 16, data += 2 * sizeof<Real>()) {
    let sums = v128.load(SUMS + slot);
    let fills = v128.load(FILLS + slot);
    let minima = v128.load(MINIMA + slot);
    let maxima = v128.load(MAXIMA + slot);
    for (let record = 0, place = data; record < count; record++, place += stride) {
      const values = loadTwo<Real, Order>(place);
      const are = v128.or(f64x2.lt(values, lows), f64x2.gt(values, highs));
      sums = f64x2.add(sums, v128.and(values, are));
      fills = f64x2.add(fills, v128.andnot(ones, are));
      minima = v128.bitselect(values, minima, v128.and(are, f64x2.lt(values, minima)));
      maxima = v128.bitselect(values, maxima, v128.and(are, f64x2.gt(values, maxima)));
    }
    v128.store(SUMS + slot, sums);
    v128.store(FILLS + slot, fills);
    v128.store(MINIMA + slot, minima);
    v128.store(MAXIMA + slot, maxima);
  }
}

export function sumLittleReal4(data: usize, stride: usize, count: i32, items: i32, low: f64, high: f64): void {
  sum<f32, LittleEndian>(data, stride, count, items, low, high);
}

export function sumBigReal4(data: usize, stride: usize, count: i32, items: i32, low: f64, high: f64): void {
  sum<f32, BigEndian>(data, stride, count, items, low, high);
}

export function sumLittleReal8(data: usize, stride: usize, count: i32, items: i32, low: f64, high: f64): void {
  sum<f64, LittleEndian>(data, stride, count, items, low, high);
}

export function sumBigReal8(data: usize, stride: usize, count: i32, items: i32, low: f64, high: f64): void {
  sum<f64, BigEndian>(data, stride, count, items, low, high);
}

export function rangeLittleReal4(data: usize, stride: usize, count: i32, items: i32, low: f64, high: f64): void {
  range<f32, LittleEndian>(data, stride, count, items, low, high);
}

export function rangeBigReal4(data: usize, stride: usize, count: i32, items: i32, low: f64, high: f64): void {
  range<f32, BigEndian>(data, stride, count, items, low, high);
}

export function rangeLittleReal8(data: usize, stride: usize, count: i32, items: i32, low: f64, high: f64): void {
  range<f64, LittleEndian>(data, stride, count, items, low, high);
}

export function rangeBigReal8(data: usize, stride: usize, count: i32, items: i32, low: f64, high: f64): void {
  range<f64, BigEndian>(data, stride, count, items, low, high);
}
