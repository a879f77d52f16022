/**
 * Makers of answers. Each puts the common headers of server-protocol 2.1 around a body; a caller adds its own with `headers`,
 * which replace common ones of the same name.
 */
import { utf8Bytes } from '../bytes.js';
import { Das2Error } from '../error.js';
import type { Request } from '../request/request.js';
import { checkHeaders, commonHeaders, type Header, mergeHeaders } from './headers.js';
import type { Reply, ReplyBody, ReplySink } from './reply.js';

export const TEXT_TYPE = 'text/plain; charset=utf-8';
const HTML_TYPE = 'text/html; charset=utf-8';
export const JSON_TYPE = 'application/json; charset=utf-8';
export const DAS2_TEXT_TYPE = 'text/vnd.das2.das2stream; charset=utf-8';
export const QSTREAM_TEXT_TYPE = 'text/vnd.das2.qstream; charset=utf-8';

export interface ReplyOptions {
  /** Default 200. */
  readonly status?: number;
  readonly reason?: string;
  readonly contentType?: string;
  readonly headers?: readonly Header[];
  /** Files of the site may be kept by caches; everything else is dynamic, the default. */
  readonly dynamic?: boolean;
}

/** An answer with a known body; `Content-Length` is set. */
export function bytesReply(
  request: Request,
  bytes: Uint8Array,
  options: ReplyOptions & { contentType: string },
): Reply {
  return build(request, options, { kind: 'bytes', bytes }, [['Content-Length', String(bytes.length)]]);
}

/** A text answer, `text/plain` unless another type is given; UTF-8. */
export function textReply(request: Request, text: string, options: ReplyOptions = {}): Reply {
  return bytesReply(request, utf8Bytes(text), { ...options, contentType: options.contentType ?? TEXT_TYPE });
}

/** A JSON document. */
export function jsonReply(request: Request, value: unknown, options: ReplyOptions = {}): Reply {
  return textReply(request, `${JSON.stringify(value)}\n`, { ...options, contentType: JSON_TYPE });
}

/**
 * An HTML page. Pages hold no inline scripts or styles, so the policy forbids them: text that slips through unescaped stays
 * text.
 */
export function htmlReply(request: Request, html: string, options: ReplyOptions = {}): Reply {
  return textReply(request, html, {
    ...options,
    contentType: HTML_TYPE,
    headers: [
      [
        'Content-Security-Policy',
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'",
      ],
      ...(options.headers ?? []),
    ],
  });
}

/** Bytes that come by and by: piped data. No `Content-Length`. */
export function streamReply(
  request: Request,
  run: (sink: ReplySink) => Promise<void>,
  options: ReplyOptions & { contentType: string },
): Reply {
  return build(request, options, { kind: 'stream', run }, []);
}

/** An answer without body (204, 304). */
export function emptyReply(request: Request, status: number, options: ReplyOptions = {}): Reply {
  return build(request, { ...options, status }, { kind: 'none' }, []);
}

/**
 * A permanent redirect (server-protocol 3.3.2): status 301 because Autoplot's loaders follow nothing else. Throws
 * `queryTooLong` where the new address would be cut by clients.
 */
export function redirectReply(request: Request, location: string): Reply {
  if (location.length > 1022) {
    throw new Das2Error('queryTooLong', 'this source has moved, and the request is too long to be redirected');
  }
  return bytesReply(request, new Uint8Array(0), {
    status: 301,
    contentType: 'text/plain',
    headers: [
      ['Location', location],
      ['Cache-Control', 'no-store'],
    ],
  });
}

/** The same answer, with something to do behind its last byte. Answers that are no plain bytes stay as they are. */
export function withAfterwards(reply: Reply, afterwards: () => Promise<void>): Reply {
  const { body } = reply;
  if (body.kind !== 'bytes') return reply;
  const run = async (sink: ReplySink): Promise<void> => {
    await sink.write(body.bytes);
    await afterwards();
  };
  return { ...reply, body: { kind: 'stream', run } };
}

function build(request: Request, options: ReplyOptions, body: ReplyBody, extra: readonly Header[]): Reply {
  const headers = mergeHeaders(
    options.contentType === undefined ? [] : [['Content-Type', options.contentType]],
    commonHeaders(request, { dynamic: options.dynamic ?? true }),
    options.headers ?? [],
    extra,
  );
  checkHeaders(headers);
  return {
    status: options.status ?? 200,
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    headers,
    body,
  };
}
