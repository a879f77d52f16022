/**
 * Canonical text of stream and packet headers: one plane and one property per line, children indented by two blanks, every value
 * escaped exactly once (stream-format 3.4).
 *
 * Contract: always `version="2.2" compression="none"`, whatever was read. A tag series that has only `yTagMax` is written with the
 * `yTagMin` it stands for, because other readers know only that one (3.3); all other tag attributes are copied as text.
 */
import type { PacketHeader, Plane, StreamHeader } from './header.js';
import { unitsAttribute } from './header.js';
import { attribute, formatProperty } from './header-lines.js';
import type { Properties } from './properties.js';
import { writableTagAttributes } from './scan-tags.js';
import { escapeAttribute } from './xml-escape.js';

/** The content of a `[00]` packet. */
export function formatStreamHeader(header: StreamHeader): string {
  return `<stream version="2.2" compression="none">\n${formatProperties(header.properties, '  ')}</stream>\n`;
}

/** The content of an `[NN]` packet. */
export function formatPacketHeader(header: PacketHeader): string {
  const group = header.group === undefined ? '' : ` group="${escapeAttribute(header.group)}"`;
  return `<packet${group}>\n${formatProperties(header.properties, '  ')}${header.planes.map(formatPlane).join('')}</packet>\n`;
}

function formatPlane(plane: Plane): string {
  let text = `  <${plane.element}`;
  if (plane.name !== undefined) text += attribute('name', plane.name);
  text += attribute('type', plane.encoding.type);
  if (plane.units !== undefined) text += attribute(unitsAttribute(plane.element), plane.units);
  const others = writableTagAttributes(plane);
  const scan = plane.element === 'yscan' || plane.element === 'xscan';
  // yscan: name type zUnits yUnits nitems, then the tags.
  for (const key of ['yUnits', 'xUnits']) {
    const value = others.get(key);
    if (scan && value !== undefined) text += attribute(key, value);
  }
  if (scan) text += attribute('nitems', String(plane.itemCount));
  for (const [key, value] of others) {
    if (scan && (key === 'yUnits' || key === 'xUnits')) continue;
    text += attribute(key, value);
  }
  if (plane.properties.length === 0) return `${text}/>\n`;
  return `${text}>\n${formatProperties(plane.properties, '    ')}  </${plane.element}>\n`;
}

function formatProperties(properties: Properties, indent: string): string {
  if (properties.length === 0) return '';
  let text = `${indent}<properties\n`;
  for (const property of properties) text += formatProperty(property, indent);
  return `${text}${indent}/>\n`;
}
