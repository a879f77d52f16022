/**
 * SCGI: a web server hands requests to this resident process over a socket (Apache: mod_proxy_scgi, nginx: scgi_pass).
 *
 *   request   LENGTH ':' ( NAME NUL VALUE NUL )* ',' BODY        reply   CGI text, then the end of the connection
 *
 * Contract: the variables are those of CGI, so requests are read as there. Which program is meant is told by REQUEST_URI and the
 * mount path, since proxies fill SCRIPT_NAME and PATH_INFO each in its own way. The socket is the web server's alone (mode 0660).
 * An answer that has to be cut ends early: SCGI has no sign for it, so the web server cannot see it. Streams end with an
 * exception packet instead wherever they can.
 */
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { Das2Error } from '../error.js';
import { DAS2_TEXT_TYPE } from '../reply/build-reply.js';
import type { ReplyOutcome } from '../reply/cgi-reply.js';
import type { Reply, ReplySink } from '../reply/reply.js';
import { reasonPhrase } from '../reply/status.js';
import { cgiFacts } from '../request/cgi-environment.js';
import { makeRequest } from '../request/make-request.js';
import type { Request } from '../request/request.js';
import { bodyFromSource } from '../request/request-body.js';
import { requestSettings } from '../server/context.js';
import { errorPackets } from '../stream/message.js';
import { Turns } from '../turns.js';
import type { HttpOptions } from './http-server.js';
import { findDestination } from './mounts.js';

/** Longest header that is answered; those up to `READ_LIMIT` are read, so that the refusal has the form that its client understands. */
const HEADER_LIMIT = 65_536;
const READ_LIMIT = 1_048_576;
const HEADER_TIMEOUT_MS = 10_000;

/** Makes the server; the caller lets it listen on its socket. */
export function makeScgiServer(options: HttpOptions): NetServer {
  return createServer((socket) => {
    socket.on('error', () => socket.destroy());
    let received = Buffer.alloc(0);
    const timer = setTimeout(() => socket.destroy(), HEADER_TIMEOUT_MS);
    const take = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      const variables = readScgiHeader(received);
      if (variables === 'incomplete') return;
      clearTimeout(timer);
      socket.off('data', take);
      if (variables === 'bad')
        socket.resume().end('Status: 400 Bad Request\r\nContent-Type: text/plain\r\n\r\nNot SCGI\n');
      else if (variables === 'tooLong') socket.resume().end(refusal());
      else void options.running.add((gone) => answer(options, { variables, received }, socket, gone), socket);
    };
    socket.on('data', take);
    socket.on('close', () => clearTimeout(timer));
  });
}

