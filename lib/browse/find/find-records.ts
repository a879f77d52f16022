/**
 * Finds the records that an interval touches, over all series of a question (browse-export 5.1, 7.2).
 *
 * Contract: starts no reader and looks at no data: record numbers come from the interval by arithmetic, states and sizes from inventories. A
 * series whose inventory cannot be read is told of in a note and fails nothing else. Throws `tooWide` before any work is done.
 */
import { compareCodePoints } from '../../code-points.js';
import { parseValidRange } from '../../source/valid-range.js';
import { requireNarrow } from '../faults.js';
import { type InventoryLine, type InventoryPart, readInventory, UnreadableInventory } from '../inventory/inventory.js';
import type { Series } from '../naming/series.js';
import { blockSeconds } from '../record/block.js';
import { epochText } from '../record/epoch.js';
import { type Interval, type LeftOut, touchedRecords } from '../record/interval.js';
import { type RecordRange, recordStart, recordsOfTimes } from '../record/number.js';
import type { LeapTable } from '../time/leap-table.js';
import { compareInstants, isProvisional } from '../time/scales.js';
import type { FoundRecord, FoundRecords, Note, RecordState } from './found-records.js';
import type { BrowseQuery, Order, ShowChoice } from './query.js';
import type { SeriesAccess } from './record-access.js';

export interface FindOptions {
  readonly query: BrowseQuery;
  readonly interval: Interval;
  /** The series that the question is about. */
  readonly series: readonly Series[];
  readonly table: LeapTable;
  /** `BROWSE_INV`. */
  readonly inventory: string | undefined;
  /** `BROWSE_MAX_BLOCKS`. */
  readonly mostRecords: number;
  readonly accessOf: (series: Series) => Promise<SeriesAccess>;
  readonly now: number;
  /** What an administrator should know. */
  readonly log: (line: string) => void;
}

type Touched = ReturnType<typeof touchedRecords>;

/** Finds everything. */
export async function findRecords(options: FindOptions): Promise<FoundRecords> {
  const { query, series } = options;
  const ranges = rangesOf(options);
  let candidates = 0;
  for (const one of series) candidates += sizeOf(ranges.get(gridKey(one)));
  requireNarrow(candidates, options.mostRecords);
  const rows: FoundRecord[] = [];
  const notes: Note[] = [];
  for (const one of series) {
    const range = ranges.get(gridKey(one));
    if (range === undefined || range.last < range.first) continue;
    try {
      for (const row of await recordsOf(one, range, numbersOf(range), options)) {
        if (isShown(row.state, query.show)) rows.push(row);
      }
    } catch (error) {
      if (!(error instanceof UnreadableInventory)) throw error;
      options.log(`browse: the inventory of ${one.prog}:${one.level}:${one.series} cannot be read (${error.message})`);
      notes.push({
        kind: 'unavailable',
        text: `${one.series} is not available just now: its inventory cannot be read.`,
      });
    }
  }
  rows.sort(recordOrder(query.order));
  return {
    rows,
    series: [...new Set(rows.map((row) => row.series))],
    notes: [...allNotes(options, ranges, rows), ...notes],
    ...sums(rows),
  };
}

function gridKey({ grid }: Series): string {
  return `${grid.block} ${epochText(grid.epoch)}`;
}

/** The records touched for each pair of block and epoch; all series of a pair share them. */
function rangesOf({ series, interval, query, table }: FindOptions): Map<string, Touched> {
  const ranges = new Map<string, Touched>();
  for (const one of series) {
    const key = gridKey(one);
    if (!ranges.has(key)) ranges.set(key, touchedRecords(interval, one.grid, query.edge, table));
  }
  return ranges;
}

function sizeOf(range: RecordRange | undefined): number {
  return range === undefined ? 0 : Math.max(0, range.last - range.first + 1);
}

function* numbersOf({ first, last }: RecordRange): Generator<number> {
  for (let record = first; record <= last; record++) yield record;
}

/** What `recordsOf` must know. */
export type LookUpOptions = Pick<FindOptions, 'table' | 'inventory' | 'accessOf' | 'now'>;

/**
 * What is known of records of a series, missing ones included; `range` holds all of the numbers. Of a record that may not be seen nothing is told
 * but that it needs a sign-in; one that is missing is left out then. Throws `UnreadableInventory`.
 */
export async function recordsOf(
  series: Series,
  range: RecordRange,
  numbers: Iterable<number>,
  options: LookUpOptions,
): Promise<FoundRecord[]> {
  const { table } = options;
  const own = series.recordInventory?.startsWith('|') ? undefined : series.recordInventory;
  const inventory = readInventory(options.inventory, series, range, own);
  const access = await options.accessOf(series);
  const isAssumed = assumptionOf(series, inventory, options);
  let mean: number | undefined | null = null;
  const found: FoundRecord[] = [];
  for (const record of numbers) {
    const start = recordStart(record, series.grid, table);
    const stop = recordStart(record + 1, series.grid, table);
    const line = inventory.lines.get(record);
    const state: RecordState = line?.state ?? (isAssumed(record) ? 'assumed' : 'absent');
    const place = { series, record, start, stop };
    if (!access.isOpen(stop)) {
      if (state !== 'absent')
        found.push({ ...place, state: 'restricted', ...(access.realm !== undefined && { realm: access.realm }) });
    } else if (state === 'assumed') {
      if (mean === null) mean = inventory.meanBytes();
      found.push({
        ...place,
        state,
        ...expectedOf(series),
        ...(mean !== undefined && { bytes: mean, isEstimate: true }),
      });
    } else {
      found.push({ ...place, state, ...expectedOf(series), ...factsOf(line) });
    }
  }
  return found;
}

