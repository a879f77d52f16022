/**
 * One process at a time, by a lock file (`O_EXCL`): for the few moments in which a file of several processes is replaced.
 *
 * Contract: synchronous; waits for at most `waitMs`. A lock whose process has gone, or that is older than `staleMs`, is taken
 * over; who does that holds `<lock>.break` meanwhile and looks again, so that no two take over and none removes a lock that
 * somebody has just made. The file names its holder: process id, boot of the host and process id name space, since an id
 * means nothing elsewhere.
 */
import { closeSync, constants, lstatSync, openSync, readFileSync, readlinkSync, unlinkSync, writeSync } from 'node:fs';

const EXCLUSIVE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const NAP_MS = 2;

export interface LockOptions {
  /** Longest wait in milliseconds. */
  readonly waitMs: number;
  /** Age in milliseconds from which a lock counts as left behind, whoever made it. */
  readonly staleMs: number;
}

/** Gives the lock back. */
export type Unlock = () => void;

/** Takes the lock; undefined if others held it all the time. Throws what the system throws where no file can be made. */
export function takeLock(file: string, options: LockOptions): Unlock | undefined {
  const deadline = Date.now() + options.waitMs;
  for (;;) {
    const token = create(file);
    if (token !== undefined) return () => release(file, token);
    if (isLeftBehind(file, options.staleMs)) takeOver(file, options.staleMs);
    else if (Date.now() >= deadline) return undefined;
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, NAP_MS);
  }
}

/** The token of a lock that this call made; undefined if there is one already. */
function create(file: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, EXCLUSIVE, 0o640);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
  const token = `${process.pid} ${ownPlace()} ${Math.random().toString(36).slice(2)}`;
  try {
    writeSync(descriptor, token);
  } catch {
    // A full disk: the lock holds without a name, and its age tells when it is stale.
  } finally {
    closeSync(descriptor);
  }
  return token;
}

function release(file: string, token: string): void {
  // Somebody who took us for dead may have a lock of his own there.
  const content = readLock(file);
  if (content === token || content === '') remove(file);
}

function takeOver(file: string, staleMs: number): void {
  const breaker = `${file}.break`;
  if (create(breaker) === undefined) {
    if (ageOf(breaker) > staleMs) remove(breaker);
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, NAP_MS);
    return;
  }
  if (isLeftBehind(file, staleMs)) remove(file);
  remove(breaker);
}

function isLeftBehind(file: string, staleMs: number): boolean {
  if (ageOf(file) > staleMs) return true;
  const match = /^(\d+) (\S+) \S+$/.exec(readLock(file) ?? '');
  if (match === null || match[2] === NOWHERE || match[2] !== ownPlace()) return false;
  try {
    process.kill(Number(match[1]), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Milliseconds since the file was written; 0 if there is none. */
function ageOf(file: string): number {
  return Date.now() - (lstatSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
}

function readLock(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}

function remove(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // Gone already.
  }
}

const NOWHERE = '-';
let place: string | undefined;

/** Where process ids mean the same as here. */
function ownPlace(): string {
  try {
    place ??= `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}/${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    place = NOWHERE;
  }
  return place;
}
