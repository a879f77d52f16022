/**
 * `server=list` and `server=discovery`: every source on a line (server-protocol 3.1). The body is kept ready by the index of the
 * source tree; see there for order and content.
 */

import { bytesReply, TEXT_TYPE } from '../reply/build-reply.js';
import type { Reply } from '../reply/reply.js';
import type { Request } from '../request/request.js';
import type { ServerContext } from '../server/context.js';
import { shortHash } from '../short-hash.js';

/** Answers the list. */
export async function listSources(context: ServerContext, request: Request): Promise<Reply> {
  const { body, version } = await context.sources.list();
  return { ...bytesReply(request, body, { contentType: TEXT_TYPE }), isDocument: true, version: shortHash(version) };
}
