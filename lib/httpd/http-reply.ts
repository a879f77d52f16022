/**
 * A `Reply` as HTTP/1.0 or 1.1 through node:http.
 *
 * Contract
 * - Headers keep their capitalisation and order. Streamed bodies are chunked towards HTTP/1.1 and end with the connection towards
 *   1.0, whatever that client claims to accept.
 * - Each write is awaited until the system has taken the bytes: that is the back-pressure, and the bytes may be reused then.
 * - A client that takes everything at once does not keep the others waiting.
 * - A client that takes nothing for five minutes counts as gone: it would keep its reader, and the slot of it, for as long as that may run.
 * - `abort` resets the connection behind what has been written, so no client takes a cut answer for a whole one.
 */
import type { ServerResponse } from 'node:http';
import type { ReplyOutcome } from '../reply/cgi-reply.js';
import type { Reply, ReplySink } from '../reply/reply.js';
import { reasonPhrase } from '../reply/status.js';
import type { Request } from '../request/request.js';
import { Turns } from '../turns.js';

/** How long a client may take nothing of what is there for it. */
const PATIENCE_MS = 300_000;

/** Writes the answer; resolves when its last byte is with the system, or the client has gone. */
export async function writeHttpReply(
  reply: Reply,
  request: Request,
  response: ServerResponse,
  patienceMs = PATIENCE_MS,
): Promise<ReplyOutcome> {
  const sink = new ResponseSink(response, patienceMs);
  const { body } = reply;
  if (request.httpVersion === '1.0') {
    response.shouldKeepAlive = false;
    response.useChunkedEncodingByDefault = false;
  }
  response.writeHead(reply.status, reply.reason ?? reasonPhrase(reply.status), reply.headers.flat());
  const firstByteAt = Date.now();
  let failure: { error: unknown } | undefined;
  if (request.method !== 'HEAD' && body.kind !== 'none') {
    try {
      if (body.kind === 'bytes') {
        if (body.bytes.length > 0) await sink.write(body.bytes);
      } else {
        await body.run(sink);
      }
    } catch (error) {
      failure = { error };
      sink.abort();
    }
  }
  await sink.end();
  return {
    bytes: sink.bytes,
    firstByteAt,
    clientGone: sink.gone,
    aborted: sink.aborted,
    ...failure,
  };
}

/** A `ReplySink` on a response. */
class ResponseSink implements ReplySink {
  gone = false;
  aborted = false;
  bytes = 0;
  readonly #response: ServerResponse;
  readonly #patienceMs: number;
  readonly #callbacks: (() => void)[] = [];
  readonly #turns = new Turns();
  #finished = false;
  #release: () => void = () => {};

  constructor(response: ServerResponse, patienceMs: number) {
    this.#response = response;
    this.#patienceMs = patienceMs;
    response.on('close', () => this.#closed());
    response.on('error', () => this.#closed());
    if (response.destroyed || response.socket?.destroyed) this.#closed();
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.gone || this.aborted || bytes.length === 0) return;
    await this.#untilTaken((taken) =>
      this.#response.write(bytes, (error) => {
        if (error) this.#closed();
        else if (!this.gone) this.bytes += bytes.length;
        taken();
      }),
    );
    await this.#turns.next();
  }

  onGone(callback: () => void): void {
    if (this.gone) callback();
    else this.#callbacks.push(callback);
  }

  abort(): void {
    this.aborted = true;
  }

  end(): Promise<void> {
    if (this.gone) return Promise.resolve();
    if (this.aborted) {
      this.#finished = true;
      // Bun says that bytes have been taken when it still holds them, for the end of this turn; a reset would lose them.
      return new Promise((resolve) => {
        setImmediate(() => {
          this.#response.socket?.resetAndDestroy();
          resolve();
        });
      });
    }
    return this.#untilTaken((taken) =>
      this.#response.end(() => {
        this.#finished = true;
        taken();
      }),
    );
  }

  /** Resolves when bytes have been taken, or the client has gone. */
  #untilTaken(give: (taken: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#closed();
        this.#response.destroy();
      }, this.#patienceMs);
      this.#release = () => {
        clearTimeout(timer);
        resolve();
      };
      give(this.#release);
    });
  }

  /** Without the word of `end` a closed connection has lost something, whatever the response says: Bun may tell of it by nothing else. */
  #closed(): void {
    if (this.gone || this.#finished) return;
    this.gone = true;
    this.#release();
    for (const callback of this.#callbacks.splice(0)) callback();
  }
}
