/**
 * The log viewer (server-internals 5.2): who may see which log, the filters, and the answer as page, JSON or text.
 *
 * Contract: never rejects. GET and HEAD show; POST with `action=deleteAll` deletes. No answer may be read by pages of other
 * servers, so there are no CORS headers here, whatever other answers carry, and none may be kept.
 */
import { asDas2Error, Das2Error } from '../error.js';
import { filesOf, type LogFile, type LogSubject, listLogFiles, removeLogFiles } from '../log/log-files.js';
import { type LoggedRequest, type LogScan, readLogLines, scanLogs } from '../log/log-requests.js';
import type { RequestLog } from '../log/request-log.js';
import { page } from '../page/layout.js';
import { addressListMain, logPageMain, type ShownRequest } from '../page/log-page.js';
import { bytesReply, htmlReply, jsonReply, textReply } from '../reply/build-reply.js';
import { errorReply } from '../reply/error-reply.js';
import { type Header, mergeHeaders } from '../reply/headers.js';
import type { Reply } from '../reply/reply.js';
import { encodeQueryValue } from '../request/query-string.js';
import type { Request } from '../request/request.js';
import type { Server } from './context.js';
import { logFault } from './failure.js';
import { type LogViewer, logViewer, refusal } from './log-access.js';
import { deletionToken, readForm, requireToken } from './log-deletion.js';
import { type LogQuery, readLogQuery, readSubject } from './log-query.js';

const PAGE_BYTES = 2 << 20;
const MOST_ADDRESSES = 500;
/** Bytes of logs that one search for a request id looks at. */
const SEARCH_BYTES = 256 << 20;
const METHODS = 'GET, HEAD, POST';

/** What an answer is made from. */
interface Facts {
  readonly server: Server;
  readonly request: Request;
  readonly viewer: LogViewer;
  readonly query: LogQuery;
}

/** Answers one request of the viewer. */
export async function viewLog(server: Server, request: Request, log: RequestLog): Promise<Reply> {
  try {
    return guarded(await route(server, request, log), []);
  } catch (error) {
    logFault(log, request, asDas2Error(error));
    const form = request.parameters.get('format') === 'json' ? 'json' : 'text';
    return guarded(errorReply(error, request, { form }), []);
  }
}

async function route(server: Server, request: Request, log: RequestLog): Promise<Reply> {
  if (!['GET', 'HEAD', 'POST'].includes(request.method)) {
    throw new Das2Error('methodNotAllowed', `the method is not supported; use one of ${METHODS}`, {
      data: { allow: METHODS },
    });
  }
  if (request.fault !== undefined) throw request.fault;
  if (request.path !== '' && request.path !== '/') throw new Das2Error('notFound', 'there is nothing at this address');
  const viewer = await logViewer(server.configuration, request, (line) => log.line(line));
  if (request.method === 'POST') return deleteLog(server, request, viewer, log);
  const query = readLogQuery(request);
  if (query.logIn && !viewer.seesAll) throw refusal(viewer, 'seeing all logs');
  const facts = { server, request, viewer, query };
  return query.listAddresses ? listAddresses(facts) : showLog(facts);
}

async function deleteLog(server: Server, request: Request, viewer: LogViewer, log: RequestLog): Promise<Reply> {
  const { configuration } = server;
  const form = await readForm(request);
  if (form.get('action') !== 'deleteAll') throw new Das2Error('illegalArgument', "action must be 'deleteAll'");
  const subject = readSubject(form.get('ip')) ?? viewer.own;
  if (!viewer.seesAll) throw refusal(viewer, 'deleting logs');
  if (subject === undefined) throw new Das2Error('illegalArgument', 'the parameter ip is missing');
  await requireToken({ configuration, request, viewer, subject }, form.get('token'));
  const count = removeLogFiles(filesOf(listLogFiles(configuration.path('LOG_PATH')), subject));
  log.line(`Log of ${subject.text} deleted (${count} files) by ${viewer.user ?? request.clientAddress}`);
  return bytesReply(request, new Uint8Array(0), {
    status: 303,
    contentType: 'text/plain',
    headers: [['Location', `${ownAddress(server, request)}?ip=${encodeQueryValue(subject.text)}`]],
  });
}

/** The address of the viewer: that of the site, if it is set, with the path by which we were called. */
function ownAddress({ configuration }: Server, request: Request): string {
  const site = configuration.text('SERVER_URL');
  return site === undefined ? request.baseUrl : `${/^https?:\/\/[^/]*/i.exec(site)?.[0] ?? ''}${request.mountPath}`;
}

