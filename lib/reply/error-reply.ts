/**
 * Errors as answers: one table from the kind of request to the form of the body (server-protocol 2.3, 2.4, 6; HAPI:
 * server-internals 6.3).
 *
 *   das2 client   stream header and exception packet       browser       message as plain text
 *   JSON path     {"error":{"type","message"}}             HAPI path     {"HAPI","status":{"code","message"}}
 *
 * Status and exception type come from `ERROR_TABLE`, the wording from `publicMessage`. What an error carries in `data`:
 * `realm` (401), `retryAfter` seconds (503, 429), `allow` (405), `hapiCode`.
 */
import { asDas2Error, type Das2Error } from '../error.js';
import type { Request } from '../request/request.js';
import { errorPackets } from '../stream/message.js';
import { bytesReply, DAS2_TEXT_TYPE, JSON_TYPE, QSTREAM_TEXT_TYPE, TEXT_TYPE, textReply } from './build-reply.js';
import { hapiReason } from './hapi-status.js';
import { ALLOWED_METHODS, type Header } from './headers.js';
import { type ErrorDetail, publicMessage } from './public-message.js';
import type { Reply } from './reply.js';

/** How the body of an error is framed. */
export type ErrorForm = 'das2' | 'qstream' | 'text' | 'json' | 'hapi';

export interface ErrorReplyOptions {
  /** The source concerned is known to produce Q streams. */
  readonly qstream?: boolean | undefined;
  /** Setting `ERROR_DETAIL`. */
  readonly detail?: ErrorDetail | undefined;
  /** Form asked for by a route; default: what path and client call for. */
  readonly form?: ErrorForm | undefined;
  /** Setting `HAPI_VERSION`. */
  readonly hapiVersion?: string | undefined;
}

const JSON_SEGMENTS = new Set(['services', 'services.json', 'catalog', 'catalog.json', 'source', 'versions']);

/** The answer to a request that failed. Never throws. */
export function errorReply(error: unknown, request: Request, options: ErrorReplyOptions = {}): Reply {
  const fault = asDas2Error(error);
  const form = options.form ?? errorForm(request, options.qstream === true);
  const message = publicMessage(fault, { requestId: request.id, detail: options.detail });
  const common = { status: fault.status, headers: errorHeaders(fault) };
  switch (form) {
    case 'text':
      return textReply(request, endOfLine(message), { ...common, contentType: TEXT_TYPE });
    case 'json':
      return textReply(request, `${JSON.stringify({ error: { type: fault.exceptionType, message } })}\n`, {
        ...common,
        contentType: JSON_TYPE,
      });
    case 'hapi':
      return hapiError(request, { fault, message, version: options.hapiVersion ?? '3.3', headers: common.headers });
    default:
      return bytesReply(request, errorPackets({ type: fault.exceptionType, message, qstream: form === 'qstream' }), {
        ...common,
        contentType: form === 'qstream' ? QSTREAM_TEXT_TYPE : DAS2_TEXT_TYPE,
      });
  }
}

/** The form that path and client call for; the das2.2 dispatch by `server` goes before the path, as in routing. */
export function errorForm(request: Request, qstream: boolean): ErrorForm {
  if (!request.parameters.has('server')) {
    const segments = request.path.split('/');
    const first = segments[1] ?? '';
    if (first === 'hapi') return 'hapi';
    const last = segments.at(-1) ?? '';
    if (JSON_SEGMENTS.has(first)) {
      // Two aliases of the das2.2 interface and the pages for people live below /source.
      if (first !== 'source' || !(last === 'das2' || last === 'das2.d2t' || last.endsWith('.html'))) return 'json';
    }
    if ((first === 'cite' || first === 'verify') && !request.isBrowser) return 'json';
    if (first === 'coverage' && last.endsWith('.json')) return 'json';
  }
  if (request.isBrowser) return 'text';
  return qstream ? 'qstream' : 'das2';
}

function errorHeaders(fault: Das2Error): Header[] {
  const headers: Header[] = [];
  const { realm, retryAfter, allow } = fault.data;
  if (fault.status === 401) {
    headers.push(['WWW-Authenticate', `Basic realm="${realmText(typeof realm === 'string' ? realm : 'das2')}"`]);
    headers.push(['Cache-Control', 'no-store']);
  }
  if (fault.status === 405) headers.push(['Allow', typeof allow === 'string' ? allow : ALLOWED_METHODS]);
  if (fault.status === 503 || fault.status === 429) {
    headers.push(['Retry-After', String(typeof retryAfter === 'number' ? Math.max(1, Math.ceil(retryAfter)) : 30)]);
  }
  return headers;
}

/**
 * The realm inside its quotes. Nothing may stand behind it: Autoplot reads up to the last quote of the header. Letters beyond
 * Latin-1 cannot stand in a header at all.
 */
function realmText(realm: string): string {
  return realm
    .replace(/[\0-\x1f\x7f-\x9f]/g, '')
    .replace(/[^\0-\xff]/gu, '?')
    .slice(0, 300)
    .replace(/["\\]/g, '\\$&');
}

function hapiError(
  request: Request,
  told: {
    readonly fault: Das2Error;
    readonly message: string;
    readonly version: string;
    readonly headers: readonly Header[];
  },
): Reply {
  const { fault, message, version, headers } = told;
  const given = fault.data.hapiCode;
  const code = typeof given === 'number' ? given : hapiCode(fault);
  const status = { code, message: `HAPI error ${code}: ${message}` };
  return textReply(request, `${JSON.stringify({ HAPI: version, status })}\n`, {
    status: fault.status,
    reason: hapiReason(fault.status, code),
    headers,
    contentType: JSON_TYPE,
  });
}

function hapiCode(fault: Das2Error): number {
  switch (fault.code) {
    case 'noSuchSource':
      return 1406;
    case 'noDataInInterval':
      return 1201;
    // What lies behind us failed, whether by itself or because it took too long.
    case 'readerFailed':
    case 'timeLimit':
      return 1501;
    default:
      return fault.status < 500 ? 1400 : 1500;
  }
}

function endOfLine(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
