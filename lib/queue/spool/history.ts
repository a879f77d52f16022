/**
 * The end of items in a spool queue: the history and its length (layout in spool/broker.ts).
 */
import { join } from 'node:path';
import { moveFile, removeFile, writeWhole } from './files.js';
import type { Held, SpoolFolder } from './folder.js';
import { stampedName } from './names.js';
import { forgetPending } from './pending.js';

/** The history is cut when it is this much longer than it may be, not with every job. */
const SLACK = 1.1;
/** Shorter histories are cut at once. */
const SHORT = 100;

/**
 * Moves an item whose file has its final text to the history, with `dead` also its text to the dead list. `most` items are kept of each, 0
 * for all.
 */
export function endItem(folders: SpoolFolder, held: Held, options: { readonly dead: boolean; readonly most: number }) {
  const name = stampedName(held.name, Date.now());
  if (options.dead) writeWhole(join(folders.folder('dead'), name), held.item);
  // Before the move: whoever dies in between leaves work that may be asked for twice, and none that nobody can ask for.
  forgetPending(folders, held.item);
  moveFile(held.file, join(folders.folder('finished'), name));
  if (options.most > 0) cutHistory(folders, options.most);
}

/** Ends of items in this process until the length of a history is looked at again. */
const unseenEnds = new WeakMap<SpoolFolder, number>();
/** Other processes add to it as well, so one cannot count for long. */
const MOST_UNSEEN = 100;

function cutHistory(folders: SpoolFolder, most: number): void {
  const left = unseenEnds.get(folders) ?? 0;
  unseenEnds.set(folders, left - 1);
  if (left > 0) return;
  let room = MOST_UNSEEN;
  for (const list of ['finished', 'dead'] as const) {
    const files = folders.files(list);
    const tooMany = files.length > most * SLACK || (files.length > most && most < SHORT);
    if (tooMany) for (const file of files.slice(0, files.length - most)) removeFile(file);
    else room = Math.min(room, (most * SLACK - files.length) / 4);
  }
  unseenEnds.set(folders, most < SHORT ? 0 : Math.floor(room));
}
