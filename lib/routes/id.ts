/** `server=id`: the name of the site on one line (server-protocol 3.4). Clients show the whole body as a title. */
import { configurationError } from '../conf/configuration-error.js';
import { textReply } from '../reply/build-reply.js';
import type { Reply } from '../reply/reply.js';
import type { Request } from '../request/request.js';
import type { ServerContext } from '../server/context.js';

/** Answers `SITE_NAME`, else `SERVER_ID`, with CRLF; a site without either is not configured. */
export function siteId(context: ServerContext, request: Request): Reply {
  const { configuration } = context;
  const name = configuration.text('SITE_NAME') ?? configuration.text('SERVER_ID');
  if (name === undefined) throw configurationError('neither SITE_NAME nor SERVER_ID is set');
  return textReply(request, `${name.replace(/[\0-\x1f\x7f]+/g, ' ')}\r\n`);
}
