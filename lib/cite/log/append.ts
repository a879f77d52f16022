/**
 * Appends to the log of deliveries below CITE_ROOT (citation 6.1, 6.2): rows to segments, and requests that are too long for a row to files of
 * their own. store.ts reads them.
 *
 * Contract: a row is written by one `write` on a file opened for append, so rows of many processes never mix; `lock` is for file systems where that
 * does not hold. Files and folders are for the accounts of the server alone (cite/private-files.ts). Throws what the system throws. An answer from the
 * cache loads this behind its last byte, and neither reads the log nor loads hashes.
 */
import { closeSync, constants, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { utf8Bytes } from '../../bytes.js';
import { takeLock } from '../../files/lock-file.js';
import { makePrivateFolders, openPrivate } from '../private-files.js';
import { formatRow, LONGEST_ROW, type LogEntry, REQUEST_ELSEWHERE } from './row.js';

const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const LOCK = { waitMs: 2000, staleMs: 10_000 };

/** The folder of the segments that have the rows of a key. */
export function shardOf(root: string, rk: string): string {
  return `${root}/log/${rk.slice(0, 2)}`;
}

/** The file that keeps the request of a key. */
export function requestFile(root: string, rk: string): string {
  return `${root}/req/${rk.slice(0, 2)}/${rk}`;
}

/** An open segment, for one row of a key and a time (UTC with milliseconds). The caller closes it. */
export class OpenSegment {
  private readonly file: string;
  private readonly descriptor: number;

  constructor(
    private readonly root: string,
    rk: string,
    time: string,
    private readonly lock = false,
  ) {
    this.file = `${shardOf(root, rk)}/${time.slice(0, 4)}${time.slice(5, 7)}.seg`;
    this.descriptor = openMaking(this.file, APPEND);
  }

  /** Appends a row as `rowOf` makes it. */
  append(row: string): void {
    const unlock = this.lock ? takeLock(`${this.file}.lock`, LOCK) : undefined;
    try {
      writeSync(this.descriptor, utf8Bytes(row));
    } finally {
      unlock?.();
    }
  }

  /** The row of an entry; a request that is too long for it is kept elsewhere first. */
  rowOf(entry: LogEntry): string {
    const row = formatRow(entry, entry.request);
    if (utf8Bytes(row).length <= LONGEST_ROW) return row;
    keepRequest(this.root, entry.rk, entry.request);
    return formatRow(entry, REQUEST_ELSEWHERE);
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/** Writes an entry. */
export function appendEntry(root: string, entry: LogEntry, lock = false): void {
  const segment = new OpenSegment(root, entry.rk, entry.time, lock);
  try {
    segment.append(segment.rowOf(entry));
  } finally {
    segment.close();
  }
}

/** Keeps a request under its key, for rows that are too long for it and for work that is done later. */
export function keepRequest(root: string, rk: string, request: string): void {
  try {
    const descriptor = openMaking(requestFile(root, rk), NEW);
    try {
      writeSync(descriptor, request);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Opens a file in a folder that may not be there yet. */
function openMaking(file: string, flags: number): number {
  try {
    return openPrivate(file, flags);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    makePrivateFolders(dirname(file));
    return openPrivate(file, flags);
  }
}
