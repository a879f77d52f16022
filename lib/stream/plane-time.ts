/**
 * Which time the numbers of a plane tell (stream-format 3.3, 6.1).
 */
import type { Plane } from './header.js';
import { intervalSeconds, type TimeUnits, timeUnits } from './units.js';

/**
 * The time units of a plane's numbers: its units, or those since its `base` where the units are an interval (D-22). Undefined for numbers that
 * are no times, and for a `base` that is none. A plane without units is in us2000.
 */
export function planeTimeUnits({ units = 'us2000', attributes }: Plane): TimeUnits | undefined {
  const base = attributes.get('base');
  const known = timeUnits(units);
  if (known !== undefined || base === undefined || intervalSeconds(units) === undefined) return known;
  return timeUnits(`${units.trim()} since ${base}`);
}
