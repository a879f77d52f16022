/**
 * Stream headers in the canonical form, a property a line (stream-format 3.4): what can be copied line by line needs neither a parser nor to be
 * escaped again. The whole of the form is in header-writer.ts.
 */
import type { Property } from './properties.js';
import { escapeAttribute } from './xml-escape.js';

/** One line of a stream header: a property. */
export interface PropertyLine {
  readonly name: string;
  readonly text: string;
}

const FIRST_LINE = '<stream version="2.2" compression="none">\n';
const FIRST_LINES = `${FIRST_LINE}  <properties\n`;
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
  if (lines.length === 0) return `${FIRST_LINE}</stream>\n`;
  let text = FIRST_LINES;
  for (const line of lines) text += line.text;
  return text + LAST_LINES;
}

/** A property as a line of text behind an indentation. */
export function formatProperty({ type, name, value }: Property, indent: string): string {
  return `${indent} ${attribute(type === '' ? name : `${type}:${name}`, value)}\n`;
}

/** An attribute with a blank in front. */
export function attribute(name: string, value: string): string {
  return ` ${name}="${escapeAttribute(value)}"`;
}
