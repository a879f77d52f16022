/**
 * One request from its first to its last byte, the same for every front: log, routes, writing, access record.
 *
 * Contract: never rejects. `write` is the front's way to send an answer; what it reports decides the exit status of a CGI
 * program. The access record is written after the last byte, so the client does not wait for it.
 */
import { type AccessRecord, writeAccessRecord } from '../log/access-log.js';
import { requestLog, SILENT_LOG } from '../log/request-log.js';
import type { ReplyOutcome } from '../reply/cgi-reply.js';
import { headersForOneAddress } from '../reply/headers.js';
import type { Reply } from '../reply/reply.js';
import type { Request } from '../request/request.js';
import { logSettings, makeContext, type Server, type ServerContext } from '../server/context.js';
import { handle } from './router.js';

export type ReplyWriter = (reply: Reply) => ReplyOutcome | Promise<ReplyOutcome>;

/** What differs between the programs that answer requests. */
export interface ServedProgram {
  /** Never rejects. */
  handle(context: ServerContext, request: Request): Reply | Promise<Reply>;
  /** The request under the addresses that clients know. */
  atPublicPath(received: Request, serverUrl: string | undefined): Request;
}

const MAIN_PROGRAM: ServedProgram = { handle, atPublicPath };

/** Serves one request, by default of the main program. */
export async function serve(
  server: Server,
  received: Request,
  write: ReplyWriter,
  program = MAIN_PROGRAM,
): Promise<ReplyOutcome> {
  const request = program.atPublicPath(received, server.configuration.text('SERVER_URL'));
  const settings = logSettings(server.configuration);
  // Style sheets and logos would fill the log with nothing.
  const isStatic = request.path.startsWith('/static/') && !request.parameters.has('server');
  const log = isStatic
    ? SILENT_LOG
    : requestLog({ settings, address: request.clientAddress, time: request.receivedAt, id: request.id });
  const context = makeContext(server, log);
  logInput(context, request);
  const made = await program.handle(context, request);
  const reply = context.notes.byAddress ? { ...made, headers: headersForOneAddress(made.headers) } : made;
  let outcome: ReplyOutcome;
  try {
    outcome = await write(reply);
  } catch (error) {
    outcome = { bytes: 0, firstByteAt: Date.now(), clientGone: false, aborted: true, error };
  }
  if (context.afterwards.length > 0) outcome.letGo?.();
  if (outcome.error !== undefined) (await import('./failure.js')).logFault(log, request, outcome.error);
  const now = Date.now();
  log.line(
    `Answered ${reply.status}, ${outcome.bytes} bytes in ${seconds(now - request.receivedAt)} s` +
      `${outcome.clientGone ? ', client has gone' : ''}${outcome.aborted ? ', answer was cut' : ''}`,
  );
  if (!isStatic) {
    const fault = writeAccessRecord(settings, accessRecord({ context, request, reply, outcome, now }));
    if (fault !== undefined) log.line(`Access record lost: das2.access_*.log in LOG_PATH cannot be written (${fault})`);
  }
  if (context.notes.begin !== undefined && reply.status === 200 && server.configuration.flag('USAGE_JOBS')) {
    await (await import('./usage-job.js')).queueUsage(context, request);
  }
  for (const work of context.afterwards) {
    try {
      await work(outcome);
    } catch (error) {
      (await import('./failure.js')).logFault(log, request, error);
    }
  }
  log.close();
  return outcome;
}

/** Where `SERVER_URL` is set, pages link to the path in it: a proxy in front may map it to another one here. */
function atPublicPath(request: Request, serverUrl: string | undefined): Request {
  if (serverUrl === undefined) return request;
  const path = pathOf(request.baseUrl);
  return path === undefined || path === request.mountPath ? request : { ...request, mountPath: path };
}

function pathOf(url: string): string | undefined {
  return /^https?:\/\/[^/?#]*([^?#]*)/i.exec(url)?.[1];
}

function logInput(context: ServerContext, request: Request): void {
  const query = request.query === '' ? '' : `?${maskSecrets(request.query)}`;
  context.log.line(
    `Request ${request.id}: ${request.method} ${request.baseUrl}${request.path}${query}`,
    `From ${request.clientAddress || 'unknown address'} by ${request.userAgent || 'unnamed program'}`,
  );
}

function accessRecord(facts: {
  readonly context: ServerContext;
  readonly request: Request;
  readonly reply: Reply;
  readonly outcome: ReplyOutcome;
  readonly now: number;
}): AccessRecord {
  const { context, request, reply, outcome, now } = facts;
  const { qstream: _qstream, byAddress: _byAddress, ...notes } = context.notes;
  return {
    time: new Date(request.receivedAt).toISOString(),
    address: request.clientAddress,
    method: request.method,
    path: request.path,
    ...notes,
    status: reply.status,
    bytes: outcome.bytes,
    firstByte: Number(seconds(outcome.firstByteAt - request.receivedAt)),
    duration: Number(seconds(now - request.receivedAt)),
    ...(outcome.clientGone ? { gone: true } : {}),
    ...(outcome.aborted ? { aborted: true } : {}),
    requestId: request.id,
    agent: request.userAgent,
  };
}

function seconds(milliseconds: number): string {
  return (Math.max(0, milliseconds) / 1000).toFixed(3);
}

/** Old clients send passwords in queries. */
function maskSecrets(query: string): string {
  const words = query.toLowerCase();
  return words.includes('pass') || words.includes('key') ? masked(query) : query;
}

function masked(query: string): string {
  return query.replace(/((?:^|[&;])(?:passwd|password|key|newPasswd)=)[^&;]*/gi, '$1***');
}
