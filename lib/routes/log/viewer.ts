/**
 * The log viewer (server-internals 5.2): who may see which log, what is asked for, and the deletion of a log.
 *
 * Contract: never rejects. GET and HEAD show; POST with `action=deleteAll` deletes.
 */
import { asDas2Error, Das2Error } from '../../error.js';
import { filesOf, listLogFiles, removeLogFiles } from '../../log/log-files.js';
import type { RequestLog } from '../../log/request-log.js';
import { bytesReply } from '../../reply/build-reply.js';
import { errorReply } from '../../reply/error-reply.js';
import type { Reply } from '../../reply/reply.js';
import { encodeQueryValue } from '../../request/query-string.js';
import type { Request } from '../../request/request.js';
import type { Server } from '../../server/context.js';
import { logFault } from '../failure.js';
import { type LogViewer, logViewer, refusal } from './access.js';
import { listLogAddresses } from './addresses.js';
import { guardedLogReply } from './answer.js';
import { readForm, requireToken } from './deletion.js';
import { readLogQuery, readSubject } from './query.js';
import { showLog } from './show.js';

const METHODS = 'GET, HEAD, POST';

/** Answers one request of the viewer. */
export async function viewLog(server: Server, request: Request, log: RequestLog): Promise<Reply> {
  try {
    return guardedLogReply(await route(server, request, log), []);
  } catch (error) {
    logFault(log, request, asDas2Error(error));
    const form = request.parameters.get('format') === 'json' ? 'json' : 'text';
    return guardedLogReply(errorReply(error, request, { form }), []);
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
  return query.listAddresses ? listLogAddresses(facts) : showLog(facts);
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
