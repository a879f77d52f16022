/**
 * When somebody last wrote about any series (browse-export 13): the newest of all inventories.
 */
import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Folders below the root: program, level, series. */
const DEPTH = 3;

/** Milliseconds since 1970; undefined where there are no inventories. Folders that cannot be read have none. */
export function inventoryChangedAt(root: string | undefined): number | undefined {
  return root === undefined ? undefined : newestBelow(root, DEPTH);
}

function newestBelow(folder: string, depth: number): number | undefined {
  let newest: number | undefined;
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name);
    let time: number | undefined;
    if (depth > 0 && entry.isDirectory()) time = newestBelow(path, depth - 1);
    else if (depth === 0 && entry.name.endsWith('.inv')) time = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (time !== undefined && time > (newest ?? Number.NEGATIVE_INFINITY)) newest = time;
  }
  return newest;
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
