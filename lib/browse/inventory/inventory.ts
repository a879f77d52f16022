/**
 * Inventories: what exists of a series, and how large it is (browse-export 5.2). One text file a year, one line a record, later lines replace
 * earlier ones:
 *
 *   59340^present^4362076^2^60^1999-10-09T12:01:00Z^1999-10-09T12:02:00Z^1999-10-10T03:12:44Z^08671c44…
 *   record state bytes have expected first-sample last-sample checked digest
 *
 * Contract: throws `UnreadableInventory` where a file is there and cannot be read; damaged lines mean nothing. Only lines of the records that
 * are asked about are taken apart.
 */
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { dateFromDay } from '../../stream/calendar.js';
import type { Triad } from '../record/item-name.js';
import { civilStart, type RecordGrid, type RecordRange } from '../record/number.js';

/** States that a line can give. */
const STATES = ['present', 'partial', 'absent', 'offline'] as const;
export type KnownState = (typeof STATES)[number];

/** What is known of one record. */
export interface InventoryLine {
  readonly state: KnownState;
  readonly bytes?: number;
  readonly have?: number;
  readonly expected?: number;
  readonly firstSample?: string;
  readonly lastSample?: string;
  readonly checked?: string;
  readonly digest?: string;
}

export interface InventoryPart {
  readonly lines: ReadonlyMap<number, InventoryLine>;
  /** Somebody has written about this series, whether or not about these records. */
  readonly exists: boolean;
  /** Mean size of the records in the files that were read; undefined where there is none. */
  meanBytes(): number | undefined;
  /** When the newest of the files that were read was changed, in milliseconds; 0 without any. */
  readonly changedAt: number;
}

/** The inventory is there and cannot be read. */
export class UnreadableInventory extends Error {
  override readonly name = 'UnreadableInventory';
}

const LARGEST = 64 << 20;
const LF = 10;
const CARET = 94;
const MINUS = 45;

/** Where a series' inventory lies: `BROWSE_INV/<prog>/<level>/<series>`. */
export function inventoryFolder(root: string, { prog, level, series }: Triad): string {
  return join(root, prog, level, series);
}

/** The name of the file that a record belongs into: the year in which it starts. */
export function inventoryFile(record: number, grid: RecordGrid): string {
  const { year } = dateFromDay(civilStart(record, grid).day);
  return `${String(year).padStart(4, '0')}.inv`;
}

/** What the inventories of a series say about a range of records. `own`: a file that its definition names, read first. */
export function readInventory(
  root: string | undefined,
  series: Triad & { readonly grid: RecordGrid },
  range: RecordRange,
  own: string | undefined,
): InventoryPart {
  const { files, exists } = root === undefined ? { files: [], exists: false } : filesOf(root, series, range);
  if (own !== undefined) files.unshift(own);
  const lines = new Map<number, InventoryLine>();
  let changedAt = 0;
  for (const file of files) {
    const { bytes, mtimeMs } = read(file);
    changedAt = Math.max(changedAt, mtimeMs);
    for (const [record, line] of linesOf(bytes, range)) lines.set(record, line);
  }
  return {
    lines,
    exists: own !== undefined || exists,
    changedAt,
    meanBytes: () => meanOf(files),
  };
}

/** One line of an inventory, with its end. */
export function inventoryText(record: number, line: InventoryLine): string {
  const { state, bytes, have, expected, firstSample, lastSample, checked, digest } = line;
  const fields = [record, state, bytes, have, expected, firstSample, lastSample, checked, digest];
  return `${fields.map((field) => field ?? '').join('^')}\n`;
}

/** The files in which records of a range may be, the oldest first; and whether there are any of the series at all. */
function filesOf(
  root: string,
  series: Triad & { readonly grid: RecordGrid },
  { first, last }: RecordRange,
): { readonly files: string[]; readonly exists: boolean } {
  const folder = inventoryFolder(root, series);
  const names = namesIn(folder);
  const [from, to] = [inventoryFile(first, series.grid), inventoryFile(last, series.grid)];
  const files = names.filter((name) => name >= from && name <= to).map((name) => join(folder, name));
  return { files, exists: names.length > 0 };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^\d{4}\.inv$/.test(name))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw unreadable(error);
  }
}

/** Files are read one after the other into this; a question about many series would fill the memory otherwise. */
let shared = Buffer.alloc(0);

