/**
 * The answer to a question about records before it takes a form: the interval, what is found, and the rows of one page (browse-export 5, 11).
 */

import { type BrowseFacts, browseAccess, browseNames } from '../../../browse/facts/facts.js';
import { aboutField, fieldError } from '../../../browse/faults.js';
import { chooseSeries } from '../../../browse/find/choose-series.js';
import { findRecords, recordOrder } from '../../../browse/find/find-records.js';
import type { FoundRecord, FoundRecords, Note } from '../../../browse/find/found-records.js';
import { type BrowseQuery, queryText, wantsBlock } from '../../../browse/find/query.js';
import type { Series } from '../../../browse/naming/series.js';
import { type Interval, parseInterval, requireOrder } from '../../../browse/record/interval.js';
import { itemName, parseItemName, triadName } from '../../../browse/record/item-name.js';
import { isSameGrid, type RecordGrid, recordStart } from '../../../browse/record/number.js';

/** The answer to a question, before it takes a form. */
export interface BrowseAnswer {
  readonly query: BrowseQuery;
  readonly interval: Interval;
  readonly found: FoundRecords;
  /** Rows of this answer. */
  readonly rows: readonly FoundRecord[];
  /** Rows before the first of them. */
  readonly offset: number;
  /** Changes of the question that lead to the next rows. */
  readonly next: string | undefined;
  readonly namesAsOf: number;
}

/** Rows of a page where the question does not say. */
export const PAGE_ROWS = 200;
const DAY_MS = 86_400_000;

/** Finds the records of a question; `most` rows at a time unless the question says how many. */
export async function answerQuestion(facts: BrowseFacts, query: BrowseQuery, most: number): Promise<BrowseAnswer> {
  const { context, table, now } = facts;
  const { configuration } = context;
  const { prog, level } = query.choices;
  const names = await browseNames(
    facts,
    (file) =>
      (prog.length === 0 || prog.includes(file.prog)) &&
      (level.length === 0 || level.includes(file.level)) &&
      wantsBlock(query, file.block),
  );
  const series = chooseSeries(names.series, query);
  const { start, stop, scale } = query;
  const interval = parseInterval({ start, stop, scale, grid: commonGrid(series, query) }, table);
  requireOrder(interval, table);
  const access = browseAccess(facts);
  const found = await findRecords({
    query,
    interval,
    series,
    table,
    inventory: configuration.path('BROWSE_INV'),
    mostRecords: configuration.integer('BROWSE_MAX_BLOCKS') ?? 20_000,
    accessOf: (one) => access.of(one),
    now,
    log: (line) => context.log.line(line),
  }).catch(aboutField(interval.start.civil.day < 0 ? 'start' : 'stop'));
  const noted = { ...found, notes: [...found.notes, ...namesNotes(names.problem, names.asOf, now)] };
  const offset =
    query.after === undefined
      ? 0
      : await placeBehind(query.after, noted.rows, series, query, table).catch(aboutField('after'));
  return {
    query,
    interval,
    found: noted,
    namesAsOf: names.asOf,
    ...onePage(noted.rows, query, offset, query.limit ?? most),
  };
}

/** The block and epoch that records of the question's times are counted in, if there is one only. */
function commonGrid(series: readonly Series[], query: BrowseQuery): RecordGrid | undefined {
  const grid = series[0]?.grid;
  if (query.choices.block.length !== 1 || grid === undefined) return undefined;
  return series.every((one) => isSameGrid(one.grid, grid)) ? grid : undefined;
}

/** The first row behind an item. The item itself may have gone since it was shown: then behind the place that it had. */
async function placeBehind(
  after: string,
  rows: readonly FoundRecord[],
  series: readonly Series[],
  query: BrowseQuery,
  table: BrowseFacts['table'],
): Promise<number> {
  const { first: record, ...triad } = parseItemName(after, 'after');
  const one = series.find((other) => triadName(other) === triadName(triad));
  if (one === undefined) throw fieldError('after', 'is not an item of this result');
  const order = recordOrder(query.order);
  const place = { series: one, record, start: recordStart(record, one.grid, table) };
  const at = rows.findIndex((row) => order(row, place) > 0);
  return at < 0 ? rows.length : at;
}

function onePage(
  rows: readonly FoundRecord[],
  query: BrowseQuery,
  offset: number,
  limit: number,
): Pick<BrowseAnswer, 'rows' | 'offset' | 'next'> {
  const part = rows.slice(offset, offset + limit);
  const last = part.at(-1);
  const isEnd = offset + part.length >= rows.length || last === undefined;
  return {
    rows: part,
    offset,
    next: isEnd ? undefined : queryText(query, { after: itemName(last.series, last.record) }),
  };
}

/** Names that are older than they should be. */
function namesNotes(problem: string | undefined, asOf: number, now: number): Note[] {
  if (problem === undefined && now - asOf < 2 * DAY_MS) return [];
  const time = new Date(asOf).toISOString();
  return [
    {
      kind: 'names',
      text: `The names of the series are from ${time.slice(0, 10)} ${time.slice(11, 16)} UTC: newer ones could not be read.`,
    },
  ];
}
