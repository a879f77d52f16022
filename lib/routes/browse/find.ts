/**
 * Records of an interval, over all series that the question names (browse-export 5 to 7, 11).
 */
import { type BrowseQuery, queryText, readBrowseQuery, wantsBlock } from '../../browse/browse-query.js';
import { chooseSeries } from '../../browse/choose-series.js';
import { csvForm } from '../../browse/csv-form.js';
import { epochText } from '../../browse/epoch.js';
import { fieldError } from '../../browse/field-error.js';
import { findRecords } from '../../browse/find-records.js';
import type { FoundRecord, FoundRecords, Note } from '../../browse/found-records.js';
import { type Interval, parseInterval, requireOrder } from '../../browse/interval.js';
import { itemName } from '../../browse/item-name.js';
import { jsonForm } from '../../browse/json-form.js';
import type { RecordGrid } from '../../browse/record-number.js';
import type { Series } from '../../browse/series.js';
import { curlForm, textForm, urlsForm } from '../../browse/text-form.js';
import { isDas2Error } from '../../error.js';
import { htmlReply, jsonReply, textReply } from '../../reply/build-reply.js';
import type { Reply } from '../../reply/reply.js';
import { type BrowseFacts, browseAccess, browseNames } from './context.js';
import { browseReply, CSV_TYPE, formOf } from './reply.js';

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

const PAGE_ROWS = 200;
const JSON_ROWS = 1000;
const DAY_MS = 86_400_000;

/** Answers `find`. */
export async function browseFind(facts: BrowseFacts): Promise<Reply> {
  const { request, context, places, table } = facts;
  const form = formOf(request, ['html', 'json', 'text', 'csv', 'curl', 'urls']);
  if (form === 'html') return findPage(facts);
  const query = readBrowseQuery(request.pairs);
  if (query.start === '') throw fieldError('start', 'is missing', 'write start=1999-10-09T05:30');
  const answer = await answerQuestion(facts, query, form === 'json' ? JSON_ROWS : Number.POSITIVE_INFINITY);
  const { found, rows } = answer;
  context.log.line(`Found ${found.rows.length} records of ${found.series.length} series`);
  switch (form) {
    case 'json': {
      const next = answer.next === undefined ? undefined : `${places.browse}/find?${answer.next}&format=json`;
      return browseReply(request, jsonReply(request, jsonForm({ ...answer, next }, places, table)));
    }
    case 'csv':
      return browseReply(request, textReply(request, csvForm(rows, places, table), { contentType: CSV_TYPE }));
    case 'curl':
      return browseReply(request, textReply(request, curlForm(rows, places, table)));
    case 'urls':
      return browseReply(request, textReply(request, urlsForm(rows, places, table)));
    default:
      return browseReply(request, textReply(request, textForm(found, rows)));
  }
}

/** The page: results, or the form with what is wrong. */
async function findPage(facts: BrowseFacts): Promise<Reply> {
  const { request, context } = facts;
  const { entryReply } = await import('./entry.js');
  if (!request.parameters.has('start')) return entryReply(facts, {});
  try {
    const query = readBrowseQuery(request.pairs);
    const answer = await answerQuestion(facts, query, PAGE_ROWS);
    context.log.line(`Found ${answer.found.rows.length} records of ${answer.found.series.length} series`);
    const { resultPage } = await import('./result-page.js');
    return browseReply(request, htmlReply(request, resultPage(facts, answer)));
  } catch (error) {
    if (isDas2Error(error, 'illegalArgument') || isDas2Error(error, 'tooWide'))
      return entryReply(facts, { fault: error });
    throw error;
  }
}

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
  });
  const noted = { ...found, notes: [...found.notes, ...namesNotes(names.problem, names.asOf, now)] };
  return { query, interval, found: noted, namesAsOf: names.asOf, ...onePage(noted.rows, query, query.limit ?? most) };
}

/** The block and epoch that records of the question's times are counted in, if there is one only. */
function commonGrid(series: readonly Series[], query: BrowseQuery): RecordGrid | undefined {
  const grid = series[0]?.grid;
  if (query.choices.block.length !== 1 || grid === undefined) return undefined;
  const isSame = series.every(
    (one) => one.grid.block === grid.block && epochText(one.grid.epoch) === epochText(grid.epoch),
  );
  return isSame ? grid : undefined;
}

function onePage(
  rows: readonly FoundRecord[],
  query: BrowseQuery,
  limit: number,
): Pick<BrowseAnswer, 'rows' | 'offset' | 'next'> {
  let offset = 0;
  if (query.after !== undefined) {
    const at = rows.findIndex(({ series, record }) => itemName(series, record) === query.after);
    if (at < 0) throw fieldError('after', 'is not an item of this result');
    offset = at + 1;
  }
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
