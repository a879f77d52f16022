/**
 * Files and folders below CITE_ROOT: for the accounts of the server, and for nobody else (citation 14.1).
 *
 * Contract: where the folder above is shared by a group (set-group-id, and all rights for the group, as `scripts/install` makes STATE_ROOT), that
 * group may do everything, whatever the umask: the account of the web server records, that of the worker looks whether data are still the
 * same. Elsewhere they are for their owner alone. Throws what the system throws.
 */
import { chmodSync, fchmodSync, fstatSync, openSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolders } from '../files/make-folders.js';

const OWN_FILE = 0o600;
const SHARED_FILE = 0o660;
const OWN_FOLDER = 0o700;
const SHARED_FOLDER = 0o2770;
const SHARED = 0o2070;

function isShared(folder: string): boolean {
  return ((statSync(folder, { throwIfNoEntry: false })?.mode ?? 0) & SHARED) === SHARED;
}

/** Makes what is missing of a folder. */
export function makePrivateFolders(path: string): void {
  for (const made of makeFolders(path, OWN_FOLDER)) if (isShared(dirname(made))) chmodSync(made, SHARED_FOLDER);
}

/** Mode of a file in a folder. */
export function privateMode(folder: string): number {
  return isShared(folder) ? SHARED_FILE : OWN_FILE;
}

/** Opens a file, with rights for a file that is new. */
export function openPrivate(file: string, flags: number | string): number {
  const descriptor = openSync(file, flags, OWN_FILE);
  // What has content has been given its rights; so has what somebody else makes at the same time.
  const stats = fstatSync(descriptor);
  if (stats.size === 0 && stats.uid === process.getuid?.() && isShared(dirname(file))) {
    fchmodSync(descriptor, SHARED_FILE);
  }
  return descriptor;
}

/** Writes a file; `flag` is that of `writeFileSync`. */
export function writePrivate(file: string, text: string, flag = 'w'): void {
  const mode = privateMode(dirname(file));
  writeFileSync(file, text, { mode, flag });
  if (mode !== OWN_FILE && statSync(file).uid === process.getuid?.()) chmodSync(file, mode);
}
