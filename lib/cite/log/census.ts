/**
 * Looks through the whole log: for administrators who ask whether it is in order, or what it knows of a digest (citation 14.3).
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readSegment, readSummary, segmentMonths, summaryYears } from './files.js';
import type { LogEntry } from './row.js';

export interface Census {
  readonly segments: number;
  readonly summaries: number;
  /** Deliveries by state. */
  readonly deliveries: Readonly<Record<string, number>>;
  /** Files with lines that are no rows, and how many. */
  readonly damaged: readonly { readonly file: string; readonly lines: number }[];
  readonly first: string | undefined;
  readonly last: string | undefined;
}

/** Shows every entry to `visit`, file by file. */
export function visitLog(
  root: string,
  visit: (file: string, entries: readonly LogEntry[], damaged: number) => void,
): void {
  for (const shard of shardsOf(root)) {
    const folder = join(root, 'log', shard);
    const condensed = new Set<string>();
    for (const year of summaryYears(folder)) {
      const summary = readSummary(join(folder, `${year}.sum`));
      for (const month of summary.segments) condensed.add(month);
      visit(`${shard}/${year}.sum`, summary.entries, summary.damaged);
    }
    for (const month of segmentMonths(folder)) {
      if (condensed.has(month)) continue;
      const { entries, damaged } = readSegment(join(folder, `${month}.seg`));
      visit(`${shard}/${month}.seg`, entries, damaged);
    }
  }
}

/** Counts what there is. */
export function logCensus(root: string): Census {
  const damaged: { file: string; lines: number }[] = [];
  const deliveries: Record<string, number> = { ok: 0, aborted: 0, failed: 0, unhashed: 0 };
  let first: string | undefined;
  let last: string | undefined;
  let segments = 0;
  let summaries = 0;
  visitLog(root, (file, entries, lines) => {
    if (file.endsWith('.sum')) summaries++;
    else segments++;
    if (lines > 0) damaged.push({ file, lines });
    for (const { state, time, count = 1 } of entries) {
      deliveries[state] = (deliveries[state] ?? 0) + count;
      if (first === undefined || time < first) first = time;
      if (last === undefined || time > last) last = time;
    }
  });
  return { segments, summaries, deliveries, damaged, first, last };
}

/** The entries whose key, content digest or byte digest begins with these digits, newest first, at most `most`. */
export function findDigits(root: string, digits: string, most: number): LogEntry[] {
  const found: LogEntry[] = [];
  visitLog(root, (_file, entries) => {
    for (const entry of entries) {
      const { rk, d2c1, raw } = entry;
      const own = d2c1?.replace('q1:', '');
      if ([rk, own, raw].some((text) => text?.startsWith(digits))) found.push(entry);
    }
  });
  return found.sort((a, b) => (a.time < b.time ? 1 : -1)).slice(0, most);
}

function shardsOf(root: string): string[] {
  try {
    return readdirSync(join(root, 'log')).sort();
  } catch {
    return [];
  }
}
