/**
 * Usage of the server, counted from its access logs (server-internals 7.3): requests, bytes and different addresses, by data source
 * and month or by what else is asked for. Agents with `bot` in their names are counted apart. Memory depends on the number of rows
 * and addresses, not on that of requests.
 */
import { Das2Error } from '../../error.js';
import { formatTime, parseTime } from '../../stream/time.js';
import { Turns } from '../../turns.js';
import { textTable } from '../text-table.js';
import { type Dimension, isRobot, placeIn } from './dimensions.js';
import { type UsageRecord, usageRecords } from './records.js';

/** Different addresses kept of one row; beyond, the count is a lower bound. */
const MOST_ADDRESSES = 100_000;
const MOST_ROWS = 200_000;
/** Between the values of a row's key. */
const SEPARATOR = '\0';

export interface UsageFilter {
  /** A source, or everything below it; undefined for all. */
  readonly dataset?: string | undefined;
  /** ISO times; requests from `begin` on and before `end`. */
  readonly begin?: string | undefined;
  readonly end?: string | undefined;
  readonly signal?: AbortSignal;
  /** What makes a row; default month and source. */
  readonly by?: readonly Dimension[];
}

export interface UsageCounts {
  readonly requests: number;
  /** Requests answered with a status of 400 or more. */
  readonly failed: number;
  readonly bytes: number;
  /** Data requests answered by the cache alone. */
  readonly cached: number;
  readonly addresses: number;
  readonly users: number;
  /** Requests of robots, which are in no other count. */
  readonly robots: number;
}

/** A row: its place in each dimension, and its counts. */
export type UsageCount = UsageCounts & Readonly<Partial<Record<Dimension, string>>>;

export interface UsageReport {
  readonly begin: string | undefined;
  readonly end: string | undefined;
  readonly by: readonly Dimension[];
  readonly counts: readonly UsageCount[];
  /** Of all rows together; an address counts once. */
  readonly total: UsageCounts;
  /** Lines that are no records. */
  readonly unreadable: number;
}

const DEFAULT_BY: readonly Dimension[] = ['month', 'dataset'];

/** Counts the access logs of a folder. Rejects with `usage` if there are too many rows, and with the reason of the signal. */
export async function usageReport(folder: string, filter: UsageFilter = {}): Promise<UsageReport> {
  const { begin, end, dataset, signal, by = DEFAULT_BY } = filter;
  const rows = new Map<string, Tally>();
  const all = new Tally();
  let unreadable = 0;
  const turns = new Turns();
  for (const record of usageRecords(folder, { first: begin?.slice(0, 7), last: end?.slice(0, 7) })) {
    if (turns.isDue) await turns.give();
    signal?.throwIfAborted();
    if (record === undefined) unreadable++;
    if (record === undefined || record.time < (begin ?? '') || (end !== undefined && record.time >= end)) continue;
    if (dataset !== undefined && record.dataset !== dataset && !record.dataset.startsWith(`${dataset}/`)) continue;
    const key = by.map((dimension) => placeIn(record, dimension).replaceAll(SEPARATOR, ' ')).join(SEPARATOR);
    const row = rows.get(key) ?? new Tally();
    if (rows.set(key, row).size > MOST_ROWS) throw tooMany();
    row.add(record);
    all.add(record);
  }
  const counts = [...rows]
    .map(([key, tally]) => ({ place: key.split(SEPARATOR), tally }))
    .sort((a, b) => comparePlaces(a.place, b.place))
    .map(({ place, tally }) => ({
      ...Object.fromEntries(by.map((dimension, i) => [dimension, place[i] ?? ''])),
      ...tally.counts(),
    }));
  return { begin, end, by, counts, total: all.counts(), unreadable };
}

class Tally {
  #requests = 0;
  #failed = 0;
  #bytes = 0;
  #cached = 0;
  #robots = 0;
  readonly #addresses = new Set<string>();
  readonly #users = new Set<string>();

  add({ agent, status, bytes, cache, address, user }: UsageRecord): void {
    if (isRobot(agent)) {
      this.#robots++;
      return;
    }
    this.#requests++;
    if (status >= 400) this.#failed++;
    if (cache === 'hit') this.#cached++;
    this.#bytes += bytes;
    if (this.#addresses.size < MOST_ADDRESSES) this.#addresses.add(address);
    if (user !== '') this.#users.add(user);
  }

  counts(): UsageCounts {
    return {
      requests: this.#requests,
      failed: this.#failed,
      bytes: this.#bytes,
      cached: this.#cached,
      addresses: this.#addresses.size,
      users: this.#users.size,
      robots: this.#robots,
    };
  }
}

/** A time as the log has it, for comparison; undefined for no time. Throws `illegalArgument`. */
export function logTime(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : formatTime(parseTime(text), { decimals: 3 });
}

function comparePlaces(a: readonly string[], b: readonly string[]): number {
  const i = a.findIndex((value, at) => value !== b[at]);
  if (i < 0) return 0;
  return (a[i] ?? '') < (b[i] ?? '') ? -1 : 1;
}

function tooMany(): Das2Error {
  return new Das2Error('usage', `that makes more than ${MOST_ROWS} rows; take a shorter time or fewer dimensions`);
}

const COLUMNS = ['requests', 'failed', 'bytes', 'cached', 'addresses', 'users', 'robots'] as const;
const TITLES: Readonly<Partial<Record<Dimension, string>>> = { dataset: 'data source' };

/** The report as a table, the sums at its end. */
export function usageTable({ by, counts, total }: UsageReport): string {
  const numbers = (row: UsageCounts): string[] => COLUMNS.map((name) => String(row[name]));
  return textTable({
    head: [...by.map((dimension) => TITLES[dimension] ?? dimension), ...COLUMNS],
    rows: counts.map((row) => [...by.map((dimension) => row[dimension] || '(none)'), ...numbers(row)]),
    sum: [...by.map((_dimension, i) => (i === 0 ? 'all' : '')), ...numbers(total)],
    numbersFrom: by.length,
  });
}
