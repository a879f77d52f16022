/**
 * What is remembered of answers whose digests have been taken, so that the same answer given again is one more row of the log and is not hashed
 * again.
 *
 *     known/<first three digits of rk>      IDENTITY LF CHECK ROW          ROW: as it stands in the log, with its line feed
 *
 * `identity` is text, without line feeds, that says everything on which the bytes of the answer depend; it is compared as it is, not by a hash.
 *
 * Contract: never throws. A request has one place, which it shares with others: whoever came last is remembered. So there are at most 4096 files of
 * at most 16 KiB, and they may be removed at any time. What is damaged, cut, too long or no plain file says nothing.
 */
import { closeSync, constants, readFileSync, renameSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { utf8Bytes } from '../../bytes.js';
import { shortHash } from '../../short-hash.js';
import { makePrivateFolders, openPrivate } from '../private-files.js';

const LONGEST_FILE = 16 * 1024;
/** Left behind by a process that was killed while it wrote. */
const STALE_MS = 10_000;
const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const CHECK_LENGTH = 16;

/** The row of an answer with this identity to a request with this key; undefined if none is known. */
export function recallRow(root: string, rk: string, identity: string): string | undefined {
  try {
    const file = fileOf(root, rk);
    const found = statSync(file, { throwIfNoEntry: false });
    if (!found?.isFile() || found.size > LONGEST_FILE) return undefined;
    const text = readFileSync(file, 'utf8');
    const at = identity.length + 1;
    if (!text.startsWith(identity) || text[at - 1] !== '\n') return undefined;
    const row = text.slice(at + CHECK_LENGTH);
    return text.slice(at, at + CHECK_LENGTH) === shortHash(row) ? row : undefined;
  } catch {
    return undefined;
  }
}

/** Remembers the row of an answer, unless it is too long. */
export function rememberRow(root: string, rk: string, identity: string, row: string): void {
  const bytes = utf8Bytes(`${identity}\n${shortHash(row)}${row}`);
  if (bytes.length > LONGEST_FILE) return;
  const file = fileOf(root, rk);
  const aside = `${file}.new`;
  try {
    const descriptor = openNew(aside);
    if (descriptor === undefined) return;
    try {
      writeSync(descriptor, bytes);
    } finally {
      closeSync(descriptor);
    }
    renameSync(aside, file);
  } catch {
    // The next answer is hashed once more.
  }
}

function fileOf(root: string, rk: string): string {
  return `${root}/known/${rk.slice(0, 3)}`;
}

/** Opens a file that nobody else writes; undefined if somebody does. */
function openNew(file: string): number | undefined {
  try {
    return openPrivate(file, NEW);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') {
      if (Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > STALE_MS) unlinkSync(file);
      return undefined;
    }
    if (code !== 'ENOENT') throw error;
    makePrivateFolders(dirname(file));
    return openPrivate(file, NEW);
  }
}
