/**
 * Reductions of records with many items on the vectors of the processor: what bin/sum-kernels.ts and bin/range-kernels.ts do, two to
 * four times as fast, by the WebAssembly that scripts/embed makes of bin/vector-assembly.ts.
 *
 * Contract: bit for bit the result of those loops, which do the work wherever `add` says that it did not: while a process has done too
 * little to pay for loading the code, for runs of few records, for records that are mostly something else, and on processors and
 * run-times without vectors.
 */
import type { RangeState } from './range-kernels.js';
import { VECTOR_CODE } from './vector-code.js';

/** What values are added, and what is kept of them. */
export interface VectorTask {
  readonly kind: 'real4' | 'real8';
  readonly littleEndian: boolean;
  /** Minima and maxima besides the sums. */
  readonly withRange: boolean;
}

type VectorLoop = (data: number, stride: number, count: number, items: number, low: number, high: number) => void;

/** A number that the vector code exports. */
interface Place {
  readonly value: number;
}

/** The exports of bin/vector-assembly.ts. */
interface VectorExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly MOST_ITEMS: Place;
  readonly SUMS: Place;
  readonly FILLS: Place;
  readonly MINIMA: Place;
  readonly MAXIMA: Place;
  readonly RECORDS: Place;
  readonly RECORD_BYTES: Place;
  readonly sumLittleReal4: VectorLoop;
  readonly sumBigReal4: VectorLoop;
  readonly sumLittleReal8: VectorLoop;
  readonly sumBigReal8: VectorLoop;
  readonly rangeLittleReal4: VectorLoop;
  readonly rangeBigReal4: VectorLoop;
  readonly rangeLittleReal8: VectorLoop;
  readonly rangeBigReal8: VectorLoop;
}

/** What is used of the global WebAssembly, which the types of Node leave out. */
interface WebAssemblyInterface {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: VectorExports };
}

/** Values that are added before the code is loaded: by then the other loops have taken about the time that loading takes. */
const VALUES_BEFORE = 1 << 19;
/** Below these the copies that are made for a call take more time than it saves. */
const LEAST_RECORDS = 4;
const LEAST_ITEMS = 4;
/** Items of which each record is copied by itself, where the column is a small part of its record. */
const ITEMS_APART = 64;

let valuesSeen = 0;
/** Loaded by the first call that is worth it; null where that failed. */
let loaded: VectorExports | null | undefined;

function load(): VectorExports | null {
  try {
    const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyInterface };
    return new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(VECTOR_CODE, 'base64'))).exports;
  } catch {
    // A processor without AVX, or a run-time that was told to do without WebAssembly: the other loops give the same.
    return null;
  }
}

function loopOf(code: VectorExports, { kind, littleEndian, withRange }: VectorTask): VectorLoop {
  if (kind === 'real4') {
    if (withRange) return littleEndian ? code.rangeLittleReal4 : code.rangeBigReal4;
    return littleEndian ? code.sumLittleReal4 : code.sumBigReal4;
  }
  if (withRange) return littleEndian ? code.rangeLittleReal8 : code.rangeBigReal8;
  return littleEndian ? code.sumLittleReal8 : code.sumBigReal8;
}

/** Doubles of the memory of the vector code, as many as a record has items, and the array whose values go there. */
interface Exchange {
  readonly inside: Float64Array;
  readonly outside: Float64Array;
}

/** The vector code with the places for one column in its memory. */
interface Machine {
  readonly loop: VectorLoop;
  readonly exchanges: readonly Exchange[];
  readonly records: Uint8Array;
  readonly recordsAt: number;
}

/** The vector loop of one column whose items have a slot each. */
export class VectorKernel {
  private readonly items: number;
  /** Bytes of the items of a record. */
  private readonly width: number;
  private machine: Machine | null | undefined;

  private constructor(
    private readonly state: RangeState,
    private readonly task: VectorTask,
  ) {
    this.items = state.sums.length;
    this.width = this.items * (task.kind === 'real4' ? 4 : 8);
  }

  /** For values that are added to `state`; undefined if there are too few items to a record. */
  static of(state: RangeState, task: VectorTask): VectorKernel | undefined {
    return state.sums.length < LEAST_ITEMS ? undefined : new VectorKernel(state, task);
  }

  /** Adds the items of `count` records, the first at `at`; false, with nothing done, if that is better done otherwise. */
  add(bytes: Uint8Array, at: number, count: number, stride: number): boolean {
    if (count < LEAST_RECORDS) return false;
    valuesSeen += count * this.items;
    if (valuesSeen < VALUES_BEFORE) return false;
    if (this.machine === undefined) this.machine = this.makeMachine();
    if (this.machine === null) return false;
    const { loop, exchanges, records, recordsAt } = this.machine;
    const apart = this.copyRecords(records, bytes, at, count, stride);
    if (apart === 0) return false;
    for (const { inside, outside } of exchanges) inside.set(outside);
    loop(recordsAt, apart, count, this.items, this.state.low, this.state.high);
    for (const { inside, outside } of exchanges) outside.set(inside);
    return true;
  }

  private makeMachine(): Machine | null {
    if (loaded === undefined) loaded = load();
    if (loaded === null || this.items > loaded.MOST_ITEMS.value) return null;
    const { memory, SUMS, FILLS, MINIMA, MAXIMA, RECORDS, RECORD_BYTES } = loaded;
    const { sums, fills, minima, maxima } = this.state;
    const exchange = (place: Place, outside: Float64Array): Exchange => ({
      inside: new Float64Array(memory.buffer, place.value, outside.length),
      outside,
    });
    return {
      loop: loopOf(loaded, this.task),
      // Without a range there are no minima and maxima.
      exchanges: [
        exchange(SUMS, sums),
        exchange(FILLS, fills),
        exchange(MINIMA, minima),
        exchange(MAXIMA, maxima),
      ].filter(({ outside }) => outside.length > 0),
      records: new Uint8Array(memory.buffer, RECORDS.value, RECORD_BYTES.value),
      recordsAt: RECORDS.value,
    };
  }

  /** Copies the items of the records into `records`; returns how many bytes apart they are there, 0 if they should not or cannot be. */
  private copyRecords(records: Uint8Array, bytes: Uint8Array, at: number, count: number, stride: number): number {
    const { width } = this;
    if (2 * width >= stride) {
      const length = (count - 1) * stride + width;
      if (length > records.length) return 0;
      records.set(bytes.subarray(at, at + length));
      return stride;
    }
    if (this.items < ITEMS_APART || count * width > records.length) return 0;
    for (let record = 0, from = at, to = 0; record < count; record++, from += stride, to += width)
      records.set(bytes.subarray(from, from + width), to);
    return width;
  }
}
