/**
 * The far end of a pipeline: holds the first bytes until it is known where they go, then hands everything on.
 *
 * A reply can only be chosen when the first byte is there (server-protocol 4.6.4), and whoever chooses it needs a moment. Until
 * a sink is attached the gate keeps the one chunk that it was given and lets the producer wait.
 */
import type { Consumer } from './running/flow.js';

/** Where the bytes of a pipeline go. Same contract as `ReplySink.write`; it must not throw. */
export interface PipelineSink {
  write(bytes: Uint8Array): void | Promise<void>;
}

export interface OutputGateEvents {
  /** The first byte has come out of the last stage. */
  firstByte(): void;
  /** There are more bytes than the limit allows; the rest is dropped. */
  limitReached(): void;
  /** The last stage has ended and everything has been handed on. */
  ended(): void;
}

export class OutputGate implements Consumer {
  /** Bytes handed on, or held to be handed on. */
  bytes = 0;
  /** The byte that came first. */
  first: number | undefined;
  readonly #limit: number;
  readonly #events: OutputGateEvents;
  #sink: PipelineSink | undefined;
  #attached: () => void = () => {};
  readonly #attachment: Promise<void>;
  #closed = false;
  #waiting = false;
  #release: () => void = () => {};

  constructor(limit: number | undefined, events: OutputGateEvents) {
    this.#limit = limit === undefined || limit <= 0 ? Number.POSITIVE_INFINITY : limit;
    this.#events = events;
    this.#attachment = new Promise((resolve) => {
      this.#attached = resolve;
    });
  }

  /** What everything waits for is the taker of the bytes. */
  get waiting(): boolean {
    return this.#waiting;
  }

  attach(sink: PipelineSink): void {
    this.#sink = sink;
    this.#attached();
  }

  /** Nothing is handed on any more; whoever waits goes on, so that the stages can end. */
  close(): void {
    this.#closed = true;
    this.#attached();
    this.#release();
  }

  write(bytes: Uint8Array): void | Promise<void> {
    if (this.#closed || bytes.length === 0) return;
    const room = this.#limit - this.bytes;
    const part = bytes.length > room ? bytes.subarray(0, room) : bytes;
    if (this.bytes === 0 && part.length > 0) {
      this.first = part[0];
      this.#events.firstByte();
    }
    this.bytes += part.length;
    if (this.#sink === undefined) return this.#wait(this.#attachment.then(() => this.#handOn(part, bytes)));
    const wait = this.#handOn(part, bytes);
    return wait === undefined ? undefined : this.#wait(wait);
  }

  end(): void {
    this.#events.ended();
  }

  /** Hands on what may leave; the limit is reached when that is not all. */
  #handOn(part: Uint8Array, all: Uint8Array): void | Promise<void> {
    if (this.#closed) return;
    const wait = part.length === 0 ? undefined : this.#sink?.write(part);
    if (part.length < all.length) {
      this.#closed = true;
      this.#events.limitReached();
    }
    return wait;
  }

  /** Waits for the taker, but not once the gate is closed: a client that takes nothing must not keep the stages. */
  #wait(done: Promise<void>): Promise<void> {
    this.#waiting = true;
    return new Promise((resolve) => {
      this.#release = () => {
        this.#waiting = false;
        resolve();
      };
      done.then(this.#release, this.#release);
    });
  }
}
