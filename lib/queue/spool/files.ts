/**
 * File operations of the spool queue: atomic, and calm about files that another process was quicker to take.
 */
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolders } from '../../files/make-folders.js';
import { ITEM_LIMIT } from '../item.js';

const EXCLUSIVE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const READING = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
/** The web account and the worker account share the folder through their group (server-internals 1.2). */
export const FILE_MODE = 0o660;
const FOLDER_MODE = 0o2770;

let number = 0;

/** Makes the folder and those above it, for the group whatever the umask: web servers run with one that shuts the worker out. */
export function ensureFolder(folder: string): void {
  for (const made of makeFolders(folder, FOLDER_MODE)) chmodSync(made, FOLDER_MODE);
}

/** Writes a file in one step: whoever looks sees all of it or nothing. */
export function writeWhole(file: string, text: string): void {
  const temporary = writeTemporary(dirname(file), text);
  try {
    renameSync(temporary, file);
  } catch (error) {
    removeFile(temporary);
    throw error;
  }
}

/** As `writeWhole`; false if the file is there already. One that need not outlast a loss of power does not wait for the disk. */
export function writeNew(file: string, text: string, { isLasting = true } = {}): boolean {
  const temporary = writeTemporary(dirname(file), text, isLasting);
  try {
    linkSync(temporary, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    removeFile(temporary);
  }
}

/** Moves a file; false if it is not there (any more). */
export function moveFile(from: string, to: string): boolean {
  return unlessGone(() => renameSync(from, to)) !== undefined;
}

/** False if it was not there. */
export function removeFile(file: string): boolean {
  return unlessGone(() => unlinkSync(file)) !== undefined;
}

/** Removes a folder if it is empty. */
export function removeFolder(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(codeOf(error))) throw error;
  }
}

/** Names in a folder, sorted; none if it does not exist. */
export function namesIn(folder: string): string[] {
  return (unlessGone(() => readdirSync(folder))?.value ?? []).sort();
}

/**
 * The text of a file; undefined if it is gone. Of a file that is too long for an item only the first part. What is no plain file of this folder, such as a link
 * or a pipe, or cannot be read, has no text: others write here, too, and one bad entry must not stop the queue.
 */
export function readText(file: string): string | undefined {
  try {
    return unlessGone(() => readPlain(file))?.value;
  } catch (error) {
    if (UNREADABLE.has(codeOf(error))) return '';
    throw error;
  }
}

const UNREADABLE = new Set(['ELOOP', 'EISDIR', 'ENXIO', 'EACCES', 'EPERM']);

function readPlain(file: string): string {
  const descriptor = openSync(file, READING);
  try {
    if (!fstatSync(descriptor).isFile()) return '';
    const bytes = Buffer.alloc(ITEM_LIMIT + 1);
    let length = 0;
    for (let count = 1; count > 0 && length < bytes.length; length += count)
      count = readSync(descriptor, bytes, length, bytes.length - length, null);
    return bytes.toString('utf8', 0, length);
  } finally {
    closeSync(descriptor);
  }
}

/** When a file was changed last, in milliseconds since 1970; undefined if it is gone. */
export function changedAt(file: string): number | undefined {
  return unlessGone(() => statSync(file).mtimeMs)?.value;
}

/** Milliseconds since the last change of a file; undefined if it is gone. */
export function ageOf(file: string): number | undefined {
  const time = changedAt(file);
  return time === undefined ? undefined : Date.now() - time;
}

/** A file's own number and time, which change when somebody else writes it. */
export function stampOfFile(file: string): string | undefined {
  return unlessGone(() => {
    const { ino, mtimeMs } = statSync(file);
    return `${ino}-${Math.round(mtimeMs * 1000)}`;
  })?.value;
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function unlessGone<Value>(action: () => Value): { readonly value: Value } | undefined {
  try {
    return { value: action() };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function writeTemporary(folder: string, text: string, isLasting = true): string {
  const file = join(folder, `.${process.pid}-${number++}-${Date.now()}.tmp`);
  const descriptor = openSync(file, EXCLUSIVE, FILE_MODE);
  try {
    fchmodSync(descriptor, FILE_MODE);
    const bytes = Buffer.from(text);
    // A disk that is almost full takes a part, and does not call that an error.
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    if (isLasting) fsyncSync(descriptor);
    return file;
  } catch (error) {
    // A full disk shall not be filled further with what nobody will look for.
    removeFile(file);
    throw error;
  } finally {
    closeSync(descriptor);
  }
}
