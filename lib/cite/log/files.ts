/**
 * The files of one shard of the log: segments of months and summaries of years, read (citation 6.2).
 *
 * Contract: lines that are no rows are counted and skipped, but for a whole row that stands behind a torn one; a last line without its end was torn. A file that is not there is empty; one that cannot
 * be read counts as one damaged line.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { type LogEntry, parseRow } from './row.js';
import { entriesOfSummary } from './summary.js';

const SEGMENT = /^(\d{6})\.seg$/;
const SUMMARY = /^(\d{4})\.sum$/;

export interface LogLines {
  /** In the order of the file. */
  readonly entries: readonly LogEntry[];
  readonly damaged: number;
}

export interface Summary extends LogLines {
  /** Months whose segments are in it. */
  readonly segments: ReadonlySet<string>;
}

/** The months of a shard that have segments, in order. */
export function segmentMonths(folder: string): string[] {
  return matching(folder, SEGMENT);
}

/** The years of a shard that have summaries, in order. */
export function summaryYears(folder: string): string[] {
  return matching(folder, SUMMARY);
}

/** The rows of a segment; with `rk` those of one request. */
export function readSegment(file: string, rk?: string): LogLines {
  return readLines(file, rk, (line) => {
    const entry = parseRow(line);
    return entry === undefined ? [] : [entry];
  });
}

/** Where a row begins that was written behind one that a full disk or a fall of the machine had torn. */
const LATER_ROW = /(?<=.)1\t\d{4}-\d\d-\d\dT[\d:.]+Z\t[0-9a-f]{64}\t/g;

/** The entry of a line of a segment, or of the whole row behind a torn one; undefined if there is none. */
export function entryOfLine(line: string): LogEntry | undefined {
  return parseRow(line) ?? rowBehindTorn(line);
}

function rowBehindTorn(line: string): LogEntry | undefined {
  const last = [...line.matchAll(LATER_ROW)].at(-1);
  return last === undefined ? undefined : parseRow(line.slice(last.index));
}

/** The entries of a summary; with `rk` those of one request. */
export function readSummary(file: string, rk?: string): Summary {
  const segments = new Set<string>();
  const lines = readLines(file, rk, (line) => {
    if (!line.startsWith('# segments ')) return entriesOfSummary(line);
    for (const month of line.slice(11).split(' ')) segments.add(month);
    return undefined;
  });
  return { ...lines, segments };
}

/** `parse` answers undefined for lines that are neither rows nor damaged. */
function readLines(file: string, rk: string | undefined, parse: (line: string) => LogEntry[] | undefined): LogLines {
  const entries: LogEntry[] = [];
  let damaged = 0;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return { entries, damaged: (error as NodeJS.ErrnoException).code === 'ENOENT' ? 0 : 1 };
  }
  const lines = text.split('\n');
  if (lines.pop() !== '') damaged++;
  for (const line of lines) {
    // Most rows of a shard are about other requests.
    if (rk !== undefined && /^1s?\t/.test(line) && !line.includes(rk)) continue;
    let found = parse(line);
    if (found?.length === 0) {
      damaged++;
      const whole = rowBehindTorn(line);
      if (whole !== undefined) found = [whole];
    }
    for (const entry of found ?? []) if (rk === undefined || entry.rk === rk) entries.push(entry);
  }
  return { entries, damaged };
}

function matching(folder: string, pattern: RegExp): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names.flatMap((name) => pattern.exec(name)?.[1] ?? []).sort();
}
