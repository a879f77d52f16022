/**
 * A `ReplySink` that compresses what goes through, for tables as they come (server-internals 6.5). Never for das2 streams: their clients
 * undo no coding.
 *
 * Contract: the first bytes leave at once, the rest in the blocks that compress well. `end` must be awaited behind the last write, unless the
 * answer was aborted: a cut answer then lacks the end of the compressed data, too.
 */
import type { Gzip } from 'node:zlib';
import type { ReplySink } from './reply.js';

const LEVEL = 5;

export interface GzipSink extends ReplySink {
  end(): Promise<void>;
}

/** Puts the coder in front of a sink. */
export async function gzipSink(sink: ReplySink): Promise<GzipSink> {
  const { constants, createGzip } = await import('node:zlib');
  return new Coder(sink, createGzip({ level: LEVEL }), constants.Z_SYNC_FLUSH);
}

class Coder implements GzipSink {
  readonly #sink: ReplySink;
  readonly #gzip: Gzip;
  readonly #syncFlush: number;
  readonly #ready: Buffer[] = [];
  #isFirst = true;

  constructor(sink: ReplySink, gzip: Gzip, syncFlush: number) {
    this.#sink = sink;
    this.#gzip = gzip;
    this.#syncFlush = syncFlush;
    gzip.on('data', (bytes: Buffer) => this.#ready.push(bytes));
    sink.onGone(() => gzip.destroy());
  }

  get gone(): boolean {
    return this.#sink.gone;
  }

  onGone(callback: () => void): void {
    this.#sink.onGone(callback);
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.gone || this.#gzip.destroyed) return;
    // The caller may use its bytes again once this is settled, and the coder takes them on another thread.
    await this.#untilDone((done) => this.#gzip.write(bytes, done));
    if (this.#isFirst && !this.#gzip.destroyed) {
      this.#isFirst = false;
      await this.#untilDone((done) => this.#gzip.flush(this.#syncFlush, done));
    }
    await this.#hand();
  }

  async end(): Promise<void> {
    if (this.gone || this.#gzip.destroyed) return;
    await this.#untilDone((done) => this.#gzip.once('end', done).end());
    await this.#hand();
  }

  abort(): void {
    this.#gzip.destroy();
    this.#sink.abort();
  }

  /** Waits for a step of the coder, or for its end by `abort`. Leaves no listener behind: a long answer has many steps. */
  #untilDone(start: (done: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#gzip.off('close', done);
        resolve();
      };
      this.#gzip.once('close', done);
      start(done);
    });
  }

  async #hand(): Promise<void> {
    for (const bytes of this.#ready.splice(0)) await this.#sink.write(bytes);
  }
}
