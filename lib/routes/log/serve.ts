/**
 * One request of the log viewer from its first to its last byte, for every front; the sister of serve.ts.
 *
 * Contract: never rejects. What is looked at leaves no trace in the logs, or following a log would fill it; refusals, failed
 * log-ins, deletions and faults do, under the address of the client.
 */
import { type RequestLog, requestLog } from '../../log/request-log.js';
import type { ReplyOutcome } from '../../reply/cgi-reply.js';
import type { Request } from '../../request/request.js';
import { logSettings, type Server } from '../../server/context.js';
import { logFault } from '../failure.js';
import type { ReplyWriter } from '../serve.js';
import { viewLog } from './viewer.js';

/** Serves one request of the viewer. */
export async function serveLog(server: Server, request: Request, write: ReplyWriter): Promise<ReplyOutcome> {
  const settings = logSettings(server.configuration);
  const log = introduced(
    requestLog({ settings, address: request.clientAddress, time: request.receivedAt, id: request.id }),
    request,
  );
  const reply = await viewLog(server, request, log);
  let outcome: ReplyOutcome;
  try {
    outcome = await write(reply);
  } catch (error) {
    logFault(log, request, error);
    outcome = { bytes: 0, firstByteAt: Date.now(), clientGone: false, aborted: true, error };
  }
  log.finish(reply.status);
  return outcome;
}

/** A log whose first line says what the request was, written only when there is something to say. */
function introduced(log: RequestLog, request: Request): RequestLog & { finish(status: number): void } {
  let begun = false;
  const begin = (): void => {
    if (begun) return;
    begun = true;
    log.line(
      `Request ${request.id}: ${request.method} log viewer ${request.mountPath}${request.path}?${request.query}`,
    );
  };
  return {
    line: (text) => {
      begin();
      log.line(text);
    },
    text: (text) => {
      begin();
      log.text(text);
    },
    close: () => log.close(),
    finish: (status) => {
      if (begun) log.line(`Answered ${status}, log viewer`);
      log.close();
    },
  };
}
