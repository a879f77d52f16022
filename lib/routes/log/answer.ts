/**
 * Answers of the log viewer (server-internals 5.2): the page in the frame of the site, and what no answer may lack.
 *
 * Contract: no answer may be read by pages of other servers, so there are no CORS headers here, whatever other answers carry, and none may
 * be kept.
 */
import { page } from '../../page/layout.js';
import { htmlReply } from '../../reply/build-reply.js';
import { type Header, mergeHeaders, withoutCors } from '../../reply/headers.js';
import type { Reply } from '../../reply/reply.js';
import type { Request } from '../../request/request.js';
import type { Server } from '../../server/context.js';
import type { LogViewer } from './access.js';
import type { LogQuery } from './query.js';

/** What an answer is made from. */
export interface LogFacts {
  readonly server: Server;
  readonly request: Request;
  readonly viewer: LogViewer;
  readonly query: LogQuery;
}

/** The page in the frame of the main program, whose style sheet and logo it uses. */
export function logPageReply(facts: LogFacts, title: string, main: Parameters<typeof page>[2]['main']): Reply {
  const { server, request, query } = facts;
  const address = mainAddress(facts);
  const frame = page(server.configuration, { ...request, mountPath: address.replace(/\/+$/, '') }, { title, main });
  const refresh: Header[] = query.refresh === undefined ? [] : [['Refresh', String(query.refresh)]];
  const reply = htmlReply(request, frame);
  return guardedLogReply(reply, [
    ['Content-Security-Policy', "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"],
    ...refresh,
  ]);
}

/** `MAIN_SRV_URL`: absolute if it contains `//`, else beside the viewer. */
export function mainAddress({ server, request }: LogFacts): string {
  const url = server.configuration.text('MAIN_SRV_URL') ?? 'server';
  if (/^(?:https?:)?\/\//i.test(url)) return url;
  return `${request.mountPath.slice(0, request.mountPath.lastIndexOf('/'))}/${url.replace(/^\/+/, '')}`;
}

/** Takes away what would let others read or keep the answer. */
export function guardedLogReply(reply: Reply, headers: readonly Header[]): Reply {
  return {
    ...reply,
    headers: mergeHeaders(
      withoutCors(reply.headers),
      [['Cache-Control', 'no-store']],
      [['Vary', 'Authorization']],
      headers,
    ),
  };
}
