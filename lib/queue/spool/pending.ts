/**
 * Marks of work that is queued or under way: one small file a key in `pending/` of a spool queue (layout in spool/broker.ts).
 *
 * Contract: a producer makes the mark, puts the item in its place, and then confirms the mark by one byte. A mark without that byte is that of
 * a producer who is between the two, or was killed there; it counts for `UNCONFIRMED_MS` only. A producer killed behind the item leaves work that may
 * be asked for twice, which does no harm. A confirmed mark goes with the end of its job, and by itself after a day. Nothing is forced to disk: a
 * mark that a loss of power has emptied counts as unconfirmed.
 */
import { closeSync, constants, fchmodSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { PENDING_SECONDS } from '../broker.js';
import { itemKey } from '../identity.js';
import { codeOf, FILE_MODE, removeFile } from './files.js';
import type { SpoolFolder } from './folder.js';

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
  let descriptor = create(file);
  if (descriptor === undefined && !repeat) {
    if (holds(file)) return undefined;
    removeFile(file);
    descriptor = create(file);
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

/** The work of an item is pending no more. */
export function forgetPending(folders: SpoolFolder, item: string): void {
  removeFile(join(folders.folder('pending'), itemKey(item)));
}

/** A new mark; undefined if there is one. */
function create(file: string): number | undefined {
  try {
    const descriptor = openSync(file, EXCLUSIVE, FILE_MODE);
    fchmodSync(descriptor, FILE_MODE);
    return descriptor;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return undefined;
    throw error;
  }
}

/** True if a mark still counts. */
function holds(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return false;
  return Date.now() - found.mtimeMs < (found.size > 0 ? PENDING_SECONDS * 1000 : UNCONFIRMED_MS);
}
