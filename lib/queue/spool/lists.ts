/**
 * The lists of a spool queue as people see and change them (layout in spool/broker.ts).
 */
import { join } from 'node:path';
import { firstAsked, type ListName, type WorkingEntry } from '../broker.js';
import { ageOf, moveFile, namesIn, readText, removeFile } from './files.js';
import { BEAT, type SpoolFolder, WORKING } from './folder.js';
import { isSpoolName, lossesOf, spoolName, stampOf } from './names.js';
import { forgetPending } from './pending.js';

/** How the names of urgent items begin. */
const URGENT = '0';

/** Up to `limit` items of a list, newest first. */
export function listItems(folders: SpoolFolder, name: ListName, limit: number): string[] {
  const texts: string[] = [];
  for (const file of folders.files(name).reverse()) {
    if (texts.length >= limit) break;
    const text = readText(file);
    if (text !== undefined) texts.push(text);
  }
  return texts;
}

/** Items put off, and until when. */
export function putOffItems(folders: SpoolFolder): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const file of folders.files('delayed')) {
    const until = stampOf(file.slice(file.lastIndexOf('/') + 1));
    const text = readText(file);
    if (until !== undefined && text !== undefined) found.set(text, until);
  }
  return found;
}

/** The waiting item that was asked for first, as far as the ends of the lanes tell. */
export function oldestItem(folders: SpoolFolder): string | undefined {
  const ends = new Map<string, string>();
  for (const file of folders.files('todo')) {
    const lane = file.slice(file.lastIndexOf('/') + 1).charAt(0);
    // Urgent items are taken newest first; those put off have a time in front and stand at the end.
    if (lane === URGENT || !ends.has(lane)) ends.set(lane, file);
  }
  return firstAsked([...ends.values()].map(readText).filter((text) => text !== undefined));
}

/** What is being done. */
export function workingItems(folders: SpoolFolder): WorkingEntry[] {
  const entries: WorkingEntry[] = [];
  for (const name of namesIn(folders.top)) {
    if (!name.startsWith(WORKING)) continue;
    const folder = join(folders.top, name);
    const age = ageOf(join(folder, BEAT));
    const beatAge = age === undefined ? undefined : Math.max(0, age / 1000);
    for (const file of namesIn(folder).filter(isSpoolName)) {
      const text = readText(join(folder, file));
      const holder = name.slice(WORKING.length);
      if (text !== undefined) entries.push({ list: `das2_${name}`, holder, text, beatAge });
    }
  }
  return entries;
}

/** Takes one item off a list; false if it is not there (any more). */
export function removeItem(folders: SpoolFolder, name: ListName, item: string): boolean {
  for (const file of folders.files(name)) {
    if (readText(file) !== item || !removeFile(file)) continue;
    if (name === 'todo') forgetPending(folders, item);
    return true;
  }
  return false;
}

/** Moves a waiting item to where it is taken next; false if it does not wait. */
export function raiseItem(folders: SpoolFolder, item: string): boolean {
  for (const file of folders.files('todo')) {
    if (readText(file) !== item) continue;
    const losses = lossesOf(file.slice(file.lastIndexOf('/') + 1));
    if (moveFile(file, join(folders.folder('todo'), spoolName('urgent', losses)))) return true;
  }
  return false;
}

/** Empties a list; the number of items that were on it. */
export function clearItems(folders: SpoolFolder, name: ListName): number {
  let count = 0;
  for (const file of folders.files(name)) {
    const item = name === 'todo' ? readText(file) : undefined;
    if (!removeFile(file)) continue;
    count++;
    if (item !== undefined) forgetPending(folders, item);
  }
  return count;
}
