/**
 * Headers of answers: which ones every answer carries, and the last check before they leave (server-protocol 2.1, T2, T3).
 *
 * Contract: names come in the capitalisation that libdas2 compares; a value with CR, LF, NUL or a character that is no Latin-1
 * is a fault of ours and raises, since such text would come from a request that was not checked.
 */
import { Das2Error } from '../error.js';
import type { Request } from '../request/request.js';

export type Header = readonly [name: string, value: string];

/** libdas2 reads status line and headers into 2048 bytes; the web server adds its own `Date` and `Server`. */
const HEADER_BLOCK_LIMIT = 1800;

/** Methods that the main program serves. */
export const ALLOWED_METHODS = 'GET, HEAD, OPTIONS';

/** Lengths at which libdas2 cuts a value. */
const VALUE_LIMITS: Readonly<Record<string, number>> = {
  'Content-Type': 127,
  'Content-Disposition': 195,
  Location: 1022,
};

/** Control characters but the tab, and what is no Latin-1. */
const FORBIDDEN = /[\0-\x08\n-\x1f\x7f]|[^\0-\xff]/;

/** CORS for answers that anybody may read: those to requests without credentials. */
export function corsHeaders(request: Request): Header[] {
  if (request.headers.has('authorization')) return [];
  return [
    ['Access-Control-Allow-Origin', '*'],
    ['Access-Control-Allow-Methods', 'GET'],
    ['Access-Control-Allow-Headers', 'Content-Type'],
  ];
}

/** The headers without those of CORS: for answers that pages of other servers must not read. */
export function withoutCors(headers: readonly Header[]): Header[] {
  const kept: Header[] = [];
  for (const header of headers) if (!header[0].startsWith('Access-Control-')) kept.push(header);
  return kept;
}

/**
 * Headers of an answer that was given because of the address that asks. A browser there would show it to any page that carries the right
 * words, and a cache to any address.
 */
export function headersForOneAddress(headers: readonly Header[]): Header[] {
  const kept = withoutCors(headers);
  for (const [name, value] of kept) if (name === 'Cache-Control' && value.includes('no-store')) return kept;
  return mergeHeaders(kept, [['Cache-Control', 'private, max-age=0']]);
}

/**
 * What every answer carries. `dynamic` answers are stale at once: `Expires: now` is no date, which is what makes it work.
 * An answer to a request with credentials must not be kept by shared caches.
 */
export function commonHeaders(request: Request, options: { readonly dynamic: boolean }): Header[] {
  const headers: Header[] = [...corsHeaders(request), ['X-Content-Type-Options', 'nosniff']];
  if (options.dynamic) headers.push(['Expires', 'now']);
  if (request.headers.has('authorization')) headers.push(['Cache-Control', 'private'], ['Vary', 'Authorization']);
  return headers;
}

/** Joins header lists; a later header of the same name replaces an earlier one. */
export function mergeHeaders(...lists: (readonly Header[])[]): Header[] {
  const places = new Map<string, number>();
  const merged: Header[] = [];
  for (const list of lists) {
    for (const header of list) {
      const name = header[0].toLowerCase();
      const place = places.get(name) ?? merged.length;
      places.set(name, place);
      merged[place] = header;
    }
  }
  return merged;
}

/** Checks what is about to be sent; throws `internal` naming the header. */
export function checkHeaders(headers: readonly Header[]): void {
  let size = 40;
  // All at once: one look for each header takes longer, and there is nothing to be found.
  let text = '';
  for (const [name, value] of headers) text += name + value;
  if (FORBIDDEN.test(text)) throw bad(namesOfFaulty(headers), 'a forbidden character');
  for (const [name, value] of headers) {
    if (value.length > (VALUE_LIMITS[name] ?? HEADER_BLOCK_LIMIT)) throw bad(name, `${value.length} bytes`);
    size += name.length + value.length + 4;
  }
  if (size > HEADER_BLOCK_LIMIT) throw bad('block', `${size} bytes`);
}

function namesOfFaulty(headers: readonly Header[]): string {
  return headers
    .filter((header) => FORBIDDEN.test(header.join('')))
    .map(([name]) => name)
    .join(', ');
}

function bad(name: string, what: string): Das2Error {
  return new Das2Error('internal', 'internal error', { data: { detail: `header ${name} has ${what}` } });
}