function listAddresses(facts: Facts): Reply {
  const { server, request, viewer, query } = facts;
  if (!viewer.seesAll) throw refusal(viewer, 'the list of addresses');
  const rows = new Map<string, { who: string; changed: number; bytes: number }>();
  for (const { who, mtimeMs, size } of listLogFiles(server.configuration.path('LOG_PATH'))) {
    const row = rows.get(who) ?? { who, changed: mtimeMs, bytes: 0 };
    row.bytes += size;
    rows.set(who, row);
  }
  const latest = [...rows.values()].slice(0, MOST_ADDRESSES).map(({ who, changed, bytes }) => ({
    who,
    changed: new Date(changed).toISOString().slice(0, 19),
    bytes,
    link: `${request.mountPath}?ip=${encodeQueryValue(who)}`,
  }));
  if (query.format === 'json') {
    return jsonReply(request, { addresses: latest.map(({ link: _link, ...row }) => row), total: rows.size });
  }
  if (query.format === 'text') return textReply(request, latest.map(({ who }) => `${who}\n`).join(''));
  return pageReply(facts, 'Logs of this server', addressListMain(latest, rows.size, request.mountPath));
}

async function showLog(facts: Facts): Promise<Reply> {
  const { query, viewer } = facts;
  const subject = subjectOf(facts);
  const { files, isWhole } = filesToScan(facts, subject);
  const scan = scanLogs(files, query.filter);
  const wanted = query.tail === undefined ? scan.requests : scan.requests.slice(0, query.tail);
  const part = onePage(wanted, query.page);
  const view: View = {
    subject,
    scan,
    isWhole,
    total: wanted.length,
    pages: part.pages,
    requests: part.requests.map((request) => shown(request, subject === undefined)),
    days: daysOf(wanted),
  };
  if (query.format === 'json') return jsonReply(facts.request, asJson(facts, view));
  if (query.format === 'text') {
    const lines = view.requests.toReversed().flatMap((request) => request.lines);
    return textReply(facts.request, lines.map((line) => `${line}\n`).join(''));
  }
  return pageReply(facts, titleOf(view), await logMain(facts, view, viewer));
}

/** What is about to be shown. */
interface View {
  /** Undefined: requests of several addresses. */
  readonly subject: LogSubject | undefined;
  readonly scan: LogScan;
  /** All files that could hold something were looked at. */
  readonly isWhole: boolean;
  readonly total: number;
  readonly pages: number;
  readonly requests: readonly ShownRequest[];
  readonly days: readonly string[];
}

/** Whose log is shown. A request id alone is looked for in all logs by those who see them all: undefined. */
function subjectOf({ query, viewer }: Facts): LogSubject | undefined {
  if (query.subject === undefined) {
    if (viewer.seesAll && query.filter.requestId !== undefined) return undefined;
    if (viewer.own !== undefined) return viewer.own;
    if (viewer.seesAll) return undefined;
    throw refusal(viewer, 'a log of requests that came through a proxy');
  }
  if (viewer.seesAll || (query.subject.isAddress && query.subject.key === viewer.own?.key)) return query.subject;
  throw refusal(viewer, 'the log of another address');
}

function filesToScan(
  { server }: Facts,
  subject: LogSubject | undefined,
): { files: readonly LogFile[]; isWhole: boolean } {
  const all = listLogFiles(server.configuration.path('LOG_PATH'));
  if (subject !== undefined) return { files: filesOf(all, subject), isWhole: true };
  let left = SEARCH_BYTES;
  const files = all.filter((file) => {
    left -= file.size;
    return left >= 0;
  });
  return { files, isWhole: files.length === all.length };
}

/** The requests of one page: as many as fit into 2 MiB, at least one. */
function onePage(
  requests: readonly LoggedRequest[],
  wanted: number,
): { requests: readonly LoggedRequest[]; pages: number } {
  let pages = 1;
  let bytes = 0;
  const part: LoggedRequest[] = [];
  for (const request of requests) {
    if (bytes > 0 && bytes + request.bytes > PAGE_BYTES) {
      pages++;
      bytes = 0;
    }
    bytes += request.bytes;
    if (pages === wanted) part.push(request);
  }
  return { requests: part, pages };
}

function shown(request: LoggedRequest, withAddress: boolean): ShownRequest {
  const iso = new Date(request.time).toISOString();
  return {
    day: iso.slice(0, 10),
    clock: iso.slice(11, 19),
    pid: request.pid,
    who: withAddress ? request.file.who : undefined,
    requestId: request.requestId,
    outcome: outcomeOf(request),
    lines: readLogLines(request, PAGE_BYTES),
    isCut: request.bytes > PAGE_BYTES,
  };
}

function outcomeOf({ status, level }: LoggedRequest): string {
  const words = { info: '', warning: 'refused or left by the client', error: 'failed' }[level];
  if (status === undefined) return words === '' ? 'no end is logged' : `${words}, no end is logged`;
  return words === '' ? `Status ${status}` : `Status ${status}, ${words}`;
}

function daysOf(requests: readonly LoggedRequest[]): string[] {
  return [...new Set(requests.map(({ time }) => new Date(time).toISOString().slice(0, 10)))].sort().reverse();
}

