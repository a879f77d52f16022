/**
 * Paths below `/source` (server-protocol 6.3, 6.4, 6.6):
 *
 *   /source/  /source/<dir>/  /source/<dir>/index.json     one level of the catalog
 *   /source/<id>  /source/<id>.json                        definition of a source as JSON
 *   /source/<id>/das2.d2t                                  as server=dsdf
 *   /source/<id>/das2                                      as /data/<id>
 *   /source/[<dir>/]index.html  /source/<id>.html          the same for people
 *   /source/<dir>  /source/<dir>.json  /source/<dir>.html  to the level or its page, unless a source has the name
 *
 * The extension alone decides between JSON and pages: a client is never taken for a person by its headers (2.2).
 */

import { Das2Error, isDas2Error } from '../../error.js';
import { jsonReply, redirectReply } from '../../reply/build-reply.js';
import type { Reply } from '../../reply/reply.js';
import { macroParameters } from '../../request/data-parameters.js';
import { encodeQueryValue } from '../../request/query-string.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import { foreignServer, redirectFor, sameQuery } from '../../server/redirect.js';
import { normalizeId } from '../../source/definition/source-id.js';
import type { Source } from '../../source/source.js';
import { sourceOf } from '../../source/source-definitions.js';
import { oneLevel } from '../catalog.js';
import { describe } from '../dsdf.js';
import { streamSourceObject } from './object.js';

/** Answers one path below `/source`. */
export async function sourcePath(context: ServerContext, request: Request): Promise<Reply> {
  const name = request.path.slice('/source/'.length);
  try {
    return await answer(context, request, name);
  } catch (error) {
    if (!isDas2Error(error) || error.code !== 'noSuchSource') throw error;
    const moved = await folderRedirect(context, request, name);
    if (moved === undefined) throw error;
    return moved;
  }
}

async function answer(context: ServerContext, request: Request, name: string): Promise<Reply> {
  if (name === '' || name.endsWith('/')) return oneLevel(context, request, name);
  if (name === 'index.json' || name.endsWith('/index.json')) {
    const folder = name.slice(0, -'index.json'.length);
    // A source may be called index.
    if (folder === '' || context.sources.find(name.slice(0, -'.json'.length)) === undefined) {
      return oneLevel(context, request, folder);
    }
  }
  if (name.endsWith('.html') && context.sources.find(name) === undefined) return htmlPage(context, request, name);
  const alias = /^(.+)\/(das2|das2\.d2t)$/.exec(name);
  if (alias !== null && context.sources.find(name) === undefined) {
    const id = alias[1] ?? '';
    if (alias[2] === 'das2.d2t') return describe(context, request, id);
    return (await import('../data/dataset.js')).dataset(context, request);
  }
  return sourceDefinition(context, request, name);
}

/** The way to a folder whose name came without its slash; undefined if there is none. */
async function folderRedirect(context: ServerContext, request: Request, name: string): Promise<Reply | undefined> {
  const [, stem = '', extension = ''] = /^(.*?)(\.json|\.html)?$/s.exec(name) ?? [];
  const { records } = await context.sources.list();
  const isFolder = (path: string): boolean => records.some((record) => record.isFolder && record.path === `${path}/`);
  const place = isFolder(name) ? `${name}/` : isFolder(stem) ? `${stem}/index${extension}` : undefined;
  if (place === undefined) return undefined;
  return redirectReply(request, `${request.baseUrl}/source/${encodeQueryValue(place)}${sameQuery(request)}`);
}

/** A page: `name` ends in `.html` and is no source itself. */
async function htmlPage(context: ServerContext, request: Request, name: string): Promise<Reply> {
  const plain = name.slice(0, -'.html'.length);
  if (plain === 'index' || (plain.endsWith('/index') && context.sources.find(plain) === undefined)) {
    return (await import('./tree-page.js')).treePage(context, request, plain.slice(0, -'index'.length));
  }
  if (normalizeId(plain) === '') throw noSuchSource();
  const source = describedSource(context, request, plain);
  context.notes.dataset = source.id;
  const moved = redirectFor(context, request, { source, asked: plain, question: 'description' });
  return moved ?? (await import('./page.js')).sourcePage(context, request, source);
}

/** The source, described without the query where that does not suit its macros: the page then says what is wrong. */
export function describedSource(context: ServerContext, request: Request, id: string): Source {
  try {
    return sourceOf(context.sources, id, macroParameters(request));
  } catch (error) {
    if (!isDas2Error(error) || error.code !== 'illegalArgument') throw error;
    return sourceOf(context.sources, id);
  }
}

function noSuchSource(): Das2Error {
  return new Das2Error('noSuchSource', 'there is no such data source on this server; server=list names all of them');
}

function sourceDefinition(context: ServerContext, request: Request, name: string): Reply {
  const { sources } = context;
  const plain = name.endsWith('.json') && sources.find(name) === undefined ? name.slice(0, -'.json'.length) : name;
  if (normalizeId(plain) === '') throw noSuchSource();
  const source = sourceOf(sources, plain, macroParameters(request));
  context.notes.dataset = source.id;
  const moved = redirectFor(context, request, { source, asked: plain, question: 'description' });
  if (moved !== undefined) return moved;
  const server = foreignServer(context, request, source);
  if (server !== undefined) {
    return redirectReply(request, `${server}?server=dsdf&dataset=${encodeQueryValue(source.id)}`);
  }
  return jsonReply(request, streamSourceObject(context, request, source));
}
