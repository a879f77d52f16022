/**
 * Records of an interval, over all series that the question names (browse-export 5 to 7, 11).
 */

import type { FetchItem } from '../../../browse/export/fetch-scripts.js';
import type { BrowseFacts } from '../../../browse/facts/facts.js';
import { fieldError } from '../../../browse/faults.js';
import type { FoundRecord } from '../../../browse/find/found-records.js';
import { readBrowseQuery, readQueryLeniently } from '../../../browse/find/query.js';
import { csvForm } from '../../../browse/forms/csv.js';
import { jsonForm } from '../../../browse/forms/json.js';
import { textForm } from '../../../browse/forms/text.js';
import { timeFaults } from '../../../browse/record/interval.js';
import { type Das2Error, isDas2Error } from '../../../error.js';
import { htmlReply, jsonReply, textReply } from '../../../reply/build-reply.js';
import type { Reply } from '../../../reply/reply.js';
import { browseReply, CSV_TYPE, formOf, linesReply } from '../reply.js';
import { answerQuestion, PAGE_ROWS } from './answer.js';

const JSON_ROWS = 1000;

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
      return browseReply(request, linesReply(request, csvForm(rows, places, table), { contentType: CSV_TYPE }));
    case 'curl': {
      const { fetchScript } = await import('../../../browse/export/fetch-scripts.js');
      return browseReply(request, textReply(request, fetchScript('curl', await filesToFetch(facts, rows))));
    }
    case 'urls': {
      const lines = (await filesToFetch(facts, rows)).map(({ url }) => `${url}\n`);
      return browseReply(request, linesReply(request, lines));
    }
    default:
      return browseReply(request, linesReply(request, textForm(found, rows)));
  }
}

/** The files that the records are made of. Names of files whose access needs a sign-in are told to nobody else. */
async function filesToFetch(facts: BrowseFacts, rows: readonly FoundRecord[]): Promise<FetchItem[]> {
  const { fetchItems } = await import('../export/units.js');
  const open = rows.filter(({ series, state }) => series.kind !== 'files' || state !== 'restricted');
  return fetchItems(open, 'd2s', facts);
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
      return entryReply(facts, { faults: allFaults(facts, error) });
    throw error;
  }
}

/** Everything that is wrong with a question, one fault a field: people should not have to find out one by one. */
function allFaults({ request, table }: BrowseFacts, thrown: Das2Error): Das2Error[] {
  const { query, faults } = readQueryLeniently(request.pairs);
  const { start, stop, scale } = query;
  const times = start === '' ? [] : timeFaults({ start, stop, scale, grid: undefined }, table);
  const byField = new Map<unknown, Das2Error>();
  for (const fault of [...faults, ...times, thrown]) {
    if (!byField.has(fault.data.field)) byField.set(fault.data.field, fault);
  }
  return [...byField.values()];
}
