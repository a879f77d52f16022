/**
 * Usage of the server, counted from its access logs (server-internals 5.1, 7.3): requests, bytes and different addresses, by data source
 * and month. Agents with `bot` in their names are counted apart. Reads line by line, so that memory depends on the number of
 * sources and addresses, not on that of requests.
 */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';

const FILE = /^das2\.access_(\d{4})(\d{2})\.log$/;
const CHUNK = 256 * 1024;
/** Different addresses kept of one source and month; beyond, the count is a lower bound. */
const MOST_ADDRESSES = 100_000;

export interface UsageFilter {
  /** A source, or everything below it; undefined for all. */
  readonly dataset?: string | undefined;
  /** ISO times; requests from `begin` on and before `end`. */
  readonly begin?: string | undefined;
  readonly end?: string | undefined;
}

export interface UsageCount {
  /** Id of the source, '' for requests without one. */
  readonly dataset: string;
  /** `YYYY-MM`. */
  readonly month: string;
  readonly requests: number;
  /** Requests answered with a status of 400 or more. */
  readonly failed: number;
  readonly bytes: number;
  readonly addresses: number;
  readonly users: number;
  /** Requests of robots, which are in no other count. */
  readonly robots: number;
}

export interface UsageReport {
  readonly begin: string | undefined;
  readonly end: string | undefined;
  readonly counts: readonly UsageCount[];
  /** Lines that are no records. */
  readonly unreadable: number;
}

interface Tally {
  requests: number;
  failed: number;
  bytes: number;
  robots: number;
  readonly addresses: Set<string>;
  readonly users: Set<string>;
}

/** Counts the access logs of a folder. */
export function usageReport(folder: string, filter: UsageFilter = {}): UsageReport {
  const tallies = new Map<string, Tally>();
  let unreadable = 0;
  for (const name of readdirSync(folder).sort()) {
    if (!isWanted(name, filter)) continue;
    for (const line of linesOf(join(folder, name))) {
      if (line !== '' && !countLine(line, filter, tallies)) unreadable++;
    }
  }
  const counts = [...tallies].map(([key, tally]): UsageCount => {
    const [month = '', dataset = ''] = key.split('|');
    const { requests, failed, bytes, robots, addresses, users } = tally;
    return { dataset, month, requests, failed, bytes, addresses: addresses.size, users: users.size, robots };
  });
  counts.sort((a, b) => (a.month === b.month ? compare(a.dataset, b.dataset) : compare(a.month, b.month)));
  return { begin: filter.begin, end: filter.end, counts, unreadable };
}

/** The report as a table. */
export function usageTable(report: UsageReport): string {
  const head = ['month', 'data source', 'requests', 'failed', 'bytes', 'addresses', 'users', 'robots'];
  const rows = report.counts.map((count) => [
    count.month,
    count.dataset || '(none)',
    ...[count.requests, count.failed, count.bytes, count.addresses, count.users, count.robots].map(String),
  ]);
  const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((row) => (row[i] ?? '').length)));
  const print = (row: readonly string[]) =>
    row
      .map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join(' ')
      .trimEnd();
  return `${[print(head), print(widths.map((width) => '-'.repeat(width))), ...rows.map(print)].join('\n')}\n`;
}

function isWanted(name: string, filter: UsageFilter): boolean {
  const match = FILE.exec(name);
  if (match === null) return false;
  const month = `${match[1]}-${match[2]}`;
  return (
    !(filter.begin !== undefined && month < filter.begin.slice(0, 7)) &&
    !(filter.end !== undefined && month > filter.end.slice(0, 7))
  );
}

/** False if the line is no record. */
function countLine(line: string, filter: UsageFilter, tallies: Map<string, Tally>): boolean {
  const record = parseRecord(line);
  if (record === undefined) return false;
  const { time, dataset } = record;
  if (filter.begin !== undefined && time < filter.begin) return true;
  if (filter.end !== undefined && time >= filter.end) return true;
  const { dataset: wanted } = filter;
  if (wanted !== undefined && dataset !== wanted && !dataset.startsWith(`${wanted}/`)) return true;
  const key = `${time.slice(0, 7)}|${dataset}`;
  let tally = tallies.get(key);
  if (tally === undefined) {
    tally = { requests: 0, failed: 0, bytes: 0, robots: 0, addresses: new Set(), users: new Set() };
    tallies.set(key, tally);
  }
  if (/bot/i.test(record.agent)) {
    tally.robots++;
    return true;
  }
  tally.requests++;
  if (record.status >= 400) tally.failed++;
  tally.bytes += record.bytes;
  if (tally.addresses.size < MOST_ADDRESSES) tally.addresses.add(record.address);
  if (record.user !== '') tally.users.add(record.user);
  return true;
}

interface ReadRecord {
  readonly time: string;
  readonly dataset: string;
  readonly address: string;
  readonly user: string;
  readonly agent: string;
  readonly status: number;
  readonly bytes: number;
}

function parseRecord(line: string): ReadRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  const text = (name: string): string => (typeof fields[name] === 'string' ? (fields[name] as string) : '');
  const number = (name: string): number => (Number.isFinite(fields[name]) ? (fields[name] as number) : 0);
  const time = text('time');
  if (!/^\d{4}-\d\d-\d\dT/.test(time)) return undefined;
  const dataset = text('dataset').replaceAll('|', ' ');
  return {
    time,
    dataset,
    address: text('address'),
    user: text('user'),
    agent: text('agent'),
    status: number('status'),
    bytes: number('bytes'),
  };
}

function* linesOf(file: string): Generator<string> {
  const descriptor = openSync(file, 'r');
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

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
