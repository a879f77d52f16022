/**
 * The invariants of stream-format 15 that concern what the averager reckons: which bins there are, and what is in them. One test each, on random
 * streams, which are built and taken apart without the codec of lib/stream.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';

import { STREAM } from '../tools/build-stream.js';
import {
  BEGIN,
  bins,
  close,
  expectedBins,
  FILL,
  ofId,
  type Row,
  rows,
  run,
  seconds,
  sorted,
  streamOf,
  WIDTH,
} from '../tools/random-rows.js';

const RUNS = { numRuns: 60 };

t.test('the output is what the plainest reckoning gives', async () => {
  fc.assert(
    fc.property(rows, seconds, fc.constantFrom(undefined, BEGIN, 1e15 + 50e6), (list, size, begin) => {
      const got = bins(run({ seconds: size, ...(begin === undefined ? {} : { begin }) }, streamOf(list)));
      const origin = begin ?? list[0]?.x ?? 0;
      const want = expectedBins(list, size, begin).map(({ id, number, rows: members }) => ({
        id,
        x: origin + size * 1e6 * (number + 0.5),
        values: Array.from({ length: WIDTH }, (_, i) => {
          const good = members.map((member) => member.values[i] as number).filter((one) => one !== FILL);
          return good.length === 0 ? FILL : good.reduce((sum, one) => sum + one, 0) / good.length;
        }),
      }));
      assert.deepEqual(
        got.map(({ id, x, values }) => ({ id, x, values })),
        want,
      );
    }),
    RUNS,
  );
});

t.test('invariant 4: every record lies within half a bin of a centre of its id, on one grid', async () => {
  fc.assert(
    fc.property(rows, seconds, (list, size) => {
      const output = bins(run({ seconds: size }, streamOf(list)));
      const half = (size * 1e6) / 2;
      for (const { id, x } of list)
        assert.ok(output.some((bin) => bin.id === id && Math.abs(bin.x - x) <= half + 0.25));
      const start = list[0]?.x ?? 0;
      for (const { x } of output) {
        const count = (x - start) / half;
        assert.ok(Math.abs(count - Math.round(count)) < 1e-5 && Math.abs(Math.round(count)) % 2 === 1);
      }
    }),
    RUNS,
  );
});

t.test('invariant 5: x in order stays in order, without repeats', async () => {
  fc.assert(
    fc.property(sorted, seconds, (list, size) => {
      const output = bins(run({ seconds: size }, streamOf(list)));
      for (const id of [1, 2, 17]) {
        const x = output.filter((bin) => bin.id === id).map((bin) => bin.x);
        assert.ok(x.every((one, i) => i === 0 || one > (x[i - 1] as number)));
      }
    }),
    RUNS,
  );
});

t.test('invariant 6: averages lie between minimum and maximum', async () => {
  const any = fc.array(
    fc.tuple(
      fc.integer({ min: 0, max: 50 }),
      fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 }),
    ),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(any, (list) => {
      const stream = streamOf(list.map(([s, v]) => ({ id: 1, x: s * 1e6, values: [v, v / 3, v * 0.1, 0.1] })));
      for (const { values } of bins(run({ seconds: 20, range: true }, stream))) {
        const [a, b1, b2, b3, aMin, aMax, ...b] = values as number[];
        assert.ok((aMin as number) <= (a as number) && (a as number) <= (aMax as number));
        for (const [i, average] of [b1, b2, b3].entries()) {
          assert.ok((b[i] as number) <= (average as number) && (average as number) <= (b[i + 3] as number));
        }
      }
    }),
    RUNS,
  );
});

t.test('invariant 7: averages times counts are the sum of the input', async () => {
  fc.assert(
    fc.property(rows, seconds, (list, size) => {
      const output = bins(run({ seconds: size }, streamOf(list)));
      const groups = expectedBins(list, size, undefined);
      for (let i = 0; i < WIDTH; i++) {
        for (const id of [1, 2, 17]) {
          const good = (one: Row): boolean => one.id === id && one.values[i] !== FILL;
          const total = list.filter(good).reduce((sum, one) => sum + (one.values[i] as number), 0);
          const again = output.reduce((sum, bin, nth) => {
            const count = groups[nth]?.rows.filter(good).length ?? 0;
            return bin.id === id && count > 0 ? sum + (bin.values[i] as number) * count : sum;
          }, 0);
          assert.ok(close(total, again, 1e-9));
        }
      }
    }),
    RUNS,
  );
});

t.test('invariant 8: averaging twice is averaging once', async () => {
  fc.assert(
    fc.property(sorted, seconds, (list, size) => {
      const once = run({ seconds: size, begin: BEGIN }, streamOf(list));
      const [first, twice] = [bins(once), bins(run({ seconds: size, begin: BEGIN }, once))];
      // Where bins of several ids end together their order may differ.
      for (const id of [1, 2, 17]) assert.deepEqual(ofId(twice, id), ofId(first, id));
    }),
    RUNS,
  );
});

t.test('invariant 9: a stream may be cut at an edge of a bin', async () => {
  fc.assert(
    fc.property(sorted, seconds, fc.nat(20), (list, size, edge) => {
      const limit = BEGIN + edge * size * 1e6;
      const [before, after] = [list.filter(({ x }) => x < limit), list.filter(({ x }) => x >= limit)];
      const options = { seconds: size, begin: BEGIN };
      const whole = bins(run(options, streamOf(list)));
      const parts = [...bins(run(options, streamOf(before))), ...bins(run(options, streamOf(after)))];
      for (const id of [1, 2, 17]) assert.deepEqual(ofId(parts, id), ofId(whole, id));
    }),
    RUNS,
  );
});

t.test('invariant 14: a record of only fill makes a bin of fill, and changes no other', async () => {
  const empty = Array.from({ length: WIDTH }, () => FILL);
  fc.assert(
    fc.property(rows, seconds, (list, size) => {
      const options = { seconds: size, begin: BEGIN, range: true, deviation: true };
      const alone = bins(run(options, streamOf(list.map((one) => ({ ...one, values: empty })))));
      assert.ok(alone.every(({ values }) => values.every((one) => one === FILL)));
      const doubled = list.flatMap((one) => [{ ...one, values: empty }, one, { ...one, values: empty }]);
      assert.deepEqual(bins(run(options, streamOf(doubled))), bins(run(options, streamOf(list))));
    }),
    RUNS,
  );
});

t.test('invariant 15: gaps stay gaps, and there are no more records than before', async () => {
  fc.assert(
    fc.property(sorted, seconds, (list, size) => {
      const output = bins(run({ seconds: size }, streamOf(list)));
      assert.ok(output.length <= list.length);
      for (const { id, x } of output)
        assert.ok(list.some((one) => one.id === id && Math.abs(one.x - x) <= (size * 1e6) / 2 + 0.25));
    }),
    RUNS,
  );
});

t.test('invariant 16: a bin over everything gives one record per id and definition', async () => {
  fc.assert(
    fc.property(rows, fc.nat(3), (list, redefinitions) => {
      const again = Array.from({ length: redefinitions }, () => streamOf(list).subarray(STREAM.length));
      const output = bins(run({ seconds: 1e6, begin: BEGIN }, Buffer.concat([streamOf(list), ...again])));
      const ids = new Set(list.map(({ id }) => id));
      assert.equal(output.length, ids.size * (redefinitions + 1));
    }),
    RUNS,
  );
});
