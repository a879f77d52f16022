/**
 * Parameters of a data request that mean nothing to it (server-protocol 1.2: they are ignored), such as `res=60` in place of `resolution=60`: whoever
 * sent them is told in a header, and the log has a line.
 *
 * Contract: what old and new clients are known to send says nothing, nor does what a macro of the definition asks for. Loaded only where there
 * are other keys.
 */
import { readFileSync } from 'node:fs';
import type { Header } from '../../reply/headers.js';
import { BOUND_FAMILIES, isRecognisedKey, PARAMETER_NAMES } from '../../request/data-keys.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import type { Source } from '../../source/source.js';

/** Keys of clients that mean nothing here on purpose (server-protocol 4.1), and of citations (citation 12.3). */
const QUIET = new Set([
  ...['compress', 'nitems', 'key', 'redirect', 'devel', 'form', 'item', 'tsb'],
  ...['expect', 'expect_mode'],
]);
/** Names that a header and a log show as they are. */
const PLAIN = /^[A-Za-z0-9_.-]{1,40}$/;
const MOST_NAMES = 5;

/** Tells the log, and answers the header, if there is anything to tell. */
export function ignoredKeyHeaders({ log }: ServerContext, request: Request, source: Source): Header[] {
  const keys = [...request.parameters.keys()].filter((key) => !isRecognisedKey(key) && !QUIET.has(key));
  const macros = keys.length === 0 ? '' : textOf(source.file);
  const ignored = keys.filter((key) => !macros.includes(`$(${key},`) && !macros.includes(`$(${key})`));
  if (ignored.length === 0) return [];
  const names = ignored.slice(0, MOST_NAMES).map((key) => (PLAIN.test(key) ? `${key}${hintOf(key)}` : 'another'));
  const rest = ignored.length > MOST_NAMES ? ` and ${ignored.length - MOST_NAMES} more` : '';
  const text = `ignored parameters: ${names.join(', ')}${rest}`;
  log.line(`This request has ${text}`);
  return [['Warning', `299 - "${text}"`]];
}

/** The key that was probably meant. */
function hintOf(key: string): string {
  const known = [
    ...BOUND_FAMILIES.flatMap(({ begin, end }) => [...begin, ...end]),
    ...PARAMETER_NAMES.flat(),
    'dataset',
  ];
  const lower = key.toLowerCase();
  const meant = known.find((one) => lower.length > 2 && (one.startsWith(lower) || lower.startsWith(one)));
  return meant === undefined ? '' : ` (${meant}?)`;
}

/** The definition in lower case; '' if it has just gone. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').toLowerCase();
  } catch {
    return '';
  }
}
