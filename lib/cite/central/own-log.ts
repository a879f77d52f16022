/**
 * What this machine knows of its own log in the index of all machines (citation 6.3): its name, and the rows that the index did not get.
 *
 *     log-name                              the name, made by whoever needs it first
 *     unsent/<shard>.<YYYYMM>               rows of a segment, as they stand in it; `.taken`: those that a worker sends
 *
 * Contract: rows are in the segment already. They are appended by whoever could not send them, and taken by one worker at a time; a lock keeps who appends
 * and who takes apart. Throws what the system throws.
 */
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { namesIfAny, textIfAny } from '../../files/files-if-any.js';
import { takeLock } from '../../files/lock-file.js';
import { makePrivateFolders, writePrivate } from '../private-files.js';

const NAME = /^[0-9a-z]{10,13}$/;
const SEGMENT = /^[0-9a-f]{2}\.\d{6}$/;
const LOCK = { waitMs: 2000, staleMs: 10_000 };

/** The name of the log below CITE_ROOT: machines that share the folder share it, too. */
export function logName(root: string): string {
  const file = `${root}/log-name`;
  const known = textIfAny(file)?.trim() ?? '';
  if (NAME.test(known)) return known;
  const name = `${Math.random().toString(36).slice(2, 12)}000000000`.slice(0, 10);
  makePrivateFolders(root);
  try {
    writePrivate(file, `${name}\n`, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(file, 'utf8').trim();
}

/** Keeps a row, with its line feed, for the worker; `time` is that of its entry. */
export function keepUnsent(
  root: string,
  { rk, time }: { readonly rk: string; readonly time: string },
  row: string,
): void {
  makePrivateFolders(`${root}/unsent`);
  const file = `${root}/unsent/${rk.slice(0, 2)}.${time.slice(0, 4)}${time.slice(5, 7)}`;
  locked(file, () => writePrivate(file, row, 'a'));
}

/** Does something with a file of unsent rows while nobody else does. A lock that cannot be had in time holds nobody up. */
function locked(file: string, work: () => void): void {
  const unlock = takeLock(`${file}.lock`, LOCK);
  try {
    work();
  } finally {
    unlock?.();
  }
}

/** The segments that have unsent rows, as `<shard>.<YYYYMM>`. */
export function unsentSegments(root: string): string[] {
  const names = namesIfAny(`${root}/unsent`).map((name) => name.replace(/\.taken$/, ''));
  return [...new Set(names)].filter((name) => SEGMENT.test(name));
}

/**
 * Takes the unsent rows of a segment and sends them, as long as `send` does not reject; the number of rows. Those that were not sent are there the next
 * time, and some that were sent may be among them.
 */
export async function sendUnsent(
  root: string,
  segment: string,
  send: (rows: readonly string[]) => Promise<void>,
): Promise<number> {
  if (!SEGMENT.test(segment)) return 0;
  const file = `${root}/unsent/${segment}`;
  const taken = `${file}.taken`;
  for (let sent = 0; ; ) {
    // What a worker has left that was ended comes first.
    let text = textIfAny(taken);
    if (text === undefined) {
      try {
        locked(file, () => renameSync(file, taken));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return sent;
        throw error;
      }
      text = readFileSync(taken, 'utf8');
    }
    const rows = text.split('\n').filter((row) => row !== '');
    await send(rows);
    sent += rows.length;
    rmSync(taken, { force: true });
  }
}
