/**
 * Inventories get better through use (browse-export 5.2): who has just read a whole record writes down how large it was.
 *
 * Contract: appends one line, in one step, and only where it says something new. That it cannot be written is no reason to fail.
 */
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ensureFolder } from '../../queue/spool/files.js';
import type { Series } from '../naming/series.js';
import { inventoryFile, inventoryFolder, inventoryText, readInventory } from './inventory.js';

const APPEND = constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW;

/** Notes that a record is there and has so many bytes as a binary das2 stream. `now` in milliseconds. */
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
    const folder = inventoryFolder(root, series);
    ensureFolder(folder);
    const descriptor = openSync(join(folder, inventoryFile(record, series.grid)), APPEND, 0o660);
    try {
      const checked = `${new Date(now).toISOString().slice(0, 19)}Z`;
      const line = inventoryText(record, { state: 'present', bytes, checked });
      writeSync(descriptor, endsWithLine(descriptor) ? line : `\n${line}`);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // What nobody can write down stays assumed.
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
