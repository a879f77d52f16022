/**
 * Marks of work that is queued or under way: one small file a key in `pending/` of a spool queue (layout in spool/broker.ts).
 *
 * Contract: a producer makes the mark with the id of the item, puts the item in its place, and then confirms the mark by one byte more. A mark
 * without that byte is that of a producer who is between the two, or was killed there; it counts for `UNCONFIRMED_MS` only. A producer killed
 * behind the item leaves work that may be asked for twice, which does no harm. A confirmed mark goes with the end of its job, and by itself after a
 * day; it does not go with the end of a job that has queued this one for the rest of its work. Nothing is forced to disk: a mark that a loss of
 * power has emptied counts as unconfirmed.
 */
import { closeSync, constants, fchmodSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { PENDING_SECONDS } from '../broker.js';
import { itemId, itemKey } from '../identity.js';
import { codeOf, FILE_MODE, readText, removeFile } from './files.js';
import type { SpoolFolder } from './folder.js';

/** Of `itemId`. */
const ID_LENGTH = 10;
const UNCONFIRMED_MS = 10_000;
const EXCLUSIVE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** A mark that has just been made. Exactly one of the two is called. */
export interface PendingMark {
  /** The item is in its place. */
  confirm(): void;
  /** There is no item. */
  undo(): void;
}

/** Marks the work of an item as pending; undefined if it is so already. With `repeat` it is marked in any case. */
export function markPending(folders: SpoolFolder, item: string, repeat: boolean): PendingMark | undefined {
  const file = join(folders.folder('pending'), itemKey(item));
  if (repeat) removeFile(file);
  let descriptor = create(file, item);
  if (descriptor === undefined && !repeat) {
    if (holds(file)) return undefined;
    removeFile(file);
    descriptor = create(file, item);
    if (descriptor === undefined) return undefined;
  }
  const close = (): void => {
    if (descriptor !== undefined) closeSync(descriptor);
  };
  return {
    confirm() {
      try {
        // Into this very file: a worker may have ended the job already, and another producer may have asked for it anew.
        if (descriptor !== undefined) writeSync(descriptor, '.');
      } catch {
        // A full disk: the mark ends early.
      } finally {
        close();
      }
    },
    undo() {
      close();
      removeFile(file);
    },
  };
}

/** An item has ended. Its work is pending no more, unless the mark is that of another item. */
export function forgetPending(folders: SpoolFolder, item: string): void {
  const file = join(folders.folder('pending'), itemKey(item));
  const mark = readText(file);
  if (mark === undefined || mark.length < ID_LENGTH || mark.startsWith(itemId(item))) removeFile(file);
}

/** A new mark of an item; undefined if there is one. */
function create(file: string, item: string): number | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, EXCLUSIVE, FILE_MODE);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return undefined;
    throw error;
  }
  try {
    fchmodSync(descriptor, FILE_MODE);
    writeSync(descriptor, itemId(item));
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    removeFile(file);
    throw error;
  }
}

/** True if a mark still counts. */
function holds(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return false;
  return Date.now() - found.mtimeMs < (found.size > ID_LENGTH ? PENDING_SECONDS * 1000 : UNCONFIRMED_MS);
}
