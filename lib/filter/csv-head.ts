/**
 * Head rows of `das2_csv` (stream-format 13.10), and the quoting of text fields by RFC 4180.
 */
import type { PacketHeader, Plane } from '../stream/header.js';
import { planeTimeUnits } from '../stream/plane-time.js';
import { tagTexts } from '../stream/scan-tags.js';
import type { TimeUnits } from '../stream/units.js';
import { printedTimeUnits } from './ascii-plan.js';

/** The head of every column of a packet type, in wire order, quoted where need be, one by one: there may be millions. */
export function* columnHeads(header: PacketHeader, delimiter: string): Generator<string> {
  for (const plane of header.planes) {
    for (const head of planeHeads(plane)) yield textField(head, delimiter);
  }
}

/**
 * The units of numbers that become times in rows: those that are times in text (stream-format 13.4), and offsets from a `base`, which no row
 * has; undefined for numbers that stay numbers.
 */
export function csvTimeUnits(plane: Plane): TimeUnits | undefined {
  const isOffset = plane.element === 'x' && plane.encoding.kind !== 'time' && plane.attributes.has('base');
  return printedTimeUnits(plane) ?? (isOffset ? planeTimeUnits(plane) : undefined);
}

function* planeHeads(plane: Plane): Generator<string> {
  const name = plane.name || (plane.element === 'x' ? 'time' : '');
  const units = plane.encoding.kind === 'time' || csvTimeUnits(plane) !== undefined ? 'UTC' : (plane.units ?? '');
  if (plane.element !== 'yscan' && plane.element !== 'xscan') {
    yield join(name, bracketed(units));
    return;
  }
  const tagUnits = plane.attributes.get(plane.element === 'yscan' ? 'yUnits' : 'xUnits') ?? '';
  const unitsInBrackets = bracketed(units);
  for (const tag of tagTexts(plane)) yield join(name, tag, tagUnits, unitsInBrackets);
}

function bracketed(units: string): string {
  return units === '' ? '' : `(${units})`;
}

function join(...words: string[]): string {
  return words.filter((word) => word !== '').join(' ');
}

/**
 * A text as one field: quoted if it holds the delimiter, a quote or a line break; with an apostrophe in front if a spreadsheet would
 * take it for a formula.
 */
export function textField(text: string, delimiter: string): string {
  const harmless = /^[=+\-@]/.test(text) ? `'${text}` : text;
  const needsQuotes = harmless.includes(delimiter) || /["\r\n]/.test(harmless);
  return needsQuotes ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
