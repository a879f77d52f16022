/**
 * A plain file as an answer, with validators and 304 (RFC 9110 13). Small files go out in one piece, large ones by and by.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Request } from '../request/request.js';
import { bytesReply, emptyReply } from './build-reply.js';
import { isUnchanged } from './conditional.js';
import { matchesTag } from './document.js';
import { commonHeaders, type Header, mergeHeaders } from './headers.js';
import type { Reply, ReplySink } from './reply.js';

export interface FileReplyOptions {
  readonly contentType: string;
  readonly headers?: readonly Header[];
  /** The file is one of the site that changes with a new release only; else it is a dynamic answer. */
  readonly cacheable: boolean;
}

/** Up to here a file is read at once. */
const IN_ONE_PIECE = 1 << 18;
/** How long a cache may keep a static file without asking. */
const MAX_AGE_SECONDS = 3600;

/** The answer with the content of a plain file; undefined if there is none that can be read. */
export function fileReply(request: Request, file: string, options: FileReplyOptions): Reply | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  let keepOpen = false;
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return undefined;
    const validators = options.cacheable ? validatorHeaders(stats.size, stats.mtimeMs) : [];
    const headers = [...validators, ...(options.headers ?? [])];
    if (options.cacheable && isUnchanged(request, validators)) {
      return emptyReply(request, 304, { contentType: options.contentType, headers, dynamic: false });
    }
    const shared = { contentType: options.contentType, headers, dynamic: !options.cacheable };
    if (stats.size <= IN_ONE_PIECE) return bytesReply(request, readAll(descriptor, stats.size), shared);
    const merged = mergeHeaders(
      [['Content-Type', options.contentType]],
      commonHeaders(request, { dynamic: shared.dynamic }),
      headers,
      [['Content-Length', String(stats.size)]],
    );
    if (request.method === 'HEAD') return { status: 200, headers: merged, body: { kind: 'none' } };
    keepOpen = true;
    return {
      status: 200,
      headers: merged,
      body: { kind: 'stream', run: (sink) => copy(descriptor, stats.size, sink) },
    };
  } finally {
    if (!keepOpen) closeSync(descriptor);
  }
}

/** Bytes that are part of the program, with the same headers as a file. Their hash stands for the time of change. */
export function embeddedReply(
  request: Request,
  { bytes, hash }: { readonly bytes: Uint8Array; readonly hash: string },
  options: FileReplyOptions,
): Reply {
  const tag = `W/"${hash}"`;
  const headers: Header[] = [
    ['ETag', tag],
    ['Cache-Control', `max-age=${MAX_AGE_SECONDS}`],
    ...(options.headers ?? []),
  ];
  if (matchesTag(request, tag)) {
    return emptyReply(request, 304, { contentType: options.contentType, headers, dynamic: false });
  }
  return bytesReply(request, bytes, { contentType: options.contentType, headers, dynamic: false });
}

function validatorHeaders(size: number, mtimeMs: number): Header[] {
  return [
    ['ETag', entityTag(size, mtimeMs)],
    ['Last-Modified', new Date(mtimeMs).toUTCString()],
    ['Cache-Control', `max-age=${MAX_AGE_SECONDS}`],
  ];
}

function entityTag(size: number, mtimeMs: number): string {
  return `W/"${size.toString(36)}-${Math.floor(mtimeMs).toString(36)}"`;
}

function readAll(descriptor: number, size: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(size);
  let length = 0;
  while (length < size) {
    const count = readSync(descriptor, bytes, length, size - length, length);
    if (count === 0) break;
    length += count;
  }
  return bytes.subarray(0, length);
}

async function copy(descriptor: number, size: number, sink: ReplySink): Promise<void> {
  const bytes = Buffer.allocUnsafe(1 << 16);
  let left = size;
  try {
    while (left > 0 && !sink.gone) {
      const count = readSync(descriptor, bytes, 0, Math.min(left, bytes.length), size - left);
      // Cut while we read: fewer bytes than announced must look like a fault, not like the end.
      if (count === 0) return sink.abort();
      left -= count;
      await sink.write(bytes.subarray(0, count));
    }
  } finally {
    closeSync(descriptor);
  }
}
