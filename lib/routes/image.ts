/** `server=image`: a plot made by the server (server-protocol 3.7). Sites without a plot program do not provide it. */
import { Das2Error } from '../error.js';
import type { Reply } from '../reply/reply.js';
import type { Request } from '../request/request.js';
import type { ServerContext } from './context.js';

/** Refuses: there is no plot program. */
export function image(_context: ServerContext, _request: Request): Reply {
  throw new Das2Error('notImplemented', 'this server does not make plots');
}
