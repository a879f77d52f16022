/**
 * "One log line a day" across processes: a note is an empty file in STATE_ROOT whose modification time says when the line was
 * last written. Where notes cannot be kept every line is written.
 */
import { closeSync, constants, openSync, statSync, utimesSync } from 'node:fs';
import { shortHash } from '../conf/short-hash.js';

const DAY = 86_400_000;

/** True if the line called `name` was not written in the last 24 hours before `now` (milliseconds); notes that it now is. */
export function isFirstToday(stateRoot: string, name: string, now: number): boolean {
  const file = `${stateRoot}/note-${shortHash(name)}`;
  try {
    const noted = statSync(file, { throwIfNoEntry: false });
    if (noted !== undefined && now - noted.mtimeMs < DAY && now >= noted.mtimeMs - DAY) return false;
    if (noted === undefined) {
      const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
      closeSync(openSync(file, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o664));
    }
    utimesSync(file, now / 1000, now / 1000);
  } catch {
    // Another process was first, or nothing can be written: saying it twice is better than never.
  }
  return true;
}
