/**
 * Fill: the values that mean "no measurement" (stream-format 7).
 *
 * A value is fill when it is NaN, equals the fill value, or lies within a relative 1e-5 of it; the tolerance is there
 * because -1e31 changes on its way through a 4-byte real.
 */

/** The fill value of a plane that names none. */
export const DEFAULT_FILL = -1e31;

const TOLERANCE = 1e-5;

/** True if the value means "no measurement" beside this fill value. Infinity is an ordinary value. */
export function isFill(value: number, fill: number): boolean {
  return Number.isNaN(value) || value === fill || Math.abs((fill - value) / fill) < TOLERANCE;
}

export interface FillRange {
  readonly low: number;
  readonly high: number;
}

/**
 * The same test as two bounds, for hot loops: a value is a measurement exactly if `value < low || value > high`
 * (NaN fails both, so it is fill). For a fill of NaN every number passes, infinities too.
 */
export function fillRange(fill: number): FillRange {
  if (Number.isNaN(fill)) return { low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY };
  if (fill === 0 || !Number.isFinite(fill)) return { low: fill, high: fill };
  return { low: edge(fill, Number.NEGATIVE_INFINITY), high: edge(fill, Number.POSITIVE_INFINITY) };
}

/** The last double from `fill` toward `direction` that is still fill. */
function edge(fill: number, direction: number): number {
  let bound = fill + Math.sign(direction) * Math.abs(fill) * TOLERANCE;
  if (!Number.isFinite(bound)) bound = Math.sign(direction) * Number.MAX_VALUE;
  while (!isFill(bound, fill)) bound = neighbour(bound, fill);
  for (;;) {
    const next = neighbour(bound, direction);
    if (!Number.isFinite(next) || !isFill(next, fill)) return bound;
    bound = next;
  }
}

/** The double next to `value` in the direction of `target`. */
function neighbour(value: number, target: number): number {
  if (value === 0) return Math.sign(target) * Number.MIN_VALUE;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const away = target > value === value > 0;
  view.setBigUint64(0, view.getBigUint64(0) + (away ? 1n : -1n));
  return view.getFloat64(0);
}
