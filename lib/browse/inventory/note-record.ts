/**
 * Inventories get better through use (browse-export 5.2): who has just read a whole record, or looked where records are, writes down what is there.
 *
 * Contract: appends lines, those of a file in one step, and only what says something new; the files are for the group of the folder.
 */
import { closeSync, constants, fchmodSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ensureFolder, FILE_MODE } from '../../queue/spool/files.js';
import type { Series } from '../naming/series.js';
import {
  type InventoryLine,
  inventoryFile,
  inventoryFolder,
  inventoryText,
  readInventory,
  UnreadableInventory,
} from './inventory.js';

const APPEND = constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW;

/** Notes that a record is there and has so many bytes as a binary das2 stream. `now` in milliseconds. That it cannot be written is no reason to fail. */
export function notePresent(
  root: string | undefined,
  series: Series,
  record: number,
  bytes: number,
  now: number,
): void {
  if (root === undefined) return;
  try {
    const known = readInventory(root, series, { first: record, last: record }, undefined).lines.get(record);
    // Somebody who counts what is in a record knows more than we do.
    if (known !== undefined && (known.bytes === bytes || known.have !== undefined)) return;
    append(root, series, new Map([[record, { state: 'present', bytes, checked: checkedAt(now) }]]));
  } catch {
    // What nobody can write down stays assumed.
  }
}

/**
 * Notes what was found out about records; lines that are known already stay. The number of lines that are new. Throws `UnreadableInventory`, and what the system
 * throws.
 */
export function noteLines(
  root: string,
  series: Series,
  lines: ReadonlyMap<number, InventoryLine>,
  now: number,
): number {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const record of lines.keys()) [first, last] = [Math.min(first, record), Math.max(last, record)];
  if (first > last) return 0;
  const known = readInventory(root, series, { first, last }, undefined).lines;
  const news = new Map<number, InventoryLine>();
  for (const [record, line] of lines) {
    const before = known.get(record);
    if (before === undefined || saysMore(line, before))
      news.set(record, { ...line, checked: line.checked ?? checkedAt(now) });
  }
  append(root, series, news);
  return news.size;
}

/** True if a line says anything that the one before does not say. */
function saysMore(line: InventoryLine, before: InventoryLine): boolean {
  return (['state', 'bytes', 'have', 'expected', 'firstSample', 'lastSample', 'digest'] as const).some(
    (key) => line[key] !== undefined && line[key] !== before[key],
  );
}

function checkedAt(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19)}Z`;
}

function append(root: string, series: Series, lines: ReadonlyMap<number, InventoryLine>): void {
  const texts = new Map<string, string>();
  for (const [record, line] of lines) {
    const file = inventoryFile(record, series.grid);
    texts.set(file, (texts.get(file) ?? '') + inventoryText(record, line));
  }
  const folder = inventoryFolder(root, series);
  if (texts.size > 0) ensureFolder(folder);
  for (const [file, text] of texts) {
    const descriptor = openSync(join(folder, file), APPEND, FILE_MODE);
    try {
      const stats = fstatSync(descriptor);
      if (!stats.isFile()) throw new UnreadableInventory('not a plain file');
      // Web server and worker both write here: the umask of the one that begins a file must not shut the other out.
      if (stats.size === 0 && stats.uid === process.getuid?.()) fchmodSync(descriptor, FILE_MODE);
      writeSync(descriptor, endsWithLine(descriptor) ? text : `\n${text}`);
    } finally {
      closeSync(descriptor);
    }
  }
}

/** False for a file that somebody wrote by hand and did not end with a line end: what is appended would become a part of its last line. */
function endsWithLine(descriptor: number): boolean {
  const { size } = fstatSync(descriptor);
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  readSync(descriptor, last, 0, 1, size - 1);
  return last[0] === 10;
}
