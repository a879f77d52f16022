/**
 * A `Reply` as CGI/1.1 output: `Status:`, headers, body to a file descriptor (RFC 3875 6).
 *
 * Contract
 * - Answers with a known body leave at once, short ones in one write, header and all, without a promise in between.
 * - Streamed bodies go to a `ReplySink`. The first bytes are written in place (they fit into the pipe or socket of the web
 *   server); from then on a thread does it, so that signals and timers are served while the client is slow.
 * - A client that goes away shows as `EPIPE` or as SIGTERM, which web servers send to the programs of closed connections.
 *   The signal is caught only while a body is streamed: installing the handler costs time, and before that the default does.
 * - The output ends with the program, or, where it is a socket and work is left behind a whole answer, with `letGo`: the client does not wait
 *   for that.
 * - `abort` (and a body that throws) makes the outcome `aborted`, for which the program must end with a status other than 0:
 *   CGI has no better sign for a cut answer.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { joinBytes, latin1Bytes } from '../bytes.js';
import type { Request } from '../request/request.js';
import type { Reply, ReplySink } from './reply.js';
import { reasonPhrase } from './status.js';
import { type WriteOutcome, writeFully, writeFullyAsync } from './write-fully.js';

/** What became of an answer. */
export interface ReplyOutcome {
  /** Bytes of the body that were handed over. */
  readonly bytes: number;
  /** `Date.now()` when the first byte left. */
  readonly firstByteAt: number;
  readonly clientGone: boolean;
  readonly aborted: boolean;
  /** What a streamed body threw. */
  readonly error?: unknown;
  /** Tells the web server that the answer has ended, for a program that has work left; without it the end of the program does. */
  readonly letGo?: () => void;
}

export interface CgiReplyOptions {
  /** Default 1, standard output. */
  readonly descriptor?: number;
}

const STANDARD_INPUT = 0;
const STANDARD_OUTPUT = 1;
/** Bytes that fit into the smallest pipe or socket between us and a web server. */
const IN_PLACE_BYTES = 60_000;
const LONG_BODY_BYTES = 16_384;

/** Writes the answer; a HEAD request gets the headers alone. */
export function writeCgiReply(
  reply: Reply,
  request: Request,
  options: CgiReplyOptions = {},
): ReplyOutcome | Promise<ReplyOutcome> {
  const descriptor = options.descriptor ?? STANDARD_OUTPUT;
  const head = latin1Bytes(headerText(reply));
  const { body } = reply;
  if (body.kind === 'stream' && request.method !== 'HEAD') return writeStream(head, body, descriptor);
  const bytes = body.kind === 'bytes' && request.method !== 'HEAD' ? body.bytes : new Uint8Array(0);
  const firstByteAt = Date.now();
  const outcome = writeHeadAndBody(descriptor, head, bytes);
  const clientGone = outcome === 'gone';
  return { bytes: clientGone ? 0 : bytes.length, firstByteAt, clientGone, aborted: false };
}

/** In one write, unless the bytes are so many that to copy them takes longer than a second one. */
function writeHeadAndBody(descriptor: number, head: Uint8Array, body: Uint8Array): WriteOutcome {
  if (body.length === 0) return writeFully(descriptor, head);
  if (body.length < LONG_BODY_BYTES) return writeFully(descriptor, joinBytes(head, body));
  return writeFully(descriptor, head) === 'gone' ? 'gone' : writeFully(descriptor, body);
}

function headerText(reply: Reply): string {
  let text = `Status: ${reply.status} ${reply.reason ?? reasonPhrase(reply.status)}\r\n`;
  for (const [name, value] of reply.headers) text += `${name}: ${value}\r\n`;
  return `${text}\r\n`;
}

async function writeStream(
  head: Uint8Array,
  body: Extract<Reply['body'], { kind: 'stream' }>,
  descriptor: number,
): Promise<ReplyOutcome> {
  const sink = new DescriptorSink(descriptor);
  const terminated = () => sink.leave();
  process.on('SIGTERM', terminated);
  let failure: { error: unknown } | undefined;
  const firstByteAt = Date.now();
  try {
    sink.writeHead(head);
    await body.run(sink);
  } catch (error) {
    failure = { error };
  } finally {
    process.off('SIGTERM', terminated);
  }
  const isWhole = !sink.gone && !sink.aborted && failure === undefined;
  return {
    bytes: sink.bytes,
    firstByteAt,
    clientGone: sink.gone,
    aborted: sink.aborted || failure !== undefined,
    ...failure,
    ...(isWhole && { letGo: () => close(descriptor) }),
  };
}

/**
 * Closes the output, where it is a socket (Apache's mod_cgid). Through pipes Apache's mod_cgi would look for the end of the program every 46 ms
 * once the output has ended, and the next request on the connection waits for that. Web servers end programs that go on behind their output
 * (SIGTERM, and harder seconds later): the work that is left is short, and is done nevertheless. Something else takes the number of the
 * descriptor, lest a file that is opened next gets what others mean for the output.
 */
function close(descriptor: number): void {
  try {
    if (!fstatSync(descriptor).isSocket()) return;
    process.on('SIGTERM', () => {});
    // Standard input may be the same socket, which ends when both are closed.
    if (descriptor === STANDARD_OUTPUT) closeSync(STANDARD_INPUT);
    closeSync(descriptor);
    while (openSync('/dev/null', 'r+') < descriptor);
  } catch {
    // The end of the program does it as well.
  }
}

/** A `ReplySink` on a file descriptor. */
class DescriptorSink implements ReplySink {
  gone = false;
  aborted = false;
  bytes = 0;
  readonly #descriptor: number;
  readonly #callbacks: (() => void)[] = [];

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  writeHead(head: Uint8Array): void {
    if (writeFully(this.#descriptor, head) === 'gone') this.leave();
  }

  write(bytes: Uint8Array): void | Promise<void> {
    if (this.gone || this.aborted) return;
    if (this.bytes + bytes.length <= IN_PLACE_BYTES) {
      this.#count(bytes.length, writeFully(this.#descriptor, bytes));
      return;
    }
    return writeFullyAsync(this.#descriptor, bytes).then((outcome) => this.#count(bytes.length, outcome));
  }

  onGone(callback: () => void): void {
    if (this.gone) callback();
    else this.#callbacks.push(callback);
  }

  abort(): void {
    this.aborted = true;
  }

  /** The client has gone: further writes are ignored. */
  leave(): void {
    if (this.gone) return;
    this.gone = true;
    for (const callback of this.#callbacks.splice(0)) callback();
  }

  #count(length: number, outcome: 'written' | 'gone'): void {
    if (outcome === 'gone') this.leave();
    else this.bytes += length;
  }
}
