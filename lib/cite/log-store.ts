/**
 * The log of deliveries in files below CITE_ROOT (citation 6.1, 6.2).
 *
 *     log/<first two digits of rk>/<YYYYMM>.seg     rows, appended; <YYYY>.sum: condensed (compact.ts)
 *     req/<two digits>/<rk>                         requests that are too long for a row
 *
 * Contract: a row is written by one `write` on a file opened for append, so rows of many processes never mix; `lock` is for file systems where that
 * does not hold. Files and folders are for the account of the server alone.
 */
import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { utf8Bytes } from '../bytes.js';
import { takeLock } from '../conf/lock-file.js';
import { makeFolders } from '../conf/make-folders.js';
import { readSegment, readSummary, segmentMonths, summaryYears } from './log-files.js';
import { formatRow, LONGEST_ROW, type LogEntry, REQUEST_ELSEWHERE } from './log-row.js';

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const LOCK = { waitMs: 2000, staleMs: 10_000 };

/** Entries of one request, newest first, and what could not be read. */
export interface LogSearch {
  readonly entries: readonly LogEntry[];
  /** Lines that are no rows. */
  readonly damaged: number;
}

export class LogStore {
  constructor(
    private readonly root: string,
    private readonly lock = false,
  ) {}

  /** Writes an entry. Throws what the system throws. */
  append(entry: LogEntry): void {
    let row = utf8Bytes(formatRow(entry, entry.request));
    if (row.length > LONGEST_ROW) {
      this.keepRequest(entry.rk, entry.request);
      row = utf8Bytes(formatRow(entry, REQUEST_ELSEWHERE));
    }
    const file = join(this.folderOf(entry.rk), `${entry.time.slice(0, 4)}${entry.time.slice(5, 7)}.seg`);
    const descriptor = openMaking(file, APPEND);
    const unlock = this.lock ? takeLock(`${file}.lock`, LOCK) : undefined;
    try {
      writeSync(descriptor, row);
    } finally {
      unlock?.();
      closeSync(descriptor);
    }
  }

  /** Entries of a request, newest first. Months are read from the newest on, and no further once `isEnough` says so. */
  find(rk: string, isEnough: (entries: readonly LogEntry[]) => boolean = () => false): LogSearch {
    const folder = this.folderOf(rk);
    const entries: LogEntry[] = [];
    let damaged = 0;
    const summaries = new Map(summaryYears(folder).map((year) => [year, readSummary(join(folder, `${year}.sum`), rk)]));
    const periods = [...segmentMonths(folder), ...summaries.keys()].sort().reverse();
    for (const period of periods) {
      const summary = summaries.get(period);
      // A segment that has been condensed, and whose removal was cut short.
      if (summary === undefined && summaries.get(period.slice(0, 4))?.segments.has(period)) continue;
      const read = summary ?? readSegment(join(folder, `${period}.seg`), rk);
      damaged += read.damaged;
      entries.push(...read.entries);
      if (isEnough(entries)) break;
    }
    return { entries: entries.sort(newestFirst).map((entry) => this.withRequest(entry)), damaged };
  }

  private folderOf(rk: string): string {
    return join(this.root, 'log', rk.slice(0, 2));
  }

  private requestFile(rk: string): string {
    return join(this.root, 'req', rk.slice(0, 2), rk);
  }

  /** Keeps a request under its key, for rows that are too long for it and for work that is done later. Throws what the system throws. */
  keepRequest(rk: string, request: string): void {
    try {
      const descriptor = openMaking(this.requestFile(rk), NEW);
      try {
        writeSync(descriptor, request);
      } finally {
        closeSync(descriptor);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }

  /** The request that is kept under a key; undefined if there is none. */
  requestOf(rk: string): string | undefined {
    try {
      return readFileSync(this.requestFile(rk), 'utf8');
    } catch {
      return undefined;
    }
  }

  private withRequest(entry: LogEntry): LogEntry {
    if (entry.request !== REQUEST_ELSEWHERE) return entry;
    return { ...entry, request: this.requestOf(entry.rk) ?? entry.request };
  }
}

/** Sorts entries of one request: the latest comes first, whichever process wrote it. */
function newestFirst(a: LogEntry, b: LogEntry): number {
  return a.time < b.time ? 1 : a.time > b.time ? -1 : 0;
}

/** Opens a file in a folder that may not be there yet. */
function openMaking(file: string, flags: number): number {
  try {
    return openSync(file, flags, FILE_MODE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    makeFolders(dirname(file), FOLDER_MODE);
    return openSync(file, flags, FILE_MODE);
  }
}
