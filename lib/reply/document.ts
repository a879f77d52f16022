/**
 * What text documents have beyond their bytes: a validator, so that who has the document already gets 304 (RFC 9110 13), and
 * gzip for clients that ask for it (RFC 9110 12.5.3).
 *
 * Contract: lists, JSON, pages, style sheets and their kin only. Streams of either das2 kind are never touched, whatever type they
 * go by, since no das2 client undoes a coding (server-protocol T4); neither are errors, pictures and piped data. A client that
 * asks for nothing costs a sum over the bytes at most; zlib is loaded for those who ask.
 */
import type { Request } from '../request/request.js';
import type { Header } from './headers.js';
import type { Reply } from './reply.js';

/** Types that are always documents; `text/plain` may as well be a stream shown to a browser. */
const DOCUMENT_TYPE = /^(?:application\/json|text\/(?:html|css|xml|csv|javascript)|image\/svg\+xml)(?:;|$)/;
/** Below this gzip saves no packet on the network. */
const SMALLEST_CODED = 1200;

/** The answer as this client gets it. */
export function finishDocument(request: Request, reply: Reply): Reply | Promise<Reply> {
  const { body } = reply;
  if (reply.status === 304 && isDocument(reply)) return { ...reply, headers: withVary(reply.headers) };
  if (reply.status !== 200 || body.kind !== 'bytes' || !isDocument(reply)) return reply;
  let headers = reply.headers;
  if (headerValue(headers, 'ETag') === undefined) {
    const tag = `W/"${reply.version ?? sumOf(body.bytes)}"`;
    headers = [...headers, ['ETag', tag]];
    if (matchesTag(request, tag)) return unchanged(reply, headers);
  }
  if (body.bytes.length < SMALLEST_CODED) return { ...reply, headers };
  const varied = { ...reply, headers: withVary(headers) };
  const codings = request.headers.get('accept-encoding');
  if (codings === undefined) return varied;
  return import('./gzip-document.js').then(({ acceptsGzip, gzipped }) =>
    acceptsGzip(codings) ? gzipped(varied, body.bytes) : varied,
  );
}

/** True if `If-None-Match` names the tag (`W/"…"`), compared weakly. */
export function matchesTag(request: Request, tag: string): boolean {
  const given = request.headers.get('if-none-match');
  if (given === undefined) return false;
  const tags = given.split(',').map((item) => item.trim());
  return tags.includes('*') || tags.some((item) => item.replace(/^W\//, '') === tag.slice(2));
}

function isDocument(reply: Reply): boolean {
  return reply.isDocument ?? DOCUMENT_TYPE.test(headerValue(reply.headers, 'Content-Type') ?? '');
}

function unchanged(reply: Reply, headers: readonly Header[]): Reply {
  return {
    status: 304,
    headers: withVary(headers).filter(([name]) => name !== 'Content-Length'),
    body: { kind: 'none' },
    ...(reply.isDocument === undefined ? {} : { isDocument: reply.isDocument }),
  };
}

/** Headers of an answer that another value of this request header changes, by default its coding: caches must keep the forms apart. */
export function withVary(headers: readonly Header[], name = 'Accept-Encoding'): Header[] {
  const varied: Header[] = [];
  let value = name;
  for (const header of headers) {
    if (header[0] === 'Vary') value = `${header[1]}, ${name}`;
    else varied.push(header);
  }
  varied.push(['Vary', value]);
  return varied;
}

function headerValue(headers: readonly Header[], wanted: string): string | undefined {
  for (const [name, value] of headers) if (name === wanted) return value;
  return undefined;
}

/** Length and two sums over the bytes, four at a time; guards against accidents only. */
function sumOf(bytes: Uint8Array): string {
  const words = bytes.length >>> 2;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  const add = (word: number): void => {
    a = Math.imul(a ^ word, 0x01000193);
    a ^= a >>> 15;
    b = Math.imul(b ^ word, 0x85ebca6b) ^ (b >>> 13);
  };
  for (let i = 0; i < words; i++) add(view.getInt32(i * 4, true));
  for (let i = words * 4; i < bytes.length; i++) add(bytes[i] ?? 0);
  return `${bytes.length.toString(36)}-${(a >>> 0).toString(36)}${(b >>> 0).toString(36)}`;
}
