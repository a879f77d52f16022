/**
 * The fill value of a plane by cascade: its own property, its packet's, the stream's (stream-format 7, 4.3).
 */
import { decimalNumber } from './decimal-text.js';
import { DEFAULT_FILL } from './fill.js';
import type { PacketHeader, Plane, StreamHeader } from './header.js';
import { effectiveProperty } from './properties.js';

/**
 * `yFill` for y and xscan planes, `zFill` for z and yscan planes, else `fill`, else -1e31. A text that is no number counts as
 * absent. `NaN` is a fill value of its own. x has no fill; for it the default is returned.
 */
export function planeFill(plane: Plane, header: PacketHeader, stream: StreamHeader): number {
  if (plane.element === 'x') return DEFAULT_FILL;
  const own = plane.element === 'y' || plane.element === 'xscan' ? 'yFill' : 'zFill';
  for (const name of [own, 'fill']) {
    const text = effectiveProperty(name, plane, header, stream)?.value.trim();
    const value = text === undefined ? undefined : fillNumber(text);
    if (value !== undefined) return value;
  }
  return DEFAULT_FILL;
}

function fillNumber(text: string): number | undefined {
  if (/^[-+]?nan$/i.test(text)) return Number.NaN;
  const match = /^([-+]?)inf(?:inity)?$/i.exec(text);
  if (match !== null) return match[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return decimalNumber(text);
}
