/**
 * Exports that a DRMS client asks for (browse-export 9.6): addresses at once (`url_quick`), or a job for the worker, as `jsoc_fetch` has them.
 *
 * Contract: names of files are whole addresses, so that a client needs to know no other. What cannot be delivered is a `NoDataFile`. The address
 * bar of a browser and programs may ask; pages of other sites may not make a browser ask.
 */
import { exportAddress } from '../../../browse/export/address.js';
import type { ExportItem, ExportRequest, ExportStatus } from '../../../browse/export/documents.js';
import { STATE_NUMBERS } from '../../../browse/export/documents.js';
import { jobLimits, requireWithin } from '../../../browse/export/limits.js';
import { fieldError, shown } from '../../../browse/faults.js';
import type { FoundRecord } from '../../../browse/find/found-records.js';
import { itemOf } from '../../../browse/find/found-records.js';
import { reasonAgainst } from '../../../browse/find/look-up-items.js';
import { type DataForm, formsOf } from '../../../browse/forms/data-forms.js';
import { LONGEST_PART, parseItemName } from '../../../browse/record/item-name.js';
import { parsePart } from '../../../browse/record/part.js';
import { Das2Error } from '../../../error.js';
import { isSameOrigin } from '../../../request/same-origin.js';
import { POLL_SECONDS } from '../export/job.js';
import { isMailWithin, mailOf } from '../export/mail.js';
import { canStage } from '../export/selection.js';
import { exportStore, queueExport } from '../export/start.js';
import { unitsOf } from '../export/units.js';
import { type FoundSet, foundSet, limitOf, recordName } from './info.js';
import { type DrmsAnswer, type DrmsQuestion, FAILED } from './question.js';

const METHODS: Readonly<Record<string, 'url_quick' | 'url' | 'url-tar'>> = {
  url_quick: 'url_quick',
  url: 'url',
  'url-tar': 'url-tar',
  ftp: 'url',
  'ftp-tar': 'url-tar',
};
/** The protocol of what comes as it is. */
const AS_IS = 'as-is';
/** Such a client leaves out what has this name. */
const NO_FILE = 'NoDataFile';
const NO_SUCH_EXPORT = 6;

/** Takes a request. */
export async function exportRequest(question: DrmsQuestion): Promise<DrmsAnswer> {
  const { facts, parameters } = question;
  requireOwnWish(question);
  const word = (parameters.get('method') ?? 'url_quick').toLowerCase();
  const method = Object.hasOwn(METHODS, word) ? METHODS[word] : undefined;
  if (method === undefined)
    throw fieldError('method', `'${shown(word)}' is none of ${Object.keys(METHODS).join(', ')}`);
  const protocol = (parameters.get('protocol') ?? 'as-is').toLowerCase();
  const found = await foundSet(question, processOf(parameters));
  const { rows, data } = chosen(found, protocol, formsOf(found.named.series, facts.context.configuration));
  if (rows.length === 0) throw fieldError('ds', 'there is no such record');
  const about = { method: word, protocol, count: rows.length, dir: '', tarfile: null };
  if (method === 'url_quick') {
    return {
      status: 0,
      requestid: '',
      wait: 0,
      ...about,
      data: quickData(found, rows, data, question),
      size: sizeOf(rows),
    };
  }
  const good = rows.filter((row) => reasonAgainst(row, canStage(facts)) === undefined);
  if (good.length === 0) throw fieldError('ds', 'none of these records can be delivered');
  const bytes = requireWithin(good, jobLimits(facts.context.configuration), 'an export');
  const id = await queueExport(facts, { items: good.map(itemOf), method, data }, bytes, {
    mail: notifiedOf(facts, parameters.get('notify')),
  });
  return { status: STATE_NUMBERS.queued, requestid: id, wait: POLL_SECONDS, ...about, data: [], size: sizeOf(rows) };
}

/** Whom to tell of the end. Clients of a DRMS always name somebody: beyond the messages of a day the export is made, and nobody told. */
function notifiedOf(facts: DrmsQuestion['facts'], given: string | undefined): string | undefined {
  const { configuration, log } = facts.context;
  const mail = configuration.text('MAIL_CMD') === undefined ? undefined : mailOf(facts, given);
  if (mail === undefined || isMailWithin(facts, mail)) return mail;
  log.line('no mail will be sent: the address, or the client, has had those of the day');
  return undefined;
}

/** How an export is doing. */
export async function exportStatus({ facts, parameters, names }: DrmsQuestion): Promise<DrmsAnswer> {
  const id = parameters.get('requestid') ?? '';
  const store = exportStore(facts);
  const [wanted, status] = [store.request(id), store.status(id, facts.now)];
  if (wanted === undefined || status === undefined)
    throw new Das2Error('notFound', 'there is no such export', { data: { state: NO_SUCH_EXPORT } });
  const isOpen = status.state === 'queued' || status.state === 'running';
  const number = STATE_NUMBERS[status.state];
  const isReady = number === STATE_NUMBERS.done;
  const files = isReady ? filesOf(exportAddress(facts, id), wanted, store.items(id)) : { dir: '', names: [] };
  return {
    status: number,
    requestid: id,
    method: wanted.method,
    protocol: wanted.data === 'd2s' ? AS_IS : wanted.data,
    wait: isOpen ? POLL_SECONDS : 0,
    count: wanted.items.length,
    size: status.bytes,
    dir: files.dir,
    data: files.names.map(({ item, filename }) => ({ record: recordOf(item, names), filename })),
    tarfile: isReady && wanted.method === 'url-tar' ? `${exportAddress(facts, id)}.tar.gz` : null,
    ...(number >= FAILED && { error: wordsOf(status) }),
  };
}

