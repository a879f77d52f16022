/**
 * Making folders and files below CACHE_ROOT, never through a symbolic link (server-internals 2.7, 8.5).
 *
 * CACHE_ROOT itself may be a link: that is the administrator's choice. Below it every folder is looked at, each is made with the mode
 * that `CACHE_UMASK` leaves, whatever the umask of the process is; the group and the set-group mark come from the folder above.
 */
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join, relative } from 'node:path';
import { Das2Error } from '../error.js';
import { makeFolders } from '../files/make-folders.js';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
const SPECIAL_BITS = 0o7000;

let number = 0;

/** True if a text is a umask in octal. */
export function isUmask(text: string): boolean {
  return /^0?[0-7]{1,3}$/.test(text);
}

/** The umask that a text in octal says; 0002 if it says none. */
export function parseUmask(text: string | undefined): number {
  return text !== undefined && isUmask(text) ? Number.parseInt(text, 8) : 0o002;
}

/** Makes the folders `parts` below `root` as far as they are missing; the path of the last one. Throws `configuration`. */
export function ensureFolders(root: string, parts: readonly string[], umask: number): string {
  try {
    makeFolders(root);
    if (!statSync(root).isDirectory()) throw new Das2Error('configuration', 'CACHE_ROOT is not a folder');
  } catch (error) {
    throw notWritable('CACHE_ROOT', error);
  }
  let folder = root;
  for (const [i, part] of parts.entries()) {
    folder = join(folder, part);
    const name = `CACHE_ROOT/${parts.slice(0, i + 1).join('/')}`;
    try {
      ensureOne(folder, name, umask);
    } catch (error) {
      throw notWritable(name, error);
    }
  }
  return folder;
}

function ensureOne(folder: string, name: string, umask: number): void {
  let made = true;
  try {
    mkdirSync(folder);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    made = false;
  }
  const found = lstatSync(folder);
  if (!found.isDirectory()) {
    const what = found.isSymbolicLink() ? 'a symbolic link' : 'not a folder';
    throw new Das2Error('configuration', `${name} is ${what}: nothing is written there`);
  }
  if (made) chmodSync(folder, (found.mode & SPECIAL_BITS) | (0o777 & ~umask));
}

/** What codes of the system mean for an administrator. */
const REASONS: Readonly<Record<string, string>> = {
  EROFS: ': mounted read-only, or not named in ReadWritePaths of the systemd unit',
  ENOSPC: ': there is no room left in CACHE_ROOT',
  EDQUOT: ': the disk quota of this account is used up',
};

/** The error of something below CACHE_ROOT that cannot be written; `name` begins with `CACHE_ROOT`. */
export function notWritable(name: string, error: unknown): Das2Error {
  if (error instanceof Das2Error) return error;
  const code = codeOf(error);
  return new Das2Error('configuration', `${name} cannot be written (${code})${REASONS[code] ?? ''}`, { cause: error });
}

/** Makes a file that must not be there yet. */
export function createFile(file: string, umask: number): number {
  const descriptor = openSync(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    fchmodSync(descriptor, 0o666 & ~umask);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    removeIfThere(file);
    throw error;
  }
}

/** A name for a new file that takes the place of `name` when it is whole: `.<name>.<host>.<process>.<number>.tmp`. */
export function temporaryName(name: string): string {
  const host = hostname()
    .replace(/[^A-Za-z0-9-]/g, '_')
    .slice(0, 60);
  return `.${name.replace(/^\./, '')}.${host}.${process.pid}.${number++}.tmp`;
}

/** Writes a small file in one step: whoever looks sees the old one or all of the new one, also after a loss of power. */
export function replaceFile(folder: string, name: string, bytes: Uint8Array, umask: number): void {
  const temporary = join(folder, temporaryName(name));
  const descriptor = createFile(temporary, umask);
  try {
    try {
      for (let from = 0; from < bytes.length; ) from += writeSync(descriptor, bytes, from);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, join(folder, name));
  } catch (error) {
    removeIfThere(temporary);
    throw error;
  }
}

/** True for the errors of an account that has no right to write there, or of a file system that nobody can write to. */
export function isForbidden(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
}

/** True if a folder below `root` is there and no link leads to it. */
export function isPlainFolder(root: string, folder: string): boolean {
  try {
    return realpathSync(folder) === join(realpathSync(root), relative(root, folder));
  } catch {
    return false;
  }
}

/** Removes a file; false if it was not there. */
export function removeIfThere(file: string): boolean {
  try {
    unlinkSync(file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code ?? error);
}
