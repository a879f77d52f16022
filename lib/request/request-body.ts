/**
 * The body of a request, for the few questions that take one (a form that is sent, a citation that is asked for).
 *
 * Contract: read only when a route asks, and never more than the route allows. A body without a length is refused, as is one
 * that ends early.
 */
import { readSync } from 'node:fs';
import { Das2Error } from '../error.js';

/** Reads the body; throws `illegalArgument` if it is longer than `limit` bytes, has no length or ends early. */
export type ReadBody = (limit: number) => Promise<Uint8Array>;

/** Bytes of a body that are kept until a route asks for it. */
const MOST_KEPT = 1 << 20;

/** The length that a request announces, checked against what may be read. */
function announcedLength(text: string | undefined, limit: number): number {
  if (text === undefined || !/^\d{1,15}$/.test(text)) {
    throw new Das2Error('illegalArgument', 'the request needs a body with a Content-Length');
  }
  const length = Number(text);
  if (length > limit) throw new Das2Error('illegalArgument', `the body of the request is longer than ${limit} bytes`);
  return length;
}

/** Reads bodies from a descriptor: standard input of a CGI program. `length`: CONTENT_LENGTH. */
export function bodyFromDescriptor(descriptor: number, length: string | undefined): ReadBody {
  return async (limit) => {
    const bytes = Buffer.alloc(announcedLength(length, limit));
    for (let at = 0; at < bytes.length; ) {
      const count = await readSome(descriptor, bytes, at);
      if (count === 0) throw endedEarly();
      at += count;
    }
    return bytes;
  };
}

/** A connection or message that gives its bytes by events. */
export interface ByteSource {
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  on(event: 'end' | 'close' | 'error', listener: () => void): unknown;
  resume(): unknown;
}

/**
 * Reads bodies from a connection. It flows from the start, so that its end is noticed and nothing stays unread, and what no
 * route may want is dropped. `first`: bytes of the body that have arrived already; `length`: what the request announces.
 */
export function bodyFromSource(source: ByteSource, length: string | undefined, first?: Uint8Array): ReadBody {
  const expected = /^\d{1,15}$/.test(length ?? '') ? Number(length) : 0;
  const parts: Uint8Array[] = [];
  let count = 0;
  let wake: () => void = () => {};
  let ended = false;
  const take = (chunk: Uint8Array): void => {
    if (count < Math.min(expected, MOST_KEPT)) parts.push(chunk);
    count += chunk.length;
    wake();
  };
  const end = (): void => {
    ended = true;
    wake();
  };
  if (expected > 0) {
    if (first !== undefined && first.length > 0) take(first);
    source.on('data', take);
    source.on('end', end);
    source.on('close', end);
    source.on('error', end);
  }
  source.resume();
  return async (limit) => {
    announcedLength(length, Math.min(limit, MOST_KEPT));
    while (count < expected && !ended) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (count < expected) throw endedEarly();
    return Buffer.concat(parts).subarray(0, expected);
  };
}

async function readSome(descriptor: number, bytes: Buffer, at: number): Promise<number> {
  for (;;) {
    try {
      return readSync(descriptor, bytes, at, bytes.length - at, null);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN' && code !== 'EINTR') throw endedEarly();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

function endedEarly(): Das2Error {
  return new Das2Error('illegalArgument', 'the body of the request ends early');
}
