/**
 * One request of the browse program from its first to its last byte, for every front (browse-export): log, routes, access record.
 */
import type { ReplyOutcome } from '../../reply/cgi-reply.js';
import type { Request } from '../../request/request.js';
import type { Server } from '../../server/context.js';
import { type ReplyWriter, serve } from '../serve.js';
import { answerBrowse } from './router.js';

/** Serves one request of the browse program. */
export function serveBrowse(server: Server, request: Request, write: ReplyWriter): Promise<ReplyOutcome> {
  return serve(server, request, write, { handle: answerBrowse, atPublicPath: besideMain });
}

/** `SERVER_URL` is the address of the main program: this one lies beside it, under its own last name. */
function besideMain(received: Request, serverUrl: string | undefined): Request {
  const [, origin, path = ''] = /^(https?:\/\/[^/?#]*)([^?#]*)/i.exec(serverUrl ?? '') ?? [];
  if (origin === undefined) return received;
  const parent = path.replace(/\/+$/, '').replace(/\/[^/]*$/, '');
  const mountPath = `${parent}/${received.mountPath.slice(received.mountPath.lastIndexOf('/') + 1)}`;
  return { ...received, mountPath, baseUrl: `${origin}${mountPath}` };
}
