/**
 * `/static/<file>`: files of the site below `RESOURCE_PATH`, else the built-in copy (server-protocol 3.11).
 *
 * Contract: every segment of the name must match the pattern of source ids, so hidden files, `..` and absolute paths do not exist
 * here; symbolic links obey the same rule as below `DSDF_ROOT` (server-internals 8.5). What may not be served is a 404.
 */
import { Das2Error } from '../error.js';
import { embeddedReply, type FileReplyOptions, fileReply } from '../reply/file-reply.js';
import type { Header } from '../reply/headers.js';
import { disposition, mediaTypeOf } from '../reply/media-type.js';
import type { Reply } from '../reply/reply.js';
import type { Request } from '../request/request.js';
import type { ServerContext } from '../server/context.js';
import { PathRules } from '../source/tree/path-rules.js';

const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/;

/** Answers one file below `/static/`. */
export function staticFile(context: ServerContext, request: Request): Reply | Promise<Reply> {
  const name = request.path.slice('/static/'.length);
  const segments = name.split('/');
  if (name === '' || name.length > 255 || !segments.every((segment) => SEGMENT.test(segment))) throw missing();
  const options = replyOptions(name, request);
  const root = context.configuration.path('RESOURCE_PATH');
  const file = root === undefined ? undefined : resourceFile(root, segments, (line) => context.log.line(line));
  const reply = file === undefined ? undefined : fileReply(request, file, options);
  return reply ?? builtIn(name, request, options);
}

/** Path of a usable file below the root, or undefined. Each folder on the way may be a link that the rules refuse. */
export function resourceFile(
  root: string,
  segments: readonly string[],
  warn: (line: string) => void,
): string | undefined {
  const rules = new PathRules({
    root,
    allowRoots: [],
    refused: (path, reason) => warn(`static file ${path}: ${reason}`),
  });
  for (let depth = 1; depth < segments.length; depth++) {
    if (rules.entry(segments.slice(0, depth).join('/'))?.stats.isDirectory() !== true) return undefined;
  }
  const path = segments.join('/');
  return rules.entry(path)?.stats.isFile() === true ? `${root}/${path}` : undefined;
}

function replyOptions(name: string, request: Request): FileReplyOptions {
  const type = mediaTypeOf(name);
  const base = name.slice(name.lastIndexOf('/') + 1);
  const headers: Header[] =
    type?.disposition === undefined ? [] : [['Content-Disposition', disposition(type.disposition, base)]];
  // A drawing may hold scripts: opened as a page of its own it must not run them.
  if (type?.contentType === 'image/svg+xml')
    headers.push(['Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'"]);
  // A cache between us and them must not give one kind of client the type of the other.
  if (type?.browserType !== undefined) headers.push(['Vary', 'User-Agent']);
  const contentType = type === undefined ? 'application/octet-stream' : type.contentType;
  return { contentType: (request.isBrowser ? type?.browserType : undefined) ?? contentType, headers, cacheable: true };
}

async function builtIn(name: string, request: Request, options: FileReplyOptions): Promise<Reply> {
  const { embeddedFile } = await import('../page/embedded.js');
  const file = embeddedFile(name);
  if (file === undefined) throw missing();
  return embeddedReply(request, file, options);
}

function missing(): Das2Error {
  return new Das2Error('notFound', 'there is no such file');
}
