/**
 * The records of the access logs, for reports (server-internals 5.1, 7.3).
 *
 * Contract: line by line, so that memory does not depend on the size of the logs. A line that is no record is told as undefined. A file that
 * vanishes meanwhile (its month is over) counts as read.
 */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';

const FILE = /^das2\.access_(\d{4})(\d{2})\.log$/;
const CHUNK = 256 * 1024;
/** Where a disk was full, a record may stand behind the piece of another one. No text inside of a record has these quotes. */
const BEGIN_OF_RECORD = /(?=\{"time":")/;

/** What reports count of a request. */
export interface UsageRecord {
  /** ISO, UTC. */
  readonly time: string;
  /** Id of the source, '' for requests without one. */
  readonly dataset: string;
  readonly address: string;
  readonly user: string;
  readonly agent: string;
  readonly status: number;
  readonly bytes: number;
  /** `hit`, `partial`, `miss`, `off`, or '' for requests that have nothing to do with the cache. */
  readonly cache: string;
}

/** Months to be read, `YYYY-MM`, both included; undefined: without bound. */
export interface MonthRange {
  readonly first?: string | undefined;
  readonly last?: string | undefined;
}

/** The records of a folder in the order of months; undefined for each line that is none. */
export function* usageRecords(folder: string, months: MonthRange = {}): Generator<UsageRecord | undefined> {
  for (const name of readdirSync(folder).sort()) {
    const match = FILE.exec(name);
    if (match === null) continue;
    const month = `${match[1]}-${match[2]}`;
    if (month < (months.first ?? month) || month > (months.last ?? month)) continue;
    for (const line of linesOf(join(folder, name)))
      for (const text of line.split(BEGIN_OF_RECORD)) if (text !== '') yield parseUsageRecord(text);
  }
}

/** Name of the access log of a month, `YYYY-MM`. */
export function accessLogName(month: string): string {
  return `das2.access_${month.replace('-', '')}.log`;
}

/** A line of an access log; undefined if it is no record. */
export function parseUsageRecord(line: string): UsageRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  const text = (name: string): string => {
    const field = fields[name];
    return typeof field === 'string' ? field : '';
  };
  const number = (name: string): number => (Number.isFinite(fields[name]) ? (fields[name] as number) : 0);
  const time = text('time');
  if (!/^\d{4}-\d\d-\d\dT/.test(time)) return undefined;
  return {
    time,
    dataset: text('dataset'),
    address: text('address'),
    user: text('user'),
    agent: text('agent'),
    status: number('status'),
    bytes: number('bytes'),
    cache: text('cache'),
  };
}

function* linesOf(file: string): Generator<string> {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    const buffer = Buffer.alloc(CHUNK);
    const decoder = new StringDecoder('utf8');
    let rest = '';
    for (;;) {
      const count = readSync(descriptor, buffer, 0, buffer.length, null);
      if (count === 0) break;
      const lines = (rest + decoder.write(buffer.subarray(0, count))).split('\n');
      rest = lines.pop() ?? '';
      // A line without end, of a file that is no log, must not fill the memory.
      if (rest.length > 4 * CHUNK) rest = '';
      yield* lines;
    }
    if (rest !== '') yield rest;
  } finally {
    closeSync(descriptor);
  }
}
