/**
 * Changes a file of the administrator as a whole or not at all: the new content is written beside it, brought to disk and
 * renamed into its place, so that readers see the old or the new file and nothing in between.
 *
 * Contract: symbolic links are followed, so a linked file stays linked. Mode, owner and group stay; where they cannot be kept
 * the change is refused, since the web account might lose the file. `change` gets the content as it is under the lock, so
 * changes of several processes follow one another. Throws `ReplaceError`; the old file is untouched then.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { takeLock } from './lock-file.js';
import { syncFolder } from './sync-folder.js';

/** Why a file was not replaced; the message is for a terminal. */
export class ReplaceError extends Error {
  override readonly name = 'ReplaceError';
}

export interface ReplaceOptions {
  /** Makes the new content from the present one; undefined in: there is no file; undefined out: leave everything as it is. */
  readonly change: (present: Buffer | undefined) => Buffer | undefined;
  /** Mode of a new file. */
  readonly newMode: number;
}

const WAIT_MS = 15_000;
const STALE_MS = 60_000;
const LARGEST_BYTES = 64 << 20;

/** Replaces the file; true if it was changed. */
export function replaceFile(file: string, options: ReplaceOptions): boolean {
  try {
    return replaceReal(targetOf(file), options);
  } catch (error) {
    if (error instanceof ReplaceError || (error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new ReplaceError(`${file} cannot be changed: ${reason(error as NodeJS.ErrnoException)}`, { cause: error });
  }
}

function replaceReal(file: string, { change, newMode }: ReplaceOptions): boolean {
  const lock = join(dirname(file), `.${basename(file)}.lock`);
  const unlock = takeLock(lock, { waitMs: WAIT_MS, staleMs: STALE_MS });
  if (unlock === undefined) throw new ReplaceError(`${file} is being changed by somebody else (${lock} exists)`);
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats !== undefined && (!stats.isFile() || stats.size > LARGEST_BYTES)) {
      throw new ReplaceError(`${file} is not a plain file of sensible size`);
    }
    const content = change(stats === undefined ? undefined : readFileSync(file));
    if (content === undefined) return false;
    writeBeside(file, content, stats, newMode);
    return true;
  } finally {
    unlock();
  }
}

function writeBeside(file: string, content: Buffer, old: Stats | undefined, newMode: number): void {
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}.new`);
  // Left by a process of this number that was killed; under the lock nobody else uses it.
  if (lstatSync(temporary, { throwIfNoEntry: false }) !== undefined) unlinkSync(temporary);
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  const descriptor = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    try {
      for (let at = 0; at < content.length; ) at += writeSync(descriptor, content, at);
      if (old !== undefined) keepOwner(descriptor, file, old);
      // Behind the owner: changing that takes bits of the mode away.
      fchmodSync(descriptor, old === undefined ? newMode : old.mode & 0o7777);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, file);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  }
  try {
    syncFolder(dirname(file));
  } catch {
    // The file is in its place.
  }
}

function keepOwner(descriptor: number, file: string, old: Stats): void {
  const own = fstatSync(descriptor);
  if (own.uid === old.uid && own.gid === old.gid) return;
  try {
    fchownSync(descriptor, old.uid, old.gid);
  } catch (cause) {
    const wanted = `owner ${old.uid}, group ${old.gid}`;
    throw new ReplaceError(`${file}: its ${wanted} cannot be kept; run this as root or as the owner`, { cause });
  }
}

/** The file that a path means, links resolved; it need not exist. */
function targetOf(file: string): string {
  let path = resolve(file);
  for (let hops = 0; hops < 40; hops++) {
    if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) {
      return join(realpathSync(dirname(path)), basename(path));
    }
    path = resolve(realpathSync(dirname(path)), readlinkSync(path));
  }
  throw new ReplaceError(`${file}: a loop of symbolic links`);
}

function reason(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'EACCES':
    case 'EPERM':
      return 'no permission (its folder must be writable, too)';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full';
    case 'EROFS':
      return 'the file system is read-only';
    case 'ENOENT':
      return 'its folder does not exist';
    default:
      return error.code ?? error.message;
  }
}
