/**
 * Forms of answers of the browse program (browse-export 11): which one a client wants, and the common headers.
 */
import { fieldError } from '../../browse/faults.js';
import { JSON_VERSION } from '../../browse/forms/json.js';
import { joinBytes, utf8Bytes } from '../../bytes.js';
import { asDas2Error } from '../../error.js';
import {
  bytesReply,
  htmlReply,
  JSON_TYPE,
  jsonReply,
  type ReplyOptions,
  TEXT_TYPE,
  textReply,
} from '../../reply/build-reply.js';
import { withVary } from '../../reply/document.js';
import { errorReply } from '../../reply/error-reply.js';
import { publicMessage } from '../../reply/public-message.js';
import type { Reply } from '../../reply/reply.js';
import type { Request } from '../../request/request.js';

export type BrowseForm = 'html' | 'json' | 'text' | 'csv' | 'curl' | 'urls' | 'jsonld';

export const CSV_TYPE = 'text/csv; charset=utf-8; header=present';
/** Characters that are turned into bytes at a time. */
const PART_LENGTH = 1 << 16;
const FORMS: readonly BrowseForm[] = ['html', 'json', 'text', 'csv', 'curl', 'urls', 'jsonld'];
const ACCEPTED: ReadonlyMap<string, BrowseForm> = new Map(
  Object.entries({
    'text/html': 'html',
    'application/xhtml+xml': 'html',
    'application/json': 'json',
    'text/plain': 'text',
    'text/csv': 'csv',
    'application/ld+json': 'jsonld',
  } as const),
);

/** The form that `format` or `Accept` asks for, among those that there are. Throws `illegalArgument` for an unknown `format`. */
export function formOf(request: Request, offered: readonly BrowseForm[]): BrowseForm {
  const text = request.parameters.get('format');
  if (text !== undefined) {
    const form = FORMS.find((name) => name === text.toLowerCase());
    if (form === undefined || !offered.includes(form))
      throw fieldError('format', `must be one of ${offered.join(', ')}`);
    return form;
  }
  for (const type of wantedTypes(request.headers.get('accept') ?? '')) {
    const form = ACCEPTED.get(type);
    if (form !== undefined && offered.includes(form)) return form;
  }
  return offered[0] ?? 'html';
}

/** The media types of an Accept header, those wanted most first, those not wanted left out. */
function wantedTypes(accept: string): string[] {
  return accept
    .split(',')
    .map((item) => {
      const [type = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
      const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
      return { type, weight };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ type }) => type);
}

/** The form for an error: never fails. */
function errorForm(request: Request): BrowseForm {
  try {
    return formOf(request, ['html', 'json', 'text']);
  } catch {
    return request.parameters.get('format') === 'html' || request.isBrowser ? 'html' : 'text';
  }
}

/** Text that comes line by line, as one document: it is never in memory as text and as bytes at a time. */
export function linesReply(request: Request, lines: Iterable<string>, options: ReplyOptions = {}): Reply {
  const parts: Uint8Array[] = [];
  let text = '';
  for (const line of lines) {
    text += line;
    if (text.length < PART_LENGTH) continue;
    parts.push(utf8Bytes(text));
    text = '';
  }
  const bytes = joinBytes(...parts, utf8Bytes(text));
  return bytesReply(request, bytes, { ...options, contentType: options.contentType ?? TEXT_TYPE });
}

/** What answers have in common: kept for a minute, apart for each form, for nobody else where somebody has signed in. */
export function browseReply(request: Request, reply: Reply, options: { readonly isIndexed?: boolean } = {}): Reply {
  const isPrivate = request.headers.has('authorization');
  const kept = reply.headers.filter(([name]) => name !== 'Expires' && name !== 'Cache-Control');
  const headers = [...kept, ['Cache-Control', isPrivate ? 'private, max-age=0' : 'max-age=60'] as const];
  if (options.isIndexed !== true) headers.push(['X-Robots-Tag', 'noindex']);
  return { ...reply, headers: withVary(withVary(headers, 'Accept'), 'Authorization'), isDocument: true };
}

/** The answer to a request that failed: JSON with field and hint, a line of text, or a page. */
export async function browseErrorReply(
  request: Request,
  error: unknown,
  page: (message: string, status: number) => string | Promise<string>,
): Promise<Reply> {
  const fault = asDas2Error(error);
  const form = errorForm(request);
  const message = publicMessage(fault, { requestId: request.id });
  const text = errorReply(error, request, { form: 'text' });
  const options: ReplyOptions = { status: fault.status, headers: text.headers.filter(([name]) => EXTRA.has(name)) };
  if (form === 'json') {
    const { field, hint } = fault.data;
    const error = {
      code: fault.code,
      message,
      ...(field !== undefined && { field }),
      ...(hint !== undefined && { hint }),
    };
    return jsonReply(request, { version: JSON_VERSION, error }, { ...options, contentType: JSON_TYPE });
  }
  if (form === 'html') return htmlReply(request, await page(message, fault.status), options);
  return textReply(request, `${message}\n`, options);
}

const EXTRA = new Set(['WWW-Authenticate', 'Allow', 'Retry-After', 'Cache-Control']);

/** The same for what was selected or staged, which is nobody else's: not kept anywhere. */
export function privateReply({ request }: { readonly request: Request }, reply: Reply): Reply {
  const common = browseReply(request, reply);
  const headers = common.headers.filter(([name]) => name !== 'Cache-Control');
  return { ...common, headers: [...headers, ['Cache-Control', 'no-store']] };
}

/** Leads to another address, by GET. */
export function seeOther(request: Request, location: string): Reply {
  return bytesReply(request, new Uint8Array(0), {
    status: 303,
    contentType: 'text/plain',
    headers: [['Location', location]],
  });
}
