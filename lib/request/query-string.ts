/**
 * Query strings: text behind the `?` to key/value pairs (server-protocol 1.2).
 *
 * Grammar: pairs are separated by `&`; a `;` separates too, but only where the text behind it looks like another pair, as in
 * the redirects of older servers. `+` and `%20` are blanks; percent sequences are UTF-8, and bytes that are no UTF-8, as well
 * as percent signs without two hexadecimal digits, never fail: the former become U+FFFD, the latter stay as they are.
 */
import { hasMoreBytesThan } from '../bytes.js';
import { Das2Error } from '../error.js';

/** Longest query string served, in bytes. */
export const QUERY_LIMIT = 8192;
/** Most pairs served. */
export const PAIR_LIMIT = 64;

const LONE_SURROGATE = /[\ud800-\udfff]/gu;
const NEXT_PAIR = /;(?=[A-Za-z_][A-Za-z0-9_.~]*=)/;

/** The raw `key=value` pieces of a query string in order, empty pieces left out; not decoded. */
export function splitQuery(query: string): string[] {
  const pieces: string[] = [];
  for (const part of query.split('&')) {
    if (!part.includes(';')) {
      if (part !== '') pieces.push(part);
      continue;
    }
    for (const piece of part.split(NEXT_PAIR)) if (piece !== '') pieces.push(piece);
  }
  return pieces;
}

/**
 * Decodes a query string into its pairs; a key with an empty value counts as absent and is left out.
 * Throws `queryTooLong` above 8 KiB and `illegalArgument` above 64 pairs.
 */
export function parseQuery(query: string): (readonly [string, string])[] {
  if (query === '') return [];
  if (hasMoreBytesThan(query, QUERY_LIMIT)) {
    throw new Das2Error('queryTooLong', `the query is longer than ${QUERY_LIMIT} bytes`);
  }
  const pieces = splitQuery(query);
  if (pieces.length > PAIR_LIMIT) {
    throw new Das2Error('illegalArgument', `the query has more than ${PAIR_LIMIT} parameters`);
  }
  const pairs: (readonly [string, string])[] = [];
  for (const piece of pieces) {
    const equals = piece.indexOf('=');
    if (equals < 0 || equals === piece.length - 1) continue;
    pairs.push([decodeQueryText(piece.slice(0, equals)), decodeQueryText(piece.slice(equals + 1))]);
  }
  return pairs;
}

/** First value of each key. */
export function firstValues(pairs: readonly (readonly [string, string])[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const [key, value] of pairs) if (!values.has(key)) values.set(key, value);
  return values;
}

/** Throws `illegalArgument` if a key that is recognised comes twice with unequal values. */
export function refuseRepeatedKeys(
  pairs: readonly (readonly [string, string])[],
  isRecognised: (key: string) => boolean,
): void {
  if (pairs.length < 2) return;
  const values = new Map<string, string>();
  for (const [key, value] of pairs) {
    const first = values.get(key);
    if (first === undefined) values.set(key, value);
    else if (first !== value && isRecognised(key)) {
      throw new Das2Error('illegalArgument', `the parameter ${key} is given twice with different values`);
    }
  }
}

/** Decodes one key or value of a query: `+` is a blank, percent sequences are UTF-8. Never throws. */
export function decodeQueryText(text: string): string {
  return decodePercent(text.includes('+') ? text.replaceAll('+', ' ') : text);
}

/** Decodes percent sequences once, as UTF-8 with U+FFFD for malformed bytes; `+` stays. Never throws. */
export function decodePercent(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return decodeMalformed(text);
  }
}

/** A stray percent sign or bytes that are no UTF-8: byte by byte, then decoded with replacement. */
function decodeMalformed(text: string): string {
  return Buffer.concat(
    text
      .split(/((?:%[0-9A-Fa-f]{2})+)/)
      .map((part, i) => (i % 2 === 1 ? Buffer.from(part.replaceAll('%', ''), 'hex') : Buffer.from(part))),
  ).toString();
}

/** Percent-encodes text for use as a value in a query; `/` and `:` stay readable. */
export function encodeQueryValue(text: string): string {
  return encodeURIComponent(text.replace(LONE_SURROGATE, '\ufffd')).replaceAll('%2F', '/').replaceAll('%3A', ':');
}
