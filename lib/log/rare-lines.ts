/**
 * Log lines that come only once a day (an hour, a minute, a change of a file) although each process knows nothing of the others: a note is an
 * empty file in STATE_ROOT whose modification time says when the line was last written.
 *
 * Contract: of several processes that ask at the same time one is told to write the line. Where notes cannot be kept every line is written:
 * saying it too often is better than never.
 */
import { closeSync, constants, openSync, statSync, unlinkSync } from 'node:fs';
import { shortHash } from '../short-hash.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** What a process has left that died while it renewed a note. */
const STALE_MS = 10_000;
const NEW_FILE = constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW | constants.O_WRONLY;

/** True if the line called `name` was not written in the last 24 hours; notes that it now is. */
export function isFirstToday(stateRoot: string, name: string): boolean {
  return isFirstIn(DAY_MS, stateRoot, name);
}

/** True if the line called `name` was not written in the last hour; notes that it now is. */
export function isFirstThisHour(stateRoot: string, name: string): boolean {
  return isFirstIn(HOUR_MS, stateRoot, name);
}

/** True if the line called `name` was not written in the last minute; notes that it now is. */
export function isFirstThisMinute(stateRoot: string, name: string): boolean {
  return isFirstIn(MINUTE_MS, stateRoot, name);
}

/**
 * True if the line called `name` was not written since a time (milliseconds), that of the last change of what it is about; notes that it now
 * is. A time to come is one of another clock: then once a day.
 */
export function isFirstSince(since: number, stateRoot: string, name: string): boolean {
  const now = Date.now();
  const from = since > now ? now - DAY_MS : since;
  return isFirst(stateRoot, name, (noted) => noted >= from && noted < now + MINUTE_MS);
}

function isFirstIn(period: number, stateRoot: string, name: string): boolean {
  // A note from the future was made under another clock.
  return isFirst(stateRoot, name, (noted) => Math.abs(Date.now() - noted) < period);
}

function isFirst(stateRoot: string, name: string, isFresh: (noted: number) => boolean): boolean {
  const file = `${stateRoot}/note-${shortHash(name)}`;
  try {
    const noted = timeOf(file);
    if (noted === undefined) return make(file);
    if (isFresh(noted)) return false;
    return renew(file, noted);
  } catch {
    return true;
  }
}

/** Only whoever makes the file that is named after the old note may replace that note. */
function renew(file: string, noted: number): boolean {
  const right = `${file}.${Math.round(noted)}`;
  if (!make(right)) {
    const made = timeOf(right);
    // None there any more: its maker is done, and has written the line.
    if (made !== undefined && Date.now() - made > STALE_MS) remove(right);
    return false;
  }
  try {
    return timeOf(file) === noted && remove(file) && make(file);
  } finally {
    remove(right);
  }
}

/** Removes a file; false if another process has. */
function remove(file: string): boolean {
  try {
    unlinkSync(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Makes an empty file; false if it is there. */
function make(file: string): boolean {
  try {
    closeSync(openSync(file, NEW_FILE, 0o664));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function timeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}
