/**
 * Fill values: the relative tolerance of stream-format 7, and the bounds that hot loops use instead.
 */
import fc from 'fast-check';
import t from 'tap';
import { DEFAULT_FILL, fillRange, isFill } from '../../lib/stream/fill.js';

t.test('what is fill', (t) => {
  t.ok(isFill(-1e31, DEFAULT_FILL));
  t.ok(isFill(Math.fround(-1e31), DEFAULT_FILL));
  t.ok(isFill(-1e31 * (1 + 0.9e-5), DEFAULT_FILL));
  t.notOk(isFill(-1e31 * (1 + 1.1e-5), DEFAULT_FILL));
  t.notOk(isFill(1e31, DEFAULT_FILL));
  t.ok(isFill(Number.NaN, DEFAULT_FILL));
  t.ok(isFill(0, 0));
  t.ok(isFill(-0, 0));
  t.notOk(isFill(1e-300, 0));
  t.ok(isFill(Number.NaN, Number.NaN));
  t.notOk(isFill(0, Number.NaN));
  t.notOk(isFill(Number.POSITIVE_INFINITY, DEFAULT_FILL));
  t.notOk(isFill(Number.NEGATIVE_INFINITY, DEFAULT_FILL));
  t.end();
});

t.test('the bounds decide the same', (t) => {
  const fills = fc.oneof(
    fc.double(),
    fc.constantFrom(-1e31, 0, -9999, 1e-320, Number.MAX_VALUE, Number.NaN, Number.POSITIVE_INFINITY),
  );
  fc.assert(
    fc.property(fills, fc.double(), fc.integer({ min: -40, max: 40 }), (fill, any, steps) => {
      const { low, high } = fillRange(fill);
      const near = fill * (1 + 1e-5 + steps * 2e-17);
      const far = fill * (1 - 1e-5 - steps * 2e-17);
      return [any, fill, near, far, low, high, Number.NaN, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].every(
        (value) => (value < low || value > high) === !isFill(value, fill),
      );
    }),
    { numRuns: 2000 },
  );
  t.end();
});
