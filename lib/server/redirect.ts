/**
 * Sources that moved: `rename` and `server` of their definitions as redirects (server-protocol 3.3.1, 3.3.2).
 *
 * Contract: decided before authorisation and range checks. The query is rebuilt from its raw pieces: only the value of
 * `dataset` is replaced, every other pair stays as it was sent. A source that moved to itself, or in a circle, is a fault of its
 * definition, never an endless chase for the client.
 */

import { redirectReply } from '../reply/build-reply.js';
import type { Reply } from '../reply/reply.js';
import { sameServer } from '../request/own-url.js';
import { decodeQueryText, encodeQueryValue, splitQuery } from '../request/query-string.js';
import type { Request } from '../request/request.js';
import { definitionError } from '../source/definition/definition-error.js';
import { normalizeId } from '../source/definition/source-id.js';
import { renameFault } from '../source/rename-chain.js';
import type { Source } from '../source/source.js';
import type { ServerContext } from './context.js';

export interface RedirectQuestion {
  readonly source: Source;
  /** The source as the client wrote it. */
  readonly asked: string;
  /** Descriptions of foreign sources are served here; everything that runs a reader is redirected. */
  readonly question: 'description' | 'data';
}

/** The redirect that a request for this source calls for; undefined if it is served here. */
export function redirectFor(context: ServerContext, request: Request, moved: RedirectQuestion): Reply | undefined {
  const { source, question } = moved;
  const { rename } = source.redirect;
  const server = foreignServer(context, request, source);
  if (rename === undefined && (server === undefined || question === 'description')) return undefined;
  const id = rename === undefined ? source.id : normalizeId(rename);
  const isHere = rename !== undefined && context.sources.find(id) !== undefined;
  const target = question === 'description' && isHere ? undefined : server;
  const fault = target === undefined ? renameFault(context.sources, source) : undefined;
  if (fault !== undefined) throw definitionError(fault);
  const location = `${target ?? request.baseUrl}${newPath(request, moved.asked, id)}${newQuery(request, id)}`;
  context.log.line(`Redirect to ${location}`);
  return redirectReply(request, location);
}

/** The server that has the data, without trailing slash, if it is another one and redirects are not ignored. */
export function foreignServer(
  { configuration }: Pick<ServerContext, 'configuration'>,
  request: Pick<Request, 'baseUrl'>,
  source: Source,
): string | undefined {
  const { server } = source.redirect;
  if (server === undefined || configuration.flag('IGNORE_REDIRECT')) return undefined;
  if (!/^https?:\/\/[!-~]+$/i.test(server)) throw definitionError(`${source.id}: server is not the URL of a server`);
  return sameServer(server, request.baseUrl) ? undefined : server.replace(/\/+$/, '');
}

/** The path behind the mount point, with the old id replaced where the path names the source. */
function newPath(request: Request, asked: string, id: string): string {
  let { path } = request;
  const { parameters } = request;
  // Where the query asks by `server` and `dataset` the path, if there is one, means nothing.
  if (!(parameters.has('server') && parameters.has('dataset')) && asked !== '') {
    const at = path.lastIndexOf(`/${asked}`) + 1;
    const rest = path.slice(at + asked.length);
    // Behind an id: nothing, an extension (`.json`) or a further segment (`/das2`).
    if (at > 0 && /^(?:$|[./])/.test(rest)) path = path.slice(0, at) + id + rest;
  }
  return path.split('/').map(encodeURIComponent).join('/');
}

function newQuery(request: Request, id: string): string {
  return sameQuery(request, (piece) => {
    const equals = piece.indexOf('=');
    return equals >= 0 && decodeQueryText(piece.slice(0, equals)) === 'dataset'
      ? `${piece.slice(0, equals)}=${encodeQueryValue(id)}`
      : piece;
  });
}

/**
 * The query as it was sent, `?` included, for the address of a redirect; '' if there is none. `changed` may put other text in the place of
 * a `key=value`. A front may hand over what cannot stand in an address; in a header it must be percent-encoded.
 */
export function sameQuery(
  { query }: Pick<Request, 'query'>,
  changed: (piece: string) => string = (piece) => piece,
): string {
  const pieces = splitQuery(query).map((piece) =>
    changed(piece).replace(/[^!-~]|["<>\\^`{|}]/gu, (letter) =>
      encodeURIComponent(letter.replace(/[\ud800-\udfff]/u, '\ufffd')),
    ),
  );
  return pieces.length === 0 ? '' : `?${pieces.join('&')}`;
}
