/**
 * Opening files in `LOG_PATH`: append only, never through a symbolic link (server-internals 8.5), safe for many processes.
 *
 * Contract: every write is one `write` call on a descriptor opened for append, so lines of concurrent requests never mix. A
 * file that is due to start afresh is emptied by one process while the others wait a moment.
 */
import { closeSync, constants, fstatSync, ftruncateSync, lstatSync, openSync, unlinkSync } from 'node:fs';

const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
const EXCLUSIVE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
/** Lock files older than this were left by a process that died. */
const STALE_LOCK_MS = 10_000;

export const LOG_FILE_MODE = 0o640;

/** Opens a log file for append; throws what the system throws. */
export function openForAppend(file: string): number {
  return openSync(file, APPEND, LOG_FILE_MODE);
}

/** As `openForAppend`, and says whether this call made the file. */
export function openForAppendNoting(file: string): { descriptor: number; created: boolean } {
  try {
    return { descriptor: openSync(file, APPEND | constants.O_EXCL, LOG_FILE_MODE), created: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return { descriptor: openForAppend(file), created: false };
  }
}

/** Opens a log file for append and empties it first if its last change lies before `notBefore` (milliseconds). */
export function openRotated(file: string, notBefore: number): number {
  const descriptor = openForAppend(file);
  if (!isDue(descriptor, notBefore)) return descriptor;
  const lock = `${file}.lock`;
  for (let attempt = 0; attempt < 20; attempt++) {
    if (takeLock(lock)) {
      // Another process may have been here between the two looks.
      if (isDue(descriptor, notBefore)) ftruncateSync(descriptor, 0);
      unlinkSync(lock);
      return descriptor;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    if (!isDue(descriptor, notBefore)) return descriptor;
  }
  return descriptor;
}

function isDue(descriptor: number, notBefore: number): boolean {
  const status = fstatSync(descriptor);
  return status.size > 0 && status.mtimeMs < notBefore;
}

function takeLock(lock: string): boolean {
  try {
    closeSync(openSync(lock, EXCLUSIVE, LOG_FILE_MODE));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const age = Date.now() - (lstatSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  if (age > STALE_LOCK_MS) unlinkSync(lock);
  return false;
}
