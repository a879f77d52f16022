/**
 * Short addresses of results (browse-export 11): `POST q` keeps the question of a form and leads to `q/NAME`, which answers as `find` does with that question;
 * further parameters, such as `format`, go before those that were kept.
 */

import type { BrowseFacts } from '../../../browse/facts/facts.js';
import { fieldError } from '../../../browse/faults.js';
import { queryText, readBrowseQuery } from '../../../browse/find/query.js';
import { keepQuery, keptQuery } from '../../../browse/find/short-queries.js';
import { Das2Error } from '../../../error.js';
import type { Reply } from '../../../reply/reply.js';
import { firstValues, parseQuery } from '../../../request/query-string.js';
import { readFormPairs } from '../export/selection.js';
import { privateReply, seeOther } from '../reply.js';
import { browseFind } from './find.js';

/** Keeps the question of the form that was sent. */
export async function keepShort(facts: BrowseFacts): Promise<Reply> {
  const { request } = facts;
  if (request.method !== 'POST')
    throw new Das2Error('methodNotAllowed', 'a question is kept by POST', { data: { allow: 'POST' } });
  const query = readBrowseQuery(await readFormPairs(facts));
  if (query.start === '') throw fieldError('start', 'is missing');
  const name = await keepQuery(folderOf(facts), queryText(query, { after: undefined }));
  return privateReply(facts, seeOther(request, `${request.baseUrl}/q/${name}`));
}

/** Answers the question of this name. */
export function browseShort(facts: BrowseFacts, name: string): Promise<Reply> {
  const kept = keptQuery(folderOf(facts), name);
  if (kept === undefined) throw new Das2Error('notFound', 'there is no short address of this name');
  const { request } = facts;
  const given = new Set(request.pairs.map(([key]) => key));
  const pairs = [...request.pairs, ...parseQuery(kept).filter(([key]) => !given.has(key))];
  return browseFind({ ...facts, request: { ...request, pairs, parameters: firstValues(pairs) } });
}

function folderOf({ context }: BrowseFacts): string {
  return `${context.configuration.requiredPath('STATE_ROOT')}/queries`;
}