function titleOf({ subject }: View): string {
  return subject === undefined ? 'Log of all addresses' : `Log of ${subject.text}`;
}

async function logMain(facts: Facts, view: View, viewer: LogViewer) {
  const { server, request, query } = facts;
  const { configuration } = server;
  const { subject } = view;
  const token =
    viewer.seesAll && subject !== undefined
      ? await deletionToken({ configuration, request, viewer, subject })
      : undefined;
  return logPageMain({
    title: titleOf(view),
    clock: configuration.flag('LOG_LOCALTIME') ? 'local time' : 'UTC',
    lookedFor: `das2.${subject?.text ?? '*'}_*.log`,
    requests: view.requests,
    total: view.total,
    page: query.page,
    pages: view.pages,
    days: view.days,
    notes: notesOf(facts, view),
    link: (changes) => linkWith(request, subject, changes),
    form: { action: request.mountPath, ip: viewer.seesAll ? (subject?.text ?? '') : undefined, values: query.shown },
    deletion:
      token === undefined || subject === undefined
        ? undefined
        : { action: request.mountPath, subject: subject.text, token },
    mainAddress: mainAddress(facts),
    seesAll: viewer.seesAll,
    canLogIn: viewer.canLogIn,
  });
}

function notesOf({ server }: Facts, { scan, isWhole }: View): string[] {
  const notes: string[] = [];
  if (server.configuration.path('LOG_PATH') === undefined) {
    notes.push(
      'This server writes its log to standard error (LOG_PATH is not set): look into the log of the web server.',
    );
  }
  if (scan.skippedBytes > 0) notes.push(`The first ${scan.skippedBytes} bytes of a large file were not looked at.`);
  if (!isWhole) notes.push('There are more logs than one search looks at; name an address to see older ones.');
  if (scan.otherLines > 0) notes.push(`${scan.otherLines} lines of another form are not shown.`);
  return notes;
}

/** The address of this page with other parameters; made from what was understood, not from what was sent. */
function linkWith(
  request: Request,
  subject: LogSubject | undefined,
  changes: Readonly<Record<string, string | undefined>>,
): string {
  const values = new Map<string, string | undefined>();
  if (subject !== undefined) values.set('ip', subject.text);
  for (const key of ['day', 'from', 'to', 'request', 'grep', 'level', 'status', 'tail', 'page']) {
    values.set(key, request.parameters.get(key));
  }
  for (const [key, value] of Object.entries(changes)) values.set(key, value);
  const pairs = [...values].flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${encodeQueryValue(value)}`],
  );
  return `${request.mountPath}?${pairs.join('&')}`;
}

/** Page as JSON: the same facts under stable names, the latest request first. */
function asJson({ server, query }: Facts, view: View): unknown {
  return {
    log: view.subject?.text ?? '*',
    clock: server.configuration.flag('LOG_LOCALTIME') ? 'local' : 'UTC',
    total: view.total,
    page: query.page,
    pages: view.pages,
    ...(view.scan.skippedBytes > 0 && { skippedBytes: view.scan.skippedBytes }),
    requests: view.requests.map(({ day, clock, pid, who, requestId, outcome, lines }) => ({
      time: `${day}T${clock}`,
      pid,
      ...(who !== undefined && { address: who }),
      ...(requestId !== undefined && { requestId }),
      outcome,
      lines,
    })),
  };
}

/** The page in the frame of the main program, whose style sheet and logo it uses. */
function pageReply(facts: Facts, title: string, main: Parameters<typeof page>[2]['main']): Reply {
  const { server, request, query } = facts;
  const address = mainAddress(facts);
  const frame = page(server.configuration, { ...request, mountPath: address.replace(/\/+$/, '') }, { title, main });
  const refresh: Header[] = query.refresh === undefined ? [] : [['Refresh', String(query.refresh)]];
  const reply = htmlReply(request, frame);
  return guarded(reply, [
    ['Content-Security-Policy', "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"],
    ...refresh,
  ]);
}

/** `MAIN_SRV_URL`: absolute if it contains `//`, else beside the viewer. */
function mainAddress({ server, request }: Facts): string {
  const url = server.configuration.text('MAIN_SRV_URL') ?? 'server';
  if (/^(?:https?:)?\/\//i.test(url)) return url;
  return `${request.mountPath.slice(0, request.mountPath.lastIndexOf('/'))}/${url.replace(/^\/+/, '')}`;
}

/** Takes away what would let others read or keep the answer. */
function guarded(reply: Reply, headers: readonly Header[]): Reply {
  const kept = reply.headers.filter(([name]) => !name.startsWith('Access-Control-'));
  return {
    ...reply,
    headers: mergeHeaders(kept, [['Cache-Control', 'no-store']], [['Vary', 'Authorization']], headers),
  };
}
