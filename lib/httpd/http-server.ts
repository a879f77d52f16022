/**
 * The embedded web server: HTTP requests to the programs of the server, on node:http.
 *
 * Limits (server-internals 8.6): 10 s for the header of a request, 128 KiB for all of it; an address beyond 8 KiB is answered 414
 * by the request parser, in the form of the protocol and with a line in the log. Request bodies are read by the few routes that
 * take one, and the connection is closed behind such a request.
 */
import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { ALLOWED_METHODS } from '../reply/headers.js';
import { makeRequest, type RequestFacts } from '../request/make-request.js';
import type { Request } from '../request/request.js';
import { bodyFromSource } from '../request/request-body.js';
import { requestSettings, type Server } from '../server/context.js';
import { writeHttpReply } from './http-reply.js';
import { type Destination, findDestination } from './mounts.js';
import { refuseUnparsed } from './refuse-unparsed.js';
import type { RunningRequests } from './running-requests.js';

const HEADER_TIMEOUT_MS = 10_000;
/** Far more than is accepted: what node:http refuses by itself is not logged. */
const HEADER_LIMIT = 131_072;

export interface HttpOptions {
  /** The server as it is at the moment: a new configuration may replace it. */
  readonly server: () => Server;
  /** Mount path: '' or `/das`. */
  readonly base: string;
  readonly running: RunningRequests;
}

/** Makes the server; the caller lets it listen. */
export function makeHttpServer(options: HttpOptions): HttpServer {
  const server = createServer(
    {
      headersTimeout: HEADER_TIMEOUT_MS,
      requestTimeout: HEADER_TIMEOUT_MS,
      connectionsCheckingInterval: 2000,
      maxHeaderSize: HEADER_LIMIT,
      keepAliveTimeout: 5000,
      // Old clients, of HTTP/1.0, leave it out. From others it is required (RFC 9112 3.2), which we answer in our own words.
      requireHostHeader: false,
    },
    (message, response) => void options.running.add((gone) => answer(options, message, response, gone), response),
  );
  server.on('clientError', refuseUnparsed);
  return server;
}

async function answer(
  options: HttpOptions,
  message: IncomingMessage,
  response: ServerResponse,
  gone: AbortSignal,
): Promise<void> {
  if (hasBody(message)) response.shouldKeepAlive = false;
  if (message.httpVersion === '1.1' && message.headers.host === undefined) {
    return say(response, 400, 'A request of HTTP/1.1 needs a Host header.', { Connection: 'close' });
  }
  // A proxy in front may have gone by the other one.
  if (hostCount(message) > 1) return say(response, 400, 'A request has one Host header.', { Connection: 'close' });
  const target = message.url ?? '/';
  const destination = findDestination(target, options.base);
  if (destination.kind !== 'program') return answerOutside(message.method, destination, response);
  const { mount, mountPath, path, query } = destination;
  const server = options.server();
  const facts = { ...factsOf(message), mountPath, path, query };
  const readBody = bodyFromSource(message, message.headers['content-length']);
  const request: Request = { ...makeRequest(facts, requestSettings(server.configuration)), gone, readBody };
  await mount.serve(server, request, (reply) => writeHttpReply(reply, request, response));
}

function factsOf(message: IncomingMessage): Omit<RequestFacts, 'mountPath' | 'path' | 'query'> {
  const { socket } = message;
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return {
    method: message.method ?? 'GET',
    httpVersion: message.httpVersion === '1.0' ? '1.0' : '1.1',
    scheme: 'http',
    serverName: socket.localAddress ?? 'localhost',
    serverPort: socket.localPort,
    peerAddress: socket.remoteAddress ?? '',
    headers,
  };
}

function hostCount({ rawHeaders }: IncomingMessage): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) if (rawHeaders[i]?.toLowerCase() === 'host') count++;
  return count;
}

function hasBody(message: IncomingMessage): boolean {
  const length = message.headers['content-length'];
  return message.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** Addresses outside of all programs take the methods that the programs take. */
function answerOutside(
  method: string | undefined,
  destination: Exclude<Destination, { kind: 'program' }>,
  response: ServerResponse,
): void {
  if (method === 'OPTIONS') {
    response.writeHead(204, { Allow: ALLOWED_METHODS, 'X-Content-Type-Options': 'nosniff' });
    response.end();
  } else if (method !== 'GET' && method !== 'HEAD') {
    say(response, 405, 'The method is not supported.', { Allow: ALLOWED_METHODS });
  } else if (destination.kind === 'redirect') {
    say(response, 302, '', { Location: destination.path, 'Cache-Control': 'no-store' });
  } else {
    say(response, 404, 'There is nothing at this address.');
  }
}

/** An answer outside of all programs. */
function say(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void {
  const body = Buffer.from(text === '' ? '' : `${text}\n`);
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(body.length),
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
