/**
 * Structure text of a packet header: what of it counts for the content digest, one line a plane (citation 4.4).
 *
 * Contract: two headers with equal text describe the same values. A header whose text could be taken for that of another one, or that has
 * planes without a canonical form, is refused: it has no digest.
 */
import { Das2Error } from '../../error.js';
import type { PacketHeader, Plane } from '../../stream/header.js';
import { scanTags } from '../../stream/scan-tags.js';

/** `t` for times as text, `n` for numbers, whatever their width and byte order. */
function planeKind({ encoding }: Plane): 'n' | 't' {
  return encoding.kind === 'time' ? 't' : 'n';
}

/** The lines of all planes, joined by line feeds. Throws `plane` for a header without a canonical form. */
export function structureText({ planes }: PacketHeader): string {
  return planes.map(planeLine).join('\n');
}

function planeLine(plane: Plane): string {
  const { element, attributes, itemCount } = plane;
  const kind = planeKind(plane);
  const name = checked(plane.name ?? '', 'name');
  const units = field(plane.units ?? '', 'units');
  switch (element) {
    case 'x':
      return `x|${kind}|${units}|${field(attributes.get('base') ?? '', 'base')}`;
    case 'y':
    case 'z':
      return `${element}|${name}|${kind}|${units}`;
    case 'yscan': {
      const tags = scanTags(plane).map(hexOfDouble).join(',');
      return `yscan|${name}|${kind}|${units}|${field(attributes.get('yUnits') ?? '', 'yUnits')}|${itemCount}|${tags}`;
    }
    case 'xscan':
      throw new Das2Error('plane', 'planes of the kind xscan have no canonical form in d2c/1');
  }
}

/** The last fields of a line must not hold its separator; then a name may. */
function field(text: string, what: string): string {
  if (text.includes('|'))
    throw new Das2Error('plane', `a plane has a '|' in its ${what}, so its digest could be mistaken`);
  return checked(text, what);
}

function checked(text: string, what: string): string {
  if (/[\n\r]/.test(text)) throw new Das2Error('plane', `a plane has a line break in its ${what}`);
  return text;
}

/** The eight bytes of a double as 16 hexadecimal digits; -0 is 0. */
function hexOfDouble(value: number): string {
  SCRATCH.setFloat64(0, value + 0);
  return SCRATCH.getBigUint64(0).toString(16).padStart(16, '0');
}

const SCRATCH = new DataView(new ArrayBuffer(8));
