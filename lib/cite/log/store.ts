/**
 * The log of deliveries in files below CITE_ROOT, read (citation 6.1, 6.2); append.ts writes it.
 *
 *     log/<first two digits of rk>/<YYYYMM>.seg     rows, appended; <YYYY>.sum: condensed (compact.ts)
 *     req/<two digits>/<rk>                         requests that are too long for a row
 *
 * Contract: never throws; what is no row is counted and skipped.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requestFile, shardOf } from './append.js';
import { readSegment, readSummary, segmentMonths, summaryYears } from './files.js';
import { type LogEntry, REQUEST_ELSEWHERE } from './row.js';

/** Entries of one request, newest first, and what could not be read. */
export interface LogSearch {
  readonly entries: readonly LogEntry[];
  /** Lines that are no rows. */
  readonly damaged: number;
}

export class LogStore {
  constructor(private readonly root: string) {}

  /** Entries of a request, newest first. Months are read from the newest on, and no further once `isEnough` says so. */
  find(rk: string, isEnough: (entries: readonly LogEntry[]) => boolean = () => false): LogSearch {
    const folder = shardOf(this.root, rk);
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

  /** The request that is kept under a key; undefined if there is none. */
  requestOf(rk: string): string | undefined {
    try {
      return readFileSync(requestFile(this.root, rk), 'utf8');
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
