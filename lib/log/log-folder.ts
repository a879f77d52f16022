/**
 * Opening files in `LOG_PATH`: append only, never through a symbolic link (server-internals 8.5), safe for many processes.
 *
 * Contract: every write is one `write` call on a descriptor opened for append, so lines of concurrent requests never mix. A
 * file that is due to start afresh is moved away by one process while the others wait; nobody writes to it until that is
 * done, and what reaches it all the same (from somebody who opened it when it was not due) is carried over. So rotation takes
 * old lines only, however long a process is held up in the middle of it.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { takeLock } from '../files/lock-file.js';

const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
/** How long a request waits for a rotation; then its lines go where those go that cannot be written to a file. */
const WAIT_MS = 2000;
/** Locks older than this were left by a process that died or hangs. */
const STALE_LOCK_MS = 10_000;

const LOG_FILE_MODE = 0o640;

/** Opens a log file for append; throws what the system throws. */
function openForAppend(file: string): number {
  return openSync(file, APPEND, LOG_FILE_MODE);
}

/** As `openForAppend`, and says whether this call made the file. */
export function openForAppendNoting(file: string): { descriptor: number; created: boolean } {
  // Mostly the file is there, and an exception costs more than a look. Two that miss it at once both say they made it.
  const created = lstatSync(file, { throwIfNoEntry: false }) === undefined;
  return { descriptor: openForAppend(file), created };
}

/** Opens a log file for append, a fresh one in its place if its last change lies before `notBefore` (milliseconds). */
export function openRotated(file: string, notBefore: number): number {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const descriptor = openForAppend(file);
    if (!isDue(fstatSync(descriptor), notBefore)) return descriptor;
    closeSync(descriptor);
    const unlock = takeLock(`${file}.lock`, { waitMs: Math.max(0, deadline - Date.now()), staleMs: STALE_LOCK_MS });
    if (unlock === undefined) throw new Error(`${file} is being rotated by a process that does not go on`);
    try {
      moveAway(file, notBefore);
    } finally {
      unlock();
    }
  }
}

/** Takes a file away that is still due. Others may have been here between the two looks: the second one counts. */
function moveAway(file: string, notBefore: number): void {
  const before = lstatSync(file, { throwIfNoEntry: false });
  if (before === undefined || !isDue(before, notBefore)) return;
  const old = `${file}.old`;
  renameSync(file, old);
  const descriptor = openSync(old, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const moved = fstatSync(descriptor);
    // Another file has got into its place if this process was held up for so long that its lock was taken over.
    const isSame = moved.ino === before.ino && moved.dev === before.dev;
    carryOver({ descriptor, from: isSame ? before.size : 0, length: moved.size }, file);
    unlinkSync(old);
  } finally {
    closeSync(descriptor);
  }
}

/** Appends what was written to the moved file behind `from` to the file that is in its place now. */
function carryOver(moved: { descriptor: number; from: number; length: number }, file: string): void {
  const bytes = Buffer.alloc(Math.max(0, moved.length - moved.from));
  const count = readSync(moved.descriptor, bytes, 0, bytes.length, moved.from);
  if (count === 0) return;
  const fresh = openForAppend(file);
  try {
    writeSync(fresh, bytes, 0, count);
  } finally {
    closeSync(fresh);
  }
}

function isDue(status: Stats, notBefore: number): boolean {
  return status.size > 0 && status.mtimeMs < notBefore;
}
