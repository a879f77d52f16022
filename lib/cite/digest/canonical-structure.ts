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

/**
 * The lines of all planes, joined by line feeds. Throws `plane` for a header without a canonical form, `packetHeader` for one with a text of more
 * than `room` characters.
 */
export function structureText({ planes }: PacketHeader, room = Number.POSITIVE_INFINITY): string {
  const tags = planes.reduce((sum, { element, itemCount }) => sum + (element === 'yscan' ? itemCount : 0), 0);
  if (tags * HEX_STEP > room) throw tooLarge();
  return planes.map(planeLine).join('\n');
}

/** What a stream is told whose packet types have more text than can be kept. */
export function tooLarge(): Das2Error {
  return new Das2Error('packetHeader', 'the stream has too many kinds of packets for a digest, or too large ones');
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
      const tags = hexOfDoubles(scanTags(plane));
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

/** The eight bytes of each double as 16 hexadecimal digits, with commas between; -0 is 0. */
function hexOfDoubles(values: readonly number[]): string {
  const text = Buffer.alloc(values.length * HEX_STEP, ',');
  for (let i = 0, at = 0; i < values.length; i++, at += HEX_STEP) {
    SCRATCH.setFloat64(0, (values[i] as number) + 0);
    for (let byte = 0; byte < 8; byte++) {
      const value = SCRATCH.getUint8(byte);
      text[at + 2 * byte] = DIGITS.charCodeAt(value >> 4);
      text[at + 2 * byte + 1] = DIGITS.charCodeAt(value & 15);
    }
  }
  return text.toString('latin1', 0, Math.max(0, text.length - 1));
}

/** 16 digits and a comma. */
const HEX_STEP = 17;
const DIGITS = '0123456789abcdef';
const SCRATCH = new DataView(new ArrayBuffer(8));