/** The answer to a header that is not even read: nobody knows who asks for what. */
function refusal(): Buffer {
  const { status, exceptionType: type, message } = headerTooLong();
  const head = `Status: ${status} ${reasonPhrase(status)}\r\nContent-Type: ${DAS2_TEXT_TYPE}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), errorPackets({ type, message })]);
}

function headerTooLong(): Das2Error {
  return new Das2Error('illegalArgument', `the header of the request is longer than ${HEADER_LIMIT} bytes`);
}

/** The variables of a request, once the netstring that holds them is complete. */
export function readScgiHeader(bytes: Buffer): Record<string, string> | 'incomplete' | 'bad' | 'tooLong' {
  const colon = bytes.subarray(0, 10).indexOf(0x3a);
  const lengthText = bytes.subarray(0, colon < 0 ? 10 : colon).toString('latin1');
  if (!/^\d{0,9}$/.test(lengthText)) return 'bad';
  if (colon < 0) return bytes.length < 10 ? 'incomplete' : 'bad';
  const length = Number(lengthText);
  if (colon === 0) return 'bad';
  if (length > READ_LIMIT) return 'tooLong';
  const end = colon + 1 + length;
  if (bytes.length <= end) return 'incomplete';
  if (bytes[end] !== 0x2c) return 'bad';
  const words = bytes
    .subarray(colon + 1, end)
    .toString('utf8')
    .split('\0');
  if (words.pop() !== '' || words.length % 2 !== 0) return 'bad';
  const variables: Record<string, string> = {};
  for (let i = 0; i < words.length; i += 2) variables[words[i] ?? ''] = words[i + 1] ?? '';
  return variables;
}

/** Where the body begins, behind the comma that ends the netstring. */
function headerEnd(bytes: Buffer): number {
  const colon = bytes.indexOf(0x3a);
  return colon + 2 + Number(bytes.subarray(0, colon).toString('latin1'));
}

async function answer(
  options: HttpOptions,
  { variables, received }: { readonly variables: Record<string, string>; readonly received: Buffer },
  socket: Socket,
  gone: AbortSignal,
): Promise<void> {
  // A body that no route wants must be taken all the same, or the web server would see a broken connection.
  const readBody = bodyFromSource(socket, variables.CONTENT_LENGTH, received.subarray(headerEnd(received)));
  const target = variables.REQUEST_URI ?? `${variables.SCRIPT_NAME ?? ''}${variables.PATH_INFO ?? ''}`;
  const destination = findDestination(target, options.base);
  if (destination.kind !== 'program') {
    const location = destination.kind === 'redirect' ? `Location: ${destination.path}\r\n` : '';
    const status = destination.kind === 'redirect' ? 302 : 404;
    socket.end(`Status: ${status} ${reasonPhrase(status)}\r\n${location}Content-Type: text/plain\r\n\r\n`);
    return;
  }
  const { mount, mountPath, path } = destination;
  const server = options.server();
  const facts = { ...cgiFacts(variables), mountPath, path };
  const made = makeRequest(facts, requestSettings(server.configuration));
  const isTooLong = headerEnd(received) > HEADER_LIMIT;
  const request: Request = { ...made, ...(isTooLong && { fault: made.fault ?? headerTooLong() }), gone, readBody };
  await mount.serve(server, request, (reply) => writeReply(reply, request, socket));
}

async function writeReply(reply: Reply, request: Request, socket: Socket): Promise<ReplyOutcome> {
  const sink = new SocketSink(socket);
  let head = `Status: ${reply.status} ${reply.reason ?? reasonPhrase(reply.status)}\r\n`;
  for (const [name, value] of reply.headers) head += `${name}: ${value}\r\n`;
  await sink.send(Buffer.from(`${head}\r\n`, 'latin1'));
  const firstByteAt = Date.now();
  let failure: { error: unknown } | undefined;
  const { body } = reply;
  if (request.method !== 'HEAD' && body.kind !== 'none') {
    try {
      if (body.kind === 'bytes') await sink.write(body.bytes);
      else await body.run(sink);
    } catch (error) {
      failure = { error };
      sink.abort();
    }
  }
  if (sink.aborted) socket.destroy();
  else socket.end();
  return { bytes: sink.bytes, firstByteAt, clientGone: sink.gone, aborted: sink.aborted, ...failure };
}

/** A `ReplySink` on a socket. */
class SocketSink implements ReplySink {
  gone = false;
  aborted = false;
  bytes = 0;
  readonly #socket: Socket;
  readonly #callbacks: (() => void)[] = [];
  readonly #turns = new Turns();
  #release: () => void = () => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('close', () => this.#closed());
    if (socket.destroyed) this.#closed();
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.aborted) return;
    await this.send(bytes);
    if (!this.gone) this.bytes += bytes.length;
    await this.#turns.next();
  }

  send(bytes: Uint8Array): Promise<void> {
    if (this.gone || bytes.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#release = resolve;
      this.#socket.write(bytes, () => resolve());
    });
  }

  onGone(callback: () => void): void {
    if (this.gone) callback();
    else this.#callbacks.push(callback);
  }

  abort(): void {
    this.aborted = true;
  }

  #closed(): void {
    if (this.gone) return;
    this.gone = true;
    this.#release();
    for (const callback of this.#callbacks.splice(0)) callback();
  }
}
