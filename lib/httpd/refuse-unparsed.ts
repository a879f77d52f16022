/**
 * Answers to what is no HTTP request: it never becomes a `Request`, so no program of the server sees it or writes a log. Without this
 * node:http would answer with a status line alone, and some clients do not bear an error without a content type
 * (server-protocol 1.1, T7).
 */
import type { Socket } from 'node:net';
import { ALLOWED_METHODS } from '../reply/headers.js';

const ANSWERS: Readonly<Record<string, readonly [status: string, text: string, header?: string]>> = {
  HPE_INVALID_METHOD: ['405 Method Not Allowed', 'The method is not supported.', `Allow: ${ALLOWED_METHODS}`],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The request is too long.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not arrive in time.'],
  HPE_INVALID_VERSION: ['505 HTTP Version Not Supported', 'This server speaks HTTP/1.0 and HTTP/1.1.'],
};

/** Of a method that the parser does not know, and of anything else, it says the same. */
const REQUEST_LINE = /^[A-Za-z-]{1,32} \S+ HTTP\/1\.[01]\r?\n/;

/** For the event `clientError`: answers once, if the connection still takes bytes, and closes it. */
export function refuseUnparsed(error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const isRequest = error.code !== 'HPE_INVALID_METHOD' || REQUEST_LINE.test(error.rawPacket?.toString('latin1') ?? '');
  const answer = isRequest ? ANSWERS[error.code ?? ''] : undefined;
  const [status, text, header] = answer ?? ['400 Bad Request', 'This is no HTTP request.'];
  const lines = [
    `HTTP/1.1 ${status}`,
    'Content-Type: text/plain; charset=utf-8',
    'X-Content-Type-Options: nosniff',
    `Content-Length: ${text.length + 1}`,
    'Connection: close',
    ...(header === undefined ? [] : [header]),
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${text}\n`);
}