function isShown(state: RecordState, show: ShowChoice): boolean {
  if (state === 'absent') return show === 'missing';
  return state !== 'assumed' || show !== 'known';
}

function expectedOf({ expected }: Series): { expected?: number } {
  return expected === undefined ? {} : { expected };
}

function factsOf(line: InventoryLine | undefined): Pick<FoundRecord, 'bytes' | 'have' | 'expected' | 'digest'> {
  if (line === undefined || line.state === 'absent') return {};
  const { bytes, have, expected, digest } = line;
  return {
    ...(bytes !== undefined && { bytes }),
    ...(have !== undefined && { have }),
    ...(expected !== undefined && { expected }),
    ...(digest !== undefined && { digest }),
  };
}

/** Which records may be there though nobody has looked: those inside the valid range; all of a source that neither has one nor an inventory. */
function assumptionOf(
  series: Series,
  inventory: InventoryPart,
  { table, now }: LookUpOptions,
): (record: number) => boolean {
  const valid = series.validRange === undefined ? undefined : parseValidRange(series.validRange, now);
  if (valid === undefined) return () => !inventory.exists;
  const range = recordsOfTimes(valid, series.grid, table);
  return (record) => range !== undefined && record >= range.first && record <= range.last;
}

/** What of a record decides its place among others. */
export type RecordPlace = Pick<FoundRecord, 'series' | 'record' | 'start'>;

/** The order of rows (7.2): by start, length, name and number, or by name and number. Records of different names are never equal. */
export function recordOrder(order: Order): (a: RecordPlace, b: RecordPlace) => number {
  const byName = (a: Series, b: Series): number =>
    compareCodePoints(a.prog, b.prog) || compareCodePoints(a.level, b.level) || compareCodePoints(a.series, b.series);
  if (order === 'series') return (a, b) => byName(a.series, b.series) || a.record - b.record;
  return (a, b) =>
    compareInstants(a.start, b.start) ||
    blockSeconds(b.series.grid.block) - blockSeconds(a.series.grid.block) ||
    compareCodePoints(a.series.series, b.series.series) ||
    byName(a.series, b.series) ||
    a.record - b.record;
}

function sums(rows: readonly FoundRecord[]): Pick<FoundRecords, 'bytes' | 'withoutSize' | 'estimated'> {
  let [bytes, withoutSize, estimated] = [0, 0, 0];
  for (const row of rows) {
    bytes += row.bytes ?? 0;
    if (row.bytes === undefined && row.state !== 'absent') withoutSize++;
    if (row.isEstimate) estimated++;
  }
  return { bytes, withoutSize, estimated };
}

function allNotes(options: FindOptions, ranges: ReadonlyMap<string, Touched>, rows: readonly FoundRecord[]): Note[] {
  const { series, table } = options;
  const notes: Note[] = edgeNotes(series.map((one) => ranges.get(gridKey(one))?.leftOut ?? []));
  const closed = new Set(rows.filter(({ state }) => state === 'restricted').map((row) => row.series));
  if (closed.size > 0) {
    const names = [...closed].map((one) => one.series).join(', ');
    notes.push({
      kind: 'restricted',
      text: `Records of ${names} need a sign-in; neither their sizes nor what is there is shown.`,
    });
  }
  const isLate = ({ civil }: Interval['stop']): boolean => isProvisional(civil.day, table);
  if (isLate(options.interval.stop) && series.some(({ grid }) => grid.epoch.scale === 'TAI')) {
    notes.push({
      kind: 'provisional',
      text: 'Times on the scale TAI are provisional: leap seconds that late are not announced yet.',
    });
  }
  return notes;
}

/** One sentence for each number of seconds: how many records of how many series are not listed. */
function edgeNotes(leftOut: readonly (readonly LeftOut[])[]): Note[] {
  const kinds = new Map<string, { count: number; seconds: number; series: number }>();
  for (const records of leftOut) {
    if (records.length === 0) continue;
    const seconds = Math.max(...records.map((one) => one.seconds));
    const key = `${records.length} ${seconds}`;
    const kind = kinds.get(key) ?? { count: records.length, seconds, series: 0 };
    kind.series++;
    kinds.set(key, kind);
  }
  return [...kinds.values()].map(({ count, seconds, series }) => ({
    kind: 'edge',
    text:
      `${count} ${count === 1 ? 'record' : 'records'} in ${series === 1 ? '1 series' : `each of ${series} series`} ` +
      `${count === 1 ? 'touches' : 'touch'} the interval for ${seconds} s only and ${count === 1 ? 'is' : 'are'} not listed.`,
    show: { text: 'Show', changes: { edge: '0' } },
  }));
}
