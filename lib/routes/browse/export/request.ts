/**
 * From a selection to what people take home (browse-export 9.1, 9.2): the table of the request, and archives, lists of addresses, manifests and
 * scripts, which are made at once and keep nothing on the server.
 */

import { exportAddress } from '../../../browse/export/address.js';
import { fetchScript, LANGUAGES, scriptFileName } from '../../../browse/export/fetch-scripts.js';
import type { BrowseFacts } from '../../../browse/facts/facts.js';
import { fieldError } from '../../../browse/faults.js';
import { itemOf } from '../../../browse/find/found-records.js';
import { csvForm } from '../../../browse/forms/csv.js';
import { DATA_FORMS, formFault } from '../../../browse/forms/data-forms.js';
import { JSON_VERSION, recordJson } from '../../../browse/forms/json.js';
import { htmlReply, JSON_TYPE, type ReplyOptions, TEXT_TYPE, textReply } from '../../../reply/build-reply.js';
import type { Reply } from '../../../reply/reply.js';
import { browsePage } from '../page.js';
import { CSV_TYPE, formOf, linesReply, privateReply, seeOther } from '../reply.js';
import { newFormKey, nonceOf } from './form-key.js';
import { mailOf, requireMailWithin } from './mail.js';
import { requestView } from './request-view.js';
import { type BrowseSelection, canStage, readFormPairs, readSelection } from './selection.js';
import { hasQueue, startJob } from './start.js';
import { PACKAGINGS, streamBag } from './stream.js';
import { fetchItems } from './units.js';

/** Ways to deliver, in the order in which they are offered. */
export const METHODS = ['stream', 'url', 'url-tar', 'url_quick', 'manifest', 'script'] as const;
/** Names of older systems for methods of ours, and of what comes as it is for the form that does so. */
const OLD_NAMES: Readonly<Record<string, string>> = { ftp: 'url', 'ftp-tar': 'url-tar', 'as-is': 'd2s', qds: 'd2s' };
/** Forms of a manifest. */
const MANIFESTS = ['text', 'csv', 'json'] as const;

/** The table of the request, with the choices that there are. */
export async function browseRequest(facts: BrowseFacts): Promise<Reply> {
  const { request, context, places, table } = facts;
  const form = formOf(request, ['html', 'json', 'text', 'csv']);
  const selection = await readSelection(facts, await readFormPairs(facts), canStage(facts));
  context.log.line(
    `Request for ${selection.rows.length} items, ${selection.refused.length} of them cannot be delivered`,
  );
  if (form === 'html') {
    const main = requestView(facts, selection, { hasWorker: await hasQueue(facts), key: await newFormKey(facts) });
    const count = selection.rows.length;
    const title = `Request of ${count} ${count === 1 ? 'item' : 'items'} – Browse`;
    return privateReply(facts, htmlReply(request, browsePage(context.configuration, request, { title, main })));
  }
  if (form === 'csv')
    return privateReply(facts, linesReply(request, csvForm(selection.rows, places, table), { contentType: CSV_TYPE }));
  if (form === 'text') return privateReply(facts, manifest(facts, selection, 'text'));
  return privateReply(facts, manifest(facts, selection, 'json', await newFormKey(facts)));
}

/** What the form of the request asks for. Throws `illegalArgument` while items that cannot be delivered are not confirmed to be left out. */
export async function browseExport(facts: BrowseFacts): Promise<Reply> {
  const { request, context } = facts;
  const pairs = await readFormPairs(facts);
  const choice = <Value extends string>(name: string, values: readonly Value[], otherwise: Value): Value => {
    const text = pairs.find(([key]) => key === name)?.[1];
    const found = text === undefined ? otherwise : values.find((value) => value === (OLD_NAMES[text] ?? text));
    if (found === undefined) throw fieldError(name, `must be one of ${values.join(', ')}`);
    return found;
  };
  const key = request.method === 'POST' ? await nonceOf(facts, pairs.find(([name]) => name === 'key')?.[1]) : undefined;
  const method = choice('method', METHODS, 'url_quick');
  const packaging = choice('packaging', PACKAGINGS, 'zip');
  const list = choice('list', MANIFESTS, 'text');
  const language = choice('lang', LANGUAGES, 'curl');
  const format = choice('data', DATA_FORMS, 'd2s');
  const fault = formFault(context.configuration, format);
  if (fault !== undefined) throw fieldError('data', fault);
  const isJob = method === 'url' || method === 'url-tar';
  const selection = await readSelection(facts, pairs, isJob && canStage(facts));
  if (selection.refused.length > 0 && !pairs.some(([key, value]) => key === 'confirm' && value === 'on')) {
    const count = selection.refused.length;
    throw fieldError(
      'confirm',
      `${count} ${count === 1 ? 'item' : 'items'} cannot be delivered: confirm that the others are enough`,
    );
  }
  context.log.line(`Export of ${selection.rows.length} items by ${method}`);
  if (isJob) {
    if (request.method !== 'POST') throw fieldError('method', `${method} is asked for by POST`);
    const mail = mailOf(facts, pairs.find(([name]) => name === 'mail')?.[1]);
    requireMailWithin(facts, mail);
    const id = await startJob(facts, selection, { method, data: format, key, mail });
    return privateReply(facts, seeOther(request, exportAddress(facts, id)));
  }
  if (method === 'stream') {
    return privateReply(facts, await streamBag(facts, selection, { packaging, data: format }));
  }
  if (method === 'manifest') return privateReply(facts, manifest(facts, selection, list));
  const items = fetchItems(selection.good, format, facts);
  if (items.length === 0) throw fieldError('data', 'nothing of what is selected is there in this form');
  if (method === 'script') {
    const options = attachment(scriptFileName(language), TEXT_TYPE);
    return privateReply(facts, textReply(request, fetchScript(language, items), options));
  }
  return privateReply(facts, textReply(request, items.map(({ url }) => `${url}\n`).join('')));
}

/** A list of the items. `key`: for the form that comes next. */
function manifest(
  facts: BrowseFacts,
  { rows, refused }: BrowseSelection,
  list: (typeof MANIFESTS)[number],
  key?: string,
): Reply {
  const { request, places, table } = facts;
  if (list === 'csv') return linesReply(request, csvForm(rows, places, table), attachment('items.csv', CSV_TYPE));
  if (list === 'json') {
    return linesReply(request, manifestJson(facts, { rows, refused }, key), attachment('items.json', JSON_TYPE));
  }
  return textReply(request, rows.map((row) => `${itemOf(row)}\n`).join(''), attachment('items.txt', TEXT_TYPE));
}

/** A JSON document record by record. */
function* manifestJson(
  { places, table }: BrowseFacts,
  { rows, refused }: Pick<BrowseSelection, 'rows' | 'refused'>,
  key: string | undefined,
): Generator<string> {
  yield `{"version":${JSON_VERSION},"count":${rows.length},"records":[`;
  for (const [i, row] of rows.entries()) {
    yield `${i === 0 ? '' : ','}${JSON.stringify(recordJson(row, places, table))}`;
  }
  yield `],"refused":${JSON.stringify(refused)}${key === undefined ? '' : `,"key":${JSON.stringify(key)}`}}\n`;
}

/** Names of files are ours, so they need no coding (RFC 6266). */
function attachment(name: string, contentType: string): ReplyOptions {
  return { contentType, headers: [['Content-Disposition', `attachment; filename="${name}"`]] };
}
