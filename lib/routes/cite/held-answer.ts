/**
 * An answer that is held back until it is known whether it may be sent (citation 12.3).
 *
 * Contract: the bytes lie in a file without a name, of at most so many bytes; nothing of it is left, whatever happens.
 */
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Das2Error } from '../../error.js';
import type { ReplySink } from '../../reply/reply.js';

const BUFFER_SIZE = 256 * 1024;

/** Holds the bytes of an answer back in a file without a name. */
export class HeldAnswer {
  private readonly descriptor: number;
  private size = 0;

  constructor(
    /** Bytes; 0: no limit. */
    private readonly most: number,
    folder = tmpdir(),
  ) {
    const name = `${folder}/das2-held-${process.pid}-${Math.random().toString(36).slice(2)}`;
    this.descriptor = openSync(name, 'wx+', 0o600);
    unlinkSync(name);
  }

  /** Throws `outputLimit` beyond the limit. */
  write(bytes: Uint8Array): void {
    this.size += bytes.length;
    if (this.most > 0 && this.size > this.most) {
      throw new Das2Error('outputLimit', 'the answer is too long for expect_mode=strict (CITE_STRICT_MAX)');
    }
    for (let at = 0; at < bytes.length; ) at += writeSync(this.descriptor, bytes, at);
  }

  /** Sends what is held. */
  async send(sink: ReplySink): Promise<void> {
    const buffer = Buffer.alloc(BUFFER_SIZE);
    for (let at = 0; at < this.size && !sink.gone; ) {
      const count = readSync(this.descriptor, buffer, 0, buffer.length, at);
      if (count === 0) break;
      await sink.write(buffer.subarray(0, count));
      at += count;
    }
  }

  /** Forgets it. */
  close(): void {
    closeSync(this.descriptor);
  }
}
