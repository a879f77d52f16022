/**
 * Conditional requests (RFC 9110 13): whether a client has the answer already. Loaded for requests that ask so.
 *
 * Contract: `If-None-Match` decides alone where it is there. A date that is no HTTP date counts as absent, so that what cannot be read
 * never hides a change.
 */
import type { Request } from '../request/request.js';
import { matchesTag } from './document.js';
import type { Header } from './headers.js';

/** True if what the request shows is the answer with these validators (`ETag`, `Last-Modified`; either may be missing). */
export function isUnchanged(request: Request, validators: readonly Header[]): boolean {
  const headerOf = (wanted: string): string | undefined => validators.find(([name]) => name === wanted)?.[1];
  const tag = headerOf('ETag');
  if (request.headers.has('if-none-match')) return tag !== undefined && matchesTag(request, tag);
  const since = httpTime(request.headers.get('if-modified-since'));
  const changed = httpTime(headerOf('Last-Modified'));
  return since !== undefined && changed !== undefined && changed <= since;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const CLOCK = '(?<hour>[01]\\d|2[0-3]):(?<minute>[0-5]\\d):(?<second>[0-5]\\d|60)';
const MONTH = `(?<month>${MONTHS.join('|')})`;
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const LONG_DAY = '(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day';
/** The usual form, and the two that are obsolete but must be read. */
const FORMS = [
  new RegExp(`^${DAY}, (?<day>\\d\\d) ${MONTH} (?<year>\\d{4}) ${CLOCK} GMT$`),
  new RegExp(`^${LONG_DAY}, (?<day>\\d\\d)-${MONTH}-(?<year>\\d\\d) ${CLOCK} GMT$`),
  new RegExp(`^${DAY} ${MONTH} (?<day>[ \\d]\\d) ${CLOCK} (?<year>\\d{4})$`),
];

/** An HTTP date (RFC 9110 5.6.7) in milliseconds since 1970; undefined for other text. */
export function httpTime(text: string | undefined): number | undefined {
  for (const form of FORMS) {
    const groups = form.exec(text ?? '')?.groups;
    if (groups === undefined) continue;
    const number = (name: string): number => Number(groups[name]);
    const day = number('day');
    const date = Date.UTC(fullYear(groups.year ?? ''), MONTHS.indexOf(groups.month ?? ''), day);
    // The 31st of April is no date.
    if (new Date(date).getUTCDate() !== day) return undefined;
    return date + ((number('hour') * 60 + number('minute')) * 60 + number('second')) * 1000;
  }
  return undefined;
}

/** Two digits mean a year that is not more than fifty years ahead. */
function fullYear(text: string): number {
  if (text.length > 2) return Number(text);
  const latest = new Date().getUTCFullYear() + 50;
  const year = latest - (latest % 100) + Number(text);
  return year > latest ? year - 100 : year;
}
