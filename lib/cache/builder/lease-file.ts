/**
 * Leases as files: a lock that holds for some seconds and is renewed for as long as its owner needs it. The owner is the content, and each
 * renewal changes the time of the file. (The locks of files/lock-file.ts are for one moment in one function, and are waited for.)
 *
 * A lease that was not renewed in its time, or whose owner (`<host>-<pid>-<number>`) is a process of this machine that is gone,
 * is broken by one process alone: the right to break it is a lease itself, a file named after that very file (number and time). Whoever is
 * killed in the middle of that leaves one that is broken in the same way. How long nobody has renewed a lease is measured by who waits for it,
 * from look to look: machines that share a folder need not agree about the time of day.
 */
import { utimesSync } from 'node:fs';
import { hostname } from 'node:os';
import { codeOf, readText, removeFile, stampOfFile, writeNew } from '../../queue/spool/files.js';
import { Unchanged } from '../../queue/spool/unchanged.js';

const BREAKER = '.break-';

/** Leases of others as this process has seen them: number and time of the file. */
const seen = new Unchanged();

/**
 * Takes or renews a lease; `seconds` is how long it holds without renewal. False if another owner has it. Who wants the lease of an owner that
 * has vanished has to ask again and again: the first time tells nothing about its age.
 */
export function takeLease(file: string, owner: string, seconds: number): boolean {
  for (let attempt = 0; attempt < 3; attempt++) {
    // A look first: who renews, or waits, writes nothing, so a full disk does not come between a lease and its owner.
    const content = readText(file);
    if (content === undefined) {
      if (!writeNew(file, `${seconds} ${owner}`, { isLasting: false })) continue;
      seen.forget(file);
      return true;
    }
    if (ownerOf(content) === owner) return renew(file);
    const stamp = stampOfFile(file);
    if (stamp === undefined) continue;
    const holds = Number(content.split(' ', 1)[0]) * 1000;
    if (seen.since(file, stamp) <= holds && !isGone(ownerOf(content))) return false;
    const breaker = `${file}${BREAKER}${stamp}`;
    if (!takeLease(breaker, owner, seconds)) return false;
    // Nobody else gets here for this file; its owner may have come back, though.
    if (stampOfFile(file) === stamp) removeFile(file);
    releaseLease(breaker, owner);
  }
  return false;
}

/** Renews a lease that the owner still has; false if he has it no more. Never takes one: what was lost may have been another's in between. */
export function renewLease(file: string, owner: string): boolean {
  const content = readText(file);
  return content !== undefined && ownerOf(content) === owner && renew(file);
}

/** Lets a lease go if the owner still has it. */
export function releaseLease(file: string, owner: string): void {
  const content = readText(file);
  if (content !== undefined && ownerOf(content) === owner) removeFile(file);
}

function ownerOf(content: string): string {
  return content.slice(content.indexOf(' ') + 1);
}

/** True if the owner names a process of this machine that does not exist any more. */
function isGone(owner: string): boolean {
  const match = /^(.+)-(\d{1,10})-\d+$/.exec(owner);
  if (match === null || match[1] !== hostname()) return false;
  try {
    process.kill(Number(match[2]), 0);
    return false;
  } catch (error) {
    return codeOf(error) === 'ESRCH';
  }
}

function renew(file: string): boolean {
  try {
    const now = new Date();
    utimesSync(file, now, now);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
