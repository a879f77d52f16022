/**
 * Paths below `/source` (server-protocol 6.3, 6.4, 6.6):
 *
 *   /source/  /source/<dir>/  /source/<dir>/index.json     one level of the catalog
 *   /source/<id>  /source/<id>.json                        definition of a source as JSON
 *   /source/<id>/das2.d2t                                  as server=dsdf
 *   /source/<id>/das2                                      as /data/<id>
 */
import { Das2Error } from '../error.js';
import { jsonReply, redirectReply } from '../reply/build-reply.js';
import type { Reply } from '../reply/reply.js';
import { macroParameters } from '../request/data-parameters.js';
import { sameServer } from '../request/own-url.js';
import { encodeQueryValue } from '../request/query-string.js';
import type { Request } from '../request/request.js';
import { normalizeId } from '../source/source-id.js';
import { oneLevel } from './catalog.js';
import type { ServerContext } from './context.js';
import { describe } from './dsdf.js';
import { redirectFor } from './redirect.js';
import { streamSourceObject } from './source-object.js';

/** Answers one path below `/source`. */
export async function sourcePath(context: ServerContext, request: Request): Promise<Reply> {
  const name = request.path.slice('/source/'.length);
  if (name === '' || name.endsWith('/')) return oneLevel(context, request, name);
  if (name === 'index.json' || name.endsWith('/index.json')) {
    const folder = name.slice(0, -'index.json'.length);
    // A source may be called index.
    if (folder === '' || context.sources.find(name.slice(0, -'.json'.length)) === undefined) {
      return oneLevel(context, request, folder);
    }
  }
  const alias = /^(.+)\/(das2|das2\.d2t)$/.exec(name);
  if (alias !== null && context.sources.find(name) === undefined) {
    const id = alias[1] ?? '';
    if (alias[2] === 'das2.d2t') return describe(context, request, id);
    return (await import('./dataset.js')).dataset(context, request);
  }
  return sourceDefinition(context, request, name);
}

function sourceDefinition(context: ServerContext, request: Request, name: string): Reply {
  const { sources } = context;
  const plain = name.endsWith('.json') && sources.find(name) === undefined ? name.slice(0, -'.json'.length) : name;
  if (normalizeId(plain) === '') throw new Das2Error('noSuchSource', 'there is no such data source on this server');
  const source = sources.source(plain, macroParameters(request));
  context.notes.dataset = source.id;
  const moved = redirectFor(context, request, { source, asked: plain, question: 'description' });
  if (moved !== undefined) return moved;
  const { server } = source.redirect;
  if (server !== undefined && !context.configuration.flag('IGNORE_REDIRECT') && !sameServer(server, request.baseUrl)) {
    return redirectReply(request, `${server.replace(/\/+$/, '')}?server=dsdf&dataset=${encodeQueryValue(source.id)}`);
  }
  return jsonReply(request, streamSourceObject(context, request, source));
}
