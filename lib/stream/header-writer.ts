/**
 * Canonical text of stream and packet headers: one plane and one property per line, children indented by two blanks, every value
 * escaped exactly once (stream-format 3.4).
 *
 * Contract: always `version="2.2" compression="none"`, whatever was read. A tag series that has only `yTagMax` is written with the
 * `yTagMin` it stands for, because other readers know only that one (3.3); all other tag attributes are copied as text.
 */
import type { PacketHeader, Plane, StreamHeader } from './header.js';
import { unitsAttribute } from './header.js';
import type { Properties, Property } from './properties.js';
import { writableTagAttributes } from './scan-tags.js';
import { escapeAttribute } from './xml-escape.js';

/** The content of a `[00]` packet. */
export function formatStreamHeader(header: StreamHeader): string {
  return `<stream version="2.2" compression="none">\n${formatProperties(header.properties, '  ')}</stream>\n`;
}

/** One line of a stream header: a property. */
export interface PropertyLine {
  readonly name: string;
  readonly text: string;
}

const FIRST_LINES = '<stream version="2.2" compression="none">\n  <properties\n';
const LAST_LINES = '  />\n</stream>\n';
const PROPERTY_INDENT = '    ';

/** The line that a property of a stream header stands on. */
export function propertyLine(property: Property): PropertyLine {
  return { name: property.name, text: formatProperty(property, '  ') };
}

/**
 * The properties of a stream header in the canonical form, a line each; undefined for content of any other form, and for a header without
 * properties. What is copied line by line needs neither a parser nor to be escaped again.
 */
export function propertyLines(content: string): PropertyLine[] | undefined {
  if (!content.startsWith(FIRST_LINES) || !content.endsWith(LAST_LINES)) return undefined;
  const lines: PropertyLine[] = [];
  for (const line of content.slice(FIRST_LINES.length, content.length - LAST_LINES.length).split('\n')) {
    if (line === '') continue;
    const equals = line.indexOf('="');
    // One attribute, whose value ends with the line.
    if (equals < 0 || line.indexOf('"', equals + 2) !== line.length - 1 || !line.startsWith(PROPERTY_INDENT)) {
      return undefined;
    }
    const name = line.slice(PROPERTY_INDENT.length, equals);
    if (name === '' || name.includes(' ') || line.includes('<')) return undefined;
    lines.push({ name: name.slice(name.indexOf(':') + 1), text: `${line}\n` });
  }
  return lines;
}

/** The content of a stream header made of lines. */
export function streamHeaderOfLines(lines: readonly PropertyLine[]): string {
  let text = FIRST_LINES;
  for (const line of lines) text += line.text;
  return text + LAST_LINES;
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

function formatProperty({ type, name, value }: Property, indent: string): string {
  return `${indent} ${attribute(type === '' ? name : `${type}:${name}`, value)}\n`;
}

function attribute(name: string, value: string): string {
  return ` ${name}="${escapeAttribute(value)}"`;
}