/** The content of a file, which is good until the next one is read. */
function read(file: string): { bytes: Buffer; mtimeMs: number } {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || stats.size > LARGEST) throw new UnreadableInventory('not a plain file of sensible size');
    if (shared.length < stats.size) shared = Buffer.allocUnsafeSlow(stats.size + (stats.size >> 2));
    let length = 0;
    while (length < stats.size) {
      const count = readSync(descriptor, shared, length, stats.size - length, null);
      if (count === 0) break;
      length += count;
    }
    return { bytes: shared.subarray(0, length), mtimeMs: stats.mtimeMs };
  } catch (error) {
    throw unreadable(error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function unreadable(error: unknown): UnreadableInventory {
  if (error instanceof UnreadableInventory) return error;
  return new UnreadableInventory(String((error as NodeJS.ErrnoException).code ?? error), { cause: error });
}

/** The last good line of each record of the range, from the text of an inventory. */
export function linesOf(bytes: Buffer, { first, last }: RecordRange): Map<number, InventoryLine> {
  const lines = new Map<number, InventoryLine>();
  eachLine(bytes, (record, from, to) => {
    if (record < first || record > last) return;
    const line = parseLine(bytes.toString('utf8', from, to));
    // A damaged line takes nothing away from the one before it.
    if (line !== undefined) lines.set(record, line);
  });
  return lines;
}

/** Calls back for each line that begins with a number and a caret: the number, and where the rest of the line lies. */
function eachLine(bytes: Buffer, take: (record: number, from: number, to: number) => void): void {
  for (let at = 0; at < bytes.length; ) {
    let end = bytes.indexOf(LF, at);
    if (end < 0) end = bytes.length;
    let i = at;
    const sign = bytes[i] === MINUS ? -1 : 1;
    if (sign < 0) i++;
    const digits = i;
    let number = 0;
    for (
      let digit = (bytes[i] ?? 0) - 48;
      digit >= 0 && digit <= 9 && i - digits < 11;
      digit = (bytes[++i] ?? 0) - 48
    ) {
      number = number * 10 + digit;
    }
    if (i > digits && bytes[i] === CARET && i < end) take(sign * number, i + 1, end);
    at = end + 1;
  }
}

function parseLine(text: string): InventoryLine | undefined {
  const [word, bytes, have, expected, firstSample, lastSample, checked, digest] = text.replace(/\r$/, '').split('^');
  const state = STATES.find((name) => name === word);
  if (state === undefined) return undefined;
  return {
    state,
    ...count('bytes', bytes),
    ...count('have', have),
    ...count('expected', expected),
    ...words('firstSample', firstSample),
    ...words('lastSample', lastSample),
    ...words('checked', checked),
    ...words('digest', digest),
  };
}

function count<Key extends string>(key: Key, text: string | undefined): { [K in Key]?: number } {
  return (text !== undefined && /^\d{1,15}$/.test(text) ? { [key]: Number(text) } : {}) as { [K in Key]?: number };
}

function words<Key extends string>(key: Key, text: string | undefined): { [K in Key]?: string } {
  return (text && /^[\x21-\x7e]{1,100}$/.test(text) ? { [key]: text } : {}) as { [K in Key]?: string };
}

function isState(word: string): boolean {
  return (STATES as readonly string[]).includes(word);
}

/** State and size of a line, without the rest of it. */
function briefLine(bytes: Buffer, from: number, to: number): { readonly state: string; readonly size?: number } {
  const [state = '', size = ''] = bytes
    .toString('latin1', from, Math.min(to, from + 40))
    .trimEnd()
    .split('^');
  return /^\d{1,15}$/.test(size) ? { state, size: Number(size) } : { state };
}

/** In a list of sizes: the record is there, its size is not known. */
export const UNKNOWN_SIZE = -1;
/** In a list of sizes: somebody has looked, and the record is not there. */
export const KNOWN_MISSING = -2;
/** In a list of sizes: nobody has looked, or it is not on line. */
const NOTHING_KNOWN = -3;

/**
 * The sizes of all records of a range, those that are there in part included; a negative number where there is no size. Made for years of records of a minute:
 * takes eight bytes a record. Throws `UnreadableInventory`.
 */
export function sizesOfRange(
  root: string,
  series: Triad & { readonly grid: RecordGrid },
  range: RecordRange,
): Float64Array {
  const sizes = new Float64Array(Math.max(0, range.last - range.first + 1)).fill(NOTHING_KNOWN);
  for (const file of filesOf(root, series, range).files) {
    const { bytes } = read(file);
    eachLine(bytes, (record, start, end) => {
      if (record < range.first || record > range.last) return;
      const { state, size } = briefLine(bytes, start, end);
      if (state === 'present' || state === 'partial') sizes[record - range.first] = size ?? UNKNOWN_SIZE;
      else if (isState(state)) sizes[record - range.first] = state === 'absent' ? KNOWN_MISSING : NOTHING_KNOWN;
    });
  }
  return sizes;
}

function meanOf(files: readonly string[]): number | undefined {
  const sizes = new Map<number, number>();
  for (const file of files) {
    const { bytes } = read(file);
    eachLine(bytes, (record, from, to) => {
      const { state, size } = briefLine(bytes, from, to);
      if (state === 'present' && size !== undefined) sizes.set(record, size);
      else if (isState(state)) sizes.delete(record);
    });
  }
  let sum = 0;
  for (const size of sizes.values()) sum += size;
  return sizes.size === 0 ? undefined : Math.round(sum / sizes.size);
}
