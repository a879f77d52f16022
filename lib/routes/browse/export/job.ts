/**
 * The address of an export that a worker prepares (browse-export 9.1, 9.4, 9.5).
 *
 *   export/ID, export/ID.json           the status                 export/ID/files/PATH      one staged file
 *   export/ID/manifest                  the list of items          export/ID/archive         a bag of what is staged
 *   export/ID/script?lang=              a script that fetches      export/ID.zip, .tar.gz    the same, with a name of its own
 *   POST export/ID/cancel, …/extend, …/repeat
 *
 * Contract: an id is known before anybody is told of it. Whoever knows an id may read and steer the export: only data that need no sign-in are
 * ever staged.
 */

import { exportAddress } from '../../../browse/export/address.js';
import {
  askedItem,
  type ExportItem,
  type ExportRequest,
  type ExportStatus,
  STATE_NUMBERS,
} from '../../../browse/export/documents.js';
import { fetchScript, LANGUAGES, scriptFileName } from '../../../browse/export/fetch-scripts.js';
import type { ExportStore } from '../../../browse/export/store.js';
import type { BrowseFacts } from '../../../browse/facts/facts.js';
import { fieldError } from '../../../browse/faults.js';
import { csvLine } from '../../../browse/forms/csv.js';
import { Das2Error } from '../../../error.js';
import { htmlReply, jsonReply, TEXT_TYPE, textReply } from '../../../reply/build-reply.js';
import type { Reply } from '../../../reply/reply.js';
import { isSameOrigin } from '../../../request/same-origin.js';
import { CSV_TYPE, formOf, privateReply, seeOther } from '../reply.js';
import { exportStore, positionOf, queueExport } from './start.js';

/** Seconds after which it makes sense to look again. */
export const POLL_SECONDS = 5;
const ID_PATH = /^(X\d{8}-[0-9a-z]{8})(\.json|\.zip|\.tar\.gz)?$/;

/** Answers what lies below `export/`. */
export async function browseJob(
  facts: BrowseFacts,
  [name = '', part = '', ...rest]: readonly string[],
): Promise<Reply> {
  const { request } = facts;
  const [, id = '', ending] = ID_PATH.exec(name) ?? [];
  const store = exportStore(facts);
  const [wanted, status] = [store.request(id), store.status(id, facts.now)];
  if (wanted === undefined || status === undefined || (ending !== undefined && part !== '')) {
    throw new Das2Error('notFound', 'there is no such export', { data: { state: 6 } });
  }
  if (['cancel', 'extend', 'repeat'].includes(part)) return steer(facts, store, wanted, status, part);
  if (request.method === 'POST')
    throw new Das2Error('methodNotAllowed', 'this is read by GET', { data: { allow: 'GET, HEAD' } });
  switch (part) {
    case '':
      if (ending === '.zip' || ending === '.tar.gz') return bagReply(facts, store, wanted, status, ending.slice(1));
      return statusReply(facts, store, wanted, status, ending !== undefined);
    case 'manifest':
      return privateReply(facts, textReply(request, manifestOf(store, wanted), { contentType: CSV_TYPE }));
    case 'script':
      return scriptReply(facts, store, wanted, status);
    case 'files': {
      requireData(status);
      const { fileReply } = await import('./job-files.js');
      return privateReply(facts, fileReply(facts, store, wanted, rest.join('/')));
    }
    case 'archive':
      return bagReply(facts, store, wanted, status, request.parameters.get('packaging') ?? 'zip');
    default:
      throw new Das2Error('notFound', 'there is nothing at this address');
  }
}

async function bagReply(
  facts: BrowseFacts,
  store: ExportStore,
  wanted: ExportRequest,
  status: ExportStatus,
  packaging: string,
): Promise<Reply> {
  requireData(status);
  const { archiveReply } = await import('./job-files.js');
  return privateReply(facts, archiveReply(facts, store, wanted, packaging));
}

function requireData({ state }: ExportStatus): void {
  if (state === 'expired')
    throw new Das2Error('gone', 'the data of this export have been removed; repeat the request to have them again');
  if (state === 'cancelled') throw new Das2Error('gone', 'this export was cancelled; its data have been removed');
}

async function steer(
  facts: BrowseFacts,
  store: ExportStore,
  wanted: ExportRequest,
  status: ExportStatus,
  action: string,
): Promise<Reply> {
  const { request, context, now } = facts;
  if (request.method !== 'POST')
    throw new Das2Error('methodNotAllowed', 'this is done by POST', { data: { allow: 'POST' } });
  if (!isSameOrigin(request, context.configuration.text('SERVER_URL'))) {
    throw new Das2Error('forbidden', 'this form is not from a page of this server');
  }
  const { id } = wanted;
  if (action === 'repeat') {
    const { items, method, data } = wanted;
    const again = await queueExport(facts, { items, method, data, repeats: id }, status.bytes, {});
    return seeOther(request, exportAddress(facts, again));
  }
  if (action === 'cancel') {
    if (status.state === 'queued' || status.state === 'running') store.cancel(id);
    if (status.state === 'queued') {
      store.writeStatus(id, { ...status, state: 'cancelled', end: now });
      store.takeMail(id);
    }
  } else if (status.end !== undefined && status.state !== 'expired' && !status.extended) {
    store.writeStatus(id, { ...status, extended: true });
  }
  return seeOther(request, exportAddress(facts, id));
}

