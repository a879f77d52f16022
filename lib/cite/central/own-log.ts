/**
 * What this machine knows of its own log in the index of all machines (citation 6.3): its name, and the rows that the index did not get.
 *
 *     log-name                              the name, made by whoever needs it first
 *     unsent/<shard>.<YYYYMM>               rows of a segment, as they stand in it
 *
 * Contract: rows are in the segment already. They are appended by whoever could not send them, and taken by one worker at a time. Throws what the system throws.
 */
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { namesIfAny, textIfAny } from '../../files/files-if-any.js';
import { makePrivateFolders, writePrivate } from '../private-files.js';

const NAME = /^[0-9a-z]{10,13}$/;
const SEGMENT = /^[0-9a-f]{2}\.\d{6}$/;

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
  writePrivate(`${root}/unsent/${rk.slice(0, 2)}.${time.slice(0, 4)}${time.slice(5, 7)}`, row, 'a');
}

/** The segments that have unsent rows, as `<shard>.<YYYYMM>`. */
export function unsentSegments(root: string): string[] {
  const names = namesIfAny(`${root}/unsent`).map((name) => name.replace(/\.taken$/, ''));
  return [...new Set(names)].filter((name) => SEGMENT.test(name));
}

/** Takes the unsent rows of a segment, one after the other, as long as `send` does not reject. Those that are left are there the next time. */
export async function sendUnsent(root: string, segment: string, send: (row: string) => Promise<void>): Promise<number> {
  if (!SEGMENT.test(segment)) return 0;
  const file = `${root}/unsent/${segment}`;
  const taken = `${file}.taken`;
  let sent = 0;
  for (;;) {
    // What a worker has left that was ended comes first.
    let text = textIfAny(taken);
    if (text === undefined) {
      try {
        renameSync(file, taken);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return sent;
        throw error;
      }
      text = readFileSync(taken, 'utf8');
    }
    const rows = text.split('\n').filter((row) => row !== '');
    for (const [at, row] of rows.entries()) {
      try {
        await send(row);
        sent++;
      } catch (error) {
        writePrivate(`${taken}.new`, `${rows.slice(at).join('\n')}\n`);
        renameSync(`${taken}.new`, taken);
        throw error;
      }
    }
    rmSync(taken, { force: true });
  }
}
