/**
 * The records that a record set of a DRMS client means (browse-export 9.6): those that exist, as far as anybody knows.
 *
 * Contract: as with all questions no reader is started, and no more records are looked at than one question may (`tooWide`). Throws `UnreadableInventory`.
 */
import { parseValidRange } from '../../source/valid-range.js';
import { aboutField, fieldError, requireNarrow } from '../faults.js';
import { type LookUpOptions, recordsOf } from '../find/find-records.js';
import type { FoundRecord } from '../find/found-records.js';
import { recordsWithInventory } from '../inventory/coverage.js';
import type { Series } from '../naming/series.js';
import { type RecordRange, recordAt, recordsOfTimes } from '../record/number.js';
import { instantOfUnix } from '../time/scales.js';
import { type RecordFilter, type RecordSet, rangeOfFilter, type SteppedRange } from './record-set.js';

export interface FindSetOptions extends LookUpOptions {
  /** `BROWSE_MAX_BLOCKS`. */
  readonly mostRecords: number;
}

/** Records that are looked at in one go where only some of a long range are wanted. */
const CHUNK = 500;

/** The records, in order of their numbers. `limit`: no more than so many of the first ones, or of the last ones if it is negative; 0 for all. */
export async function recordsOfSet(
  set: RecordSet,
  series: Series,
  limit: number,
  options: FindSetOptions,
): Promise<readonly FoundRecord[]> {
  return find(set, series, limit, options).catch(aboutField('ds'));
}

async function find(
  { filters }: RecordSet,
  series: Series,
  limit: number,
  options: FindSetOptions,
): Promise<readonly FoundRecord[]> {
  const { table } = options;
  const ranges: SteppedRange[] = [];
  for (const filter of filters) {
    const whole = (): RecordRange => wholeRange(series, options);
    const range = isEnd(filter)
      ? await lastOrFirst(filter.from === 'last', whole(), series, options)
      : rangeOfFilter(filter, series.grid, table, whole);
    if (range !== undefined) ranges.push(range);
  }
  const count = ranges.reduce((sum, { first, last, every }) => sum + Math.floor((last - first) / every) + 1, 0);
  if (limit === 0) requireNarrow(count, options.mostRecords);
  const isBackwards = limit < 0;
  ranges.sort((a, b) => (isBackwards ? b.last - a.last : a.first - b.first));
  const wanted = limit === 0 ? Number.POSITIVE_INFINITY : Math.abs(limit);
  const found = new Map<number, FoundRecord>();
  let looked = 0;
  for (const range of ranges) {
    for (const numbers of chunks(range, isBackwards)) {
      if (found.size >= wanted) break;
      looked += numbers.length;
      requireNarrow(looked, options.mostRecords);
      for (const row of await existing(series, numbers, options)) found.set(row.record, row);
    }
  }
  const rows = [...found.values()].sort((a, b) => a.record - b.record);
  return isBackwards ? rows.slice(-wanted) : rows.slice(0, wanted);
}

type EndFilter = Extract<RecordFilter, { kind: 'ends' }>;

/** True for `[^]` and `[$]`: the first and the last record that exist. */
function isEnd(filter: RecordFilter): filter is EndFilter {
  return filter.kind === 'ends' && typeof filter.from === 'string' && filter.from === filter.to;
}

async function lastOrFirst(
  isLast: boolean,
  whole: RecordRange,
  series: Series,
  options: FindSetOptions,
): Promise<SteppedRange | undefined> {
  let looked = 0;
  for (const numbers of chunks({ ...whole, every: 1 }, isLast)) {
    looked += numbers.length;
    requireNarrow(looked, options.mostRecords);
    const record = (await existing(series, numbers, options)).at(isLast ? -1 : 0)?.record;
    if (record !== undefined) return { first: record, last: record, every: 1 };
  }
  return undefined;
}

/** The numbers of a range in lots, each in ascending order; the last lot first where it goes backwards. */
function* chunks({ first, last, every }: SteppedRange, isBackwards: boolean): Generator<number[]> {
  const count = Math.floor((last - first) / every) + 1;
  for (let done = 0; done < count; done += CHUNK) {
    const size = Math.min(CHUNK, count - done);
    const from = isBackwards ? count - done - size : done;
    yield Array.from({ length: size }, (_one, i) => first + (from + i) * every);
  }
}

async function existing(
  series: Series,
  numbers: readonly number[],
  options: FindSetOptions,
): Promise<readonly FoundRecord[]> {
  const range = { first: numbers[0] ?? 0, last: numbers.at(-1) ?? -1 };
  return (await recordsOf(series, range, numbers, options)).filter(({ state }) => state !== 'absent');
}

/** All records that there may be: those of the valid range up to now, else those of the years that have inventories. */
function wholeRange(series: Series, { table, now, inventory }: FindSetOptions): RecordRange {
  const valid = series.validRange === undefined ? undefined : parseValidRange(series.validRange, now);
  if (valid !== undefined) {
    const range = recordsOfTimes(valid, series.grid, table);
    const present = recordAt(instantOfUnix(now, table), series.grid, table);
    if (range !== undefined) return { first: range.first, last: Math.min(range.last, present) };
  }
  const known = recordsWithInventory(inventory, series);
  if (known !== undefined) return known;
  throw fieldError('ds', 'nobody knows where this series begins and ends: name a time');
}