async function statusReply(
  facts: BrowseFacts,
  store: ExportStore,
  wanted: ExportRequest,
  status: ExportStatus,
  isJson: boolean,
): Promise<Reply> {
  const { request, context } = facts;
  const form = isJson ? 'json' : formOf(request, ['html', 'json', 'text', 'csv']);
  const value = await statusJson(facts, store, wanted, status);
  const isOpen = status.state === 'queued' || status.state === 'running';
  const headers: [string, string][] = isOpen ? [['Retry-After', String(POLL_SECONDS)]] : [];
  const code = status.state === 'expired' ? 410 : 200;
  if (form === 'json') return privateReply(facts, jsonReply(request, value, { status: code, headers }));
  if (form === 'csv')
    return privateReply(
      facts,
      textReply(request, manifestOf(store, wanted), { status: code, headers, contentType: CSV_TYPE }),
    );
  if (form === 'text') {
    const lines = Object.entries(value).filter(([, one]) => typeof one !== 'object');
    return privateReply(
      facts,
      textReply(request, lines.map(([key, one]) => `${key}\t${String(one)}\n`).join(''), { status: code, headers }),
    );
  }
  const { jobPage } = await import('./job-page.js');
  const auto = isOpen && request.parameters.get('auto') === '1' ? ([['Refresh', String(POLL_SECONDS)]] as const) : [];
  const html = jobPage(context.configuration, facts, {
    wanted,
    status,
    position: value.position,
    items: store.items(wanted.id),
    changed: value.changed,
    expires: store.expires(status),
    wait: POLL_SECONDS,
  });
  return privateReply(facts, htmlReply(request, html, { status: code, headers: [...headers, ...auto] }));
}

/** The status as 9.5 lays it down. */
async function statusJson(facts: BrowseFacts, store: ExportStore, wanted: ExportRequest, status: ExportStatus) {
  const { id } = wanted;
  const self = exportAddress(facts, id);
  const isOpen = status.state === 'queued' || status.state === 'running';
  const time = (milliseconds: number | undefined): string | null =>
    milliseconds === undefined ? null : new Date(milliseconds).toISOString();
  const position = status.state === 'queued' ? await positionOf(facts, id) : undefined;
  return {
    id,
    state: status.state,
    status: STATE_NUMBERS[status.state],
    items: wanted.items.length,
    done: status.done,
    errors: status.errors,
    bytes: status.bytes,
    bytesTotal: isOpen ? null : status.bytes,
    position: position ?? null,
    wait: isOpen ? POLL_SECONDS : 0,
    begin: time(status.begin),
    end: time(status.end),
    expires: time(store.expires(status)),
    message: status.message ?? '',
    changed: isOpen ? null : changedSince(store, wanted),
    links: {
      self: `${self}.json`,
      manifest: `${self}/manifest`,
      archive: `${self}/archive`,
      cancel: `${self}/cancel`,
      repeat: `${self}/repeat`,
      html: self,
    },
  };
}

/** Items of a repeated export whose files are not what they were; null where nothing is repeated. */
function changedSince(store: ExportStore, { id, repeats }: ExportRequest): string[] | null {
  if (repeats === undefined) return null;
  const before = new Map(store.items(repeats).map(({ item, sha256 }) => [item, sha256]));
  return store.items(id).flatMap(({ item, sha256 }) => (before.get(item) === sha256 ? [] : [item]));
}

function manifestOf(store: ExportStore, { id, items }: ExportRequest): string {
  const done = new Map<string, ExportItem[]>();
  for (const one of store.items(id)) done.set(askedItem(one), [...(done.get(askedItem(one)) ?? []), one]);
  const rows = items.flatMap((item) =>
    (done.get(item) ?? [undefined]).map((one) => {
      const state = one === undefined ? 'waiting' : one.error === undefined ? 'delivered' : 'failed';
      return csvLine([one?.item ?? item, state, one?.bytes, one?.sha256, one?.path, one?.url, one?.error]);
    }),
  );
  return ['item,state,bytes,sha256,file,url,error', ...rows].map((line) => `${line}\r\n`).join('');
}

function scriptReply(facts: BrowseFacts, store: ExportStore, { id }: ExportRequest, status: ExportStatus): Reply {
  requireData(status);
  const { request } = facts;
  const word = request.parameters.get('lang') ?? 'curl';
  const language = LANGUAGES.find((name) => name === word);
  if (language === undefined) throw fieldError('lang', `must be one of ${LANGUAGES.join(', ')}`);
  const files = store
    .items(id)
    .flatMap(({ path }) =>
      path === undefined
        ? []
        : [{ file: path.slice(5).replaceAll('/', '_'), url: `${exportAddress(facts, id)}/files/${path}` }],
    );
  const headers: [string, string][] = [['Content-Disposition', `attachment; filename="${scriptFileName(language)}"`]];
  return privateReply(facts, textReply(request, fetchScript(language, files), { contentType: TEXT_TYPE, headers }));
}
