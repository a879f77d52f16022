/** The vector loops give bit for bit what the loops of sum-kernels.ts and range-kernels.ts give, and say when they did nothing. */
import fc from 'fast-check';
import t from 'tap';
import { type RangeState, rangeKernel } from '../../../lib/filter/bin/range-kernels.js';
import { sumKernel } from '../../../lib/filter/bin/sum-kernels.js';
import { VectorKernel, type VectorTask } from '../../../lib/filter/bin/vector-kernels.js';

const number = fc.oneof(
  fc.double({ noDefaultInfinity: false }),
  fc.constantFrom(-1e31, 0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-310, 1e-40, 7),
);

function makeState(slots: number, withRange: boolean, fill: number): RangeState {
  const bounds = Number.isNaN(fill)
    ? { low: Number.POSITIVE_INFINITY, high: Number.POSITIVE_INFINITY }
    : { low: fill - Math.abs(fill) * 1e-6, high: fill + Math.abs(fill) * 1e-6 };
  return {
    ...bounds,
    sums: new Float64Array(slots),
    fills: new Float64Array(slots),
    minima: new Float64Array(withRange ? slots : 0).fill(Number.POSITIVE_INFINITY),
    maxima: new Float64Array(withRange ? slots : 0).fill(Number.NEGATIVE_INFINITY),
  };
}

/** The bits, so that -0 is not 0. */
const bitsOf = ({ sums, fills, minima, maxima }: RangeState): string[] =>
  [sums, fills, minima, maxima].map((values) => Buffer.from(values.buffer).toString('hex'));

/** What the process has to have done before the vector code is loaded. */
function wakeUp(): void {
  const kernel = VectorKernel.of(makeState(1024, false, -1), { kind: 'real4', littleEndian: true, withRange: false });
  const bytes = new Uint8Array(64 * 4096);
  for (let i = 0; i < 8; i++) {
    if (kernel?.add(bytes, 0, 64, 4096)) return;
  }
  t.fail('the vector code is not used after half a million values');
}

const task = fc.record<VectorTask>({
  kind: fc.constantFrom('real4', 'real8'),
  littleEndian: fc.boolean(),
  withRange: fc.boolean(),
});

t.test('as the other loops', (t) => {
  wakeUp();
  fc.assert(
    fc.property(
      task,
      fc.integer({ min: 4, max: 70 }),
      fc.integer({ min: 0, max: 40 }),
      fc.constantFrom(-1e31, 0, 7, Number.NaN),
      fc.array(fc.integer({ min: 4, max: 12 }), { minLength: 1, maxLength: 3 }),
      fc.array(number, { minLength: 30, maxLength: 60 }),
      (task, items, beside, fill, runs, values) => {
        const width = task.kind === 'real4' ? 4 : 8;
        // The column begins behind other planes and ends before others.
        const stride = beside + items * width + 3;
        const quick = makeState(items, task.withRange, fill);
        const plain = makeState(items, task.withRange, fill);
        const vector = VectorKernel.of(quick, task);
        let next = 0;
        for (const count of runs) {
          // A memory of its own at an odd place, just as long as the records are.
          const bytes = new Uint8Array(new ArrayBuffer(5 + count * stride), 5);
          const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
          for (let record = 0; record < count; record++) {
            for (let i = 0; i < items; i++, next++) {
              const place = record * stride + beside + i * width;
              const value = values[next % values.length] as number;
              if (width === 4) view.setFloat32(place, value, task.littleEndian);
              else view.setFloat64(place, value, task.littleEndian);
            }
          }
          const done = vector?.add(bytes, beside, count, stride);
          t.equal(done, items >= 64 || 2 * items * width >= stride);
          if (!done) return;
          if (task.withRange) rangeKernel(task.kind, task.littleEndian)(plain, view, beside, count, stride, items, 1);
          else sumKernel(task.kind, task.littleEndian, false)(plain, view, beside, count, stride, items);
        }
        t.strictSame(bitsOf(quick), bitsOf(plain));
      },
    ),
    { numRuns: 400 },
  );
  t.end();
});

t.test('several columns share the code', (t) => {
  wakeUp();
  const kind = { kind: 'real8', littleEndian: true, withRange: false } as const;
  const bytes = new Uint8Array(Float64Array.from({ length: 4 * 40 }, (_, i) => i).buffer);
  const states = [makeState(32, false, -1), makeState(8, false, -1)] as const;
  const [first, second] = states.map((state) => VectorKernel.of(state, kind));
  for (let round = 0; round < 2; round++) {
    t.ok(first?.add(bytes, 0, 4, 320));
    t.notOk(second?.add(bytes, 256, 4, 320), 'a small part of the record is left to the other loops');
    t.ok(second?.add(bytes.subarray(0, 256), 0, 4, 64));
  }
  t.equal(states[0].sums[31], 2 * (4 * 31 + 40 * 6), 'each keeps its own sums');
  t.equal(states[1].sums[7], 2 * (4 * 7 + 8 * 6));
  t.end();
});

t.test('what does not fit is left to the other loops', (t) => {
  wakeUp();
  const real4 = { kind: 'real4', littleEndian: false, withRange: true } as const;
  t.equal(VectorKernel.of(makeState(3, true, -1), real4), undefined, 'few items');
  t.notOk(VectorKernel.of(makeState(8, true, -1), real4)?.add(new Uint8Array(96), 0, 3, 32), 'few records');
  const long = makeState(8193, true, -1);
  t.notOk(VectorKernel.of(long, real4)?.add(new Uint8Array(4 * 32772), 0, 4, 32772), 'more items than there is memory');
  const wide = makeState(8192, true, -1);
  const kernel = VectorKernel.of(wide, real4);
  t.ok(kernel?.add(new Uint8Array(8 * 32768), 0, 8, 32768));
  t.notOk(kernel?.add(new Uint8Array(9 * 32768), 0, 9, 32768), 'more records than there is memory');
  t.equal(wide.fills[0], 0);
  t.equal(wide.maxima[8191], 0);
  t.end();
});