function wordsOf({ state, message }: ExportStatus): string {
  if (message !== undefined) return message;
  return state === 'expired' ? 'its data have been removed: ask for them again' : `the export was ${state}`;
}

/** Pages of other sites could make a browser ask for an export a thousand times. */
function requireOwnWish({ facts: { request, context } }: DrmsQuestion): void {
  if (request.headers.get('sec-fetch-site') === 'none') return;
  if (!isSameOrigin(request, context.configuration.text('SERVER_URL')))
    throw new Das2Error('forbidden', 'a page of another site asks for this export');
}

/** The number of records; `process=n` is the name of the parameter, and words behind its bar would change the data. */
function processOf(parameters: ReadonlyMap<string, string>): number {
  const [count = '', ...steps] = (parameters.get('process=n') ?? '').split('|');
  if (steps.some((step) => step.trim() !== '')) throw fieldError('process', 'this server exports data as they are');
  return limitOf(count === '' ? parameters.get('n') : count);
}

/** The rows with the parts that the braces of the set name, and the form of data. `forms`: those that there are of the series. */
function chosen(
  { set: { segments }, named: { series }, rows }: FoundSet,
  protocol: string,
  forms: readonly DataForm[],
): { readonly rows: readonly FoundRecord[]; readonly data: ExportRequest['data'] } {
  const wanted = forms.find((form) => form === protocol);
  if (wanted === undefined && protocol !== AS_IS)
    throw fieldError(
      'protocol',
      `'${shown(protocol)}' is none of ${[AS_IS, ...forms].join(', ')}: this series is converted to nothing else`,
    );
  if (series.kind === 'files') {
    const names = segments.filter((name) => name !== 'files').join(',');
    if (names === '') return { rows, data: 'd2s' };
    if (names.length > LONGEST_PART)
      throw fieldError('ds', `the names of files have more than ${LONGEST_PART} characters`);
    if (parsePart(names) === undefined) throw fieldError('ds', `'${shown(names)}' names no files`);
    return { rows: rows.map((row) => ({ ...row, part: names })), data: 'd2s' };
  }
  const unknown = segments.find((name) => !forms.some((form) => form === name));
  if (unknown !== undefined)
    throw fieldError('ds', `there is no segment '${shown(unknown)}': it is one of ${forms.join(', ')}`);
  // Of several forms an export has the first one.
  return { rows, data: wanted ?? forms.find((form) => segments.includes(form)) ?? 'd2s' };
}

interface DataRow {
  readonly record: string;
  readonly filename: string;
}

function quickData(
  { named }: FoundSet,
  rows: readonly FoundRecord[],
  data: ExportRequest['data'],
  { facts }: DrmsQuestion,
): DataRow[] {
  return rows.flatMap((row): DataRow[] => {
    const record = recordName(named, row.record);
    if (reasonAgainst(row, false) !== undefined) return [{ record, filename: NO_FILE }];
    return unitsOf(row, data, facts.places, facts.table).map(({ url, words, error }) => ({
      record: `${record}{${row.series.kind === 'files' ? (parseItemName(words.item).part ?? '') : data}}`,
      filename: error === undefined ? url : NO_FILE,
    }));
  });
}

/** The staged files: the folder that they have in common, and their names in it; whole addresses where there is none. */
function filesOf(
  address: string,
  { method }: ExportRequest,
  items: readonly ExportItem[],
): { readonly dir: string; readonly names: readonly { readonly item: string; readonly filename: string }[] } {
  const folders = new Set(
    items.flatMap(({ path }) => (path === undefined ? [] : [path.slice(0, path.lastIndexOf('/'))])),
  );
  const [folder] = folders;
  const common = folders.size === 1 && folder !== undefined && method === 'url' ? `${address}/files/${folder}` : '';
  const names = items.map(({ item, path }) => {
    if (path === undefined) return { item, filename: NO_FILE };
    return { item, filename: common === '' ? `${address}/files/${path}` : path.slice(path.lastIndexOf('/') + 1) };
  });
  return { dir: common, names };
}

function recordOf(item: string, names: DrmsQuestion['names']): string {
  const parsed = parseItemName(item);
  const named = names.of(parsed);
  if (named === undefined) return item;
  return `${recordName(named, parsed.first)}${parsed.part === undefined ? '' : `{${parsed.part}}`}`;
}

function sizeOf(rows: readonly FoundRecord[]): number {
  return rows.reduce((sum, row) => sum + (row.bytes ?? 0), 0);
}
