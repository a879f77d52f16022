/**
 * The log as page, JSON or text (server-internals 5.2).
 */
import type { LogSubject } from '../../log/log-files.js';
import { logPageMain } from '../../page/log-page.js';
import { jsonReply, textReply } from '../../reply/build-reply.js';
import type { Reply } from '../../reply/reply.js';
import { encodeQueryValue } from '../../request/query-string.js';
import type { Request } from '../../request/request.js';
import { type LogFacts, logPageReply, mainAddress } from './answer.js';
import { deletionToken } from './deletion.js';
import { type LogView, logView } from './view.js';

/** The answer to a query. Throws the refusal of a viewer who may not see the log. */
export async function showLog(facts: LogFacts): Promise<Reply> {
  const { request, query } = facts;
  const view = logView(facts);
  if (query.format === 'json') return jsonReply(request, asJson(facts, view));
  if (query.format === 'text') {
    const lines = view.requests.toReversed().flatMap((shown) => shown.lines);
    return textReply(request, lines.map((line) => `${line}\n`).join(''));
  }
  return logPageReply(facts, titleOf(view), await logMain(facts, view));
}

function titleOf({ subject }: LogView): string {
  return subject === undefined ? 'Log of all addresses' : `Log of ${subject.text}`;
}

async function logMain(facts: LogFacts, view: LogView) {
  const { server, request, query, viewer } = facts;
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

function notesOf({ server }: LogFacts, { scan, isWhole }: LogView): string[] {
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
function asJson({ server, query }: LogFacts, view: LogView): unknown {
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
