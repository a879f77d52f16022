/**
 * Waveforms that are no longer than a bin: their scan becomes one value (stream-format 12.7, 10.1).
 */
import { isFill } from '../../stream/fill.js';
import type { PacketHeader, Plane, StreamHeader } from '../../stream/header.js';
import { effectiveProperty, withoutProperty } from '../../stream/properties.js';
import { tagExtent } from '../../stream/scan-tags.js';
import { intervalSeconds } from '../../stream/units.js';
import { datumText } from '../print-number.js';

/** True for a scan in time whose whole extent is no longer than a bin of so many seconds. */
export function isShortWaveform(plane: Plane, header: PacketHeader, stream: StreamHeader, seconds: number): boolean {
  let units: string | undefined;
  if (plane.element === 'xscan') units = plane.attributes.get('xUnits') ?? '';
  else if (plane.element === 'yscan' && effectiveProperty('renderer', plane, header, stream)?.value === 'waveform') {
    units = plane.attributes.get('yUnits') ?? '';
  }
  const unit = units === undefined ? undefined : intervalSeconds(units);
  return unit !== undefined && tagExtent(plane) * unit <= seconds;
}

/** The line that such a scan becomes; `fill` is the fill value of the scan. */
export function collapsedPlane(plane: Plane, fill: number): Plane {
  const yFill = { type: 'double', name: 'yFill', value: fillText(fill) };
  // A scan of 2.3 may do without units, a line may not.
  const units = plane.units ?? (plane.encoding.kind === 'time' ? undefined : '');
  return {
    ...plane,
    element: 'y',
    units,
    itemCount: 1,
    attributes: new Map(),
    properties: [yFill, ...withoutProperty(plane.properties, 'yFill')],
  };
}

/** As the Datums are printed, unless that would name another fill value. */
function fillText(fill: number): string {
  if (Number.isNaN(fill)) return 'NaN';
  const text = Number.isFinite(fill) ? datumText(fill) : String(fill);
  return isFill(Number(text), fill) && (fill === 0 || Number(text) !== 0) ? text : String(fill);
}
