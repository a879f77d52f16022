/**
 * What somebody has selected on a result page: single items, groups of rows, or everything that a question finds (browse-export 7.5, 9.1).
 */

import { type BrowseFacts, browseAccess, browseNames } from '../../../browse/facts/facts.js';
import { fieldError } from '../../../browse/faults.js';
import { type FoundRecord, itemOf } from '../../../browse/find/found-records.js';
import { lookUpItems, reasonAgainst, type Undeliverable } from '../../../browse/find/look-up-items.js';
import { readPlaneChoices, withPlanes } from '../../../browse/find/plane-choices.js';
import { readBrowseQuery } from '../../../browse/find/query.js';
import { rowGroups } from '../../../browse/forms/words.js';
import { Das2Error } from '../../../error.js';
import type { Request } from '../../../request/request.js';
import { isSameOrigin } from '../../../request/same-origin.js';
import { answerQuestion } from '../find/answer.js';

export type Pairs = readonly (readonly [string, string])[];

export interface BrowseSelection {
  /** Fields of the form, for the next one. */
  readonly pairs: Pairs;
  readonly rows: readonly FoundRecord[];
  /** Those that can be delivered. */
  readonly good: readonly FoundRecord[];
  /** Rows that cannot be delivered, and why. */
  readonly refused: readonly Undeliverable[];
}

const BODY_LIMIT = 1 << 20;
const MOST_PAIRS = 20_000;
const FIELD_LIMIT = 2048;

/** The fields of a form that was sent, or of the address. Throws `forbidden` for a form from elsewhere. */
export async function readFormPairs({ request, context }: BrowseFacts): Promise<Pairs> {
  if (request.method !== 'POST') return request.pairs;
  if (!isSameOrigin(request, context.configuration.text('SERVER_URL'))) {
    throw new Das2Error('forbidden', 'this form is not from a page of this server');
  }
  const pairs = [...new URLSearchParams(await bodyText(request))].filter(([, value]) => value !== '');
  if (pairs.length > MOST_PAIRS) throw new Das2Error('illegalArgument', `the form has more than ${MOST_PAIRS} fields`);
  for (const [key, value] of pairs) {
    if (value.length > FIELD_LIMIT) throw fieldError(key.slice(0, 20), `is longer than ${FIELD_LIMIT} bytes`);
  }
  return pairs;
}

async function bodyText(request: Request): Promise<string> {
  const type = (request.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded' || request.readBody === undefined) {
    throw new Das2Error('illegalArgument', 'the request must be a form');
  }
  return Buffer.from(await request.readBody(BODY_LIMIT)).toString('utf8');
}

/** The records that the fields name; `canStage`: the way of delivery brings back what is off line. Throws `illegalArgument` for an empty selection or an unknown item. */
export async function readSelection(facts: BrowseFacts, pairs: Pairs, canStage: boolean): Promise<BrowseSelection> {
  const one = (name: string): string | undefined => pairs.find(([key]) => key === name)?.[1];
  const values = (name: string): string[] => pairs.filter(([key]) => key === name).map(([, value]) => value);
  const rows = new Map<string, FoundRecord>();
  const refused: Undeliverable[] = [];
  const add = (found: readonly FoundRecord[]): void => {
    for (const row of found) rows.set(itemOf(row), row);
  };
  const groups = new Set(values('group'));
  const isAll = one('all') === 'on';
  if (isAll || groups.size > 0) {
    const query = { ...readBrowseQuery(pairs), limit: undefined, after: undefined };
    const { found } = await answerQuestion(facts, query, Number.POSITIVE_INFINITY);
    if (isAll) add(found.rows);
    else
      add(
        rowGroups(found, found.rows, query.order, facts.table).flatMap(({ key, rows }) =>
          groups.has(key) ? rows : [],
        ),
      );
  }
  if (!isAll) {
    const { configuration } = facts.context;
    const access = browseAccess(facts);
    const found = await lookUpItems(
      values('sel'),
      (await browseNames(facts)).series,
      configuration.integer('BROWSE_MAX_BLOCKS') ?? 20_000,
      {
        table: facts.table,
        inventory: configuration.path('BROWSE_INV'),
        accessOf: (series) => access.of(series),
        now: facts.now,
      },
    );
    add(found.rows);
    refused.push(...found.unreadable);
  }
  if (rows.size === 0 && refused.length === 0) {
    throw fieldError('sel', 'nothing is selected', 'tick at least one row, or select all results');
  }
  const wanted = new Map(withPlanes([...rows.values()], readPlaneChoices(pairs)).map((row) => [itemOf(row), row]));
  const good: FoundRecord[] = [];
  for (const [item, row] of wanted) {
    const reason = reasonAgainst(row, canStage);
    if (reason === undefined) good.push(row);
    else refused.push({ item, reason });
  }
  return { pairs, rows: [...wanted.values()], good, refused };
}

/** True if the site has a program that brings back what is off line, for a worker to run. */
export function canStage({ context }: BrowseFacts): boolean {
  return context.configuration.text('STAGE_CMD') !== undefined;
}

/** What of a selection can be delivered. Throws `illegalArgument` where that is nothing. */
export function deliverable({ good }: BrowseSelection): readonly FoundRecord[] {
  if (good.length > 0) return good;
  throw fieldError('sel', 'nothing of what is selected can be delivered');
}
