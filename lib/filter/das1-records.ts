/**
 * Plain das1 on its way in: records of a fixed number of big-endian 4-byte reals without any framing (stream-format 13.9).
 *
 * Contract: whole records go to the handler in runs, whatever the chunks; an end inside a record is a `framing` fault, after the records
 * before it. Memory is one record.
 */
import { Das2Error } from '../error.js';
import { StreamTail } from './stream-tail.js';

/** Takes a run of `count` whole records; the first one begins at `offset` of `view`, which is valid during the call only. */
export type Das1Handler = (view: DataView, offset: number, count: number) => void;

export class Das1Records {
  private readonly tail: StreamTail;

  /** `size` is the number of bytes of a record. */
  constructor(
    private readonly size: number,
    private readonly handler: Das1Handler,
  ) {
    this.tail = new StreamTail(size);
  }

  push(chunk: Uint8Array): void {
    let used = 0;
    if (this.tail.length > 0) {
      used = this.tail.fill(chunk);
      if (!this.tail.complete) return;
      this.handler(new DataView(this.tail.take().buffer), 0, 1);
    }
    const count = Math.floor((chunk.length - used) / this.size);
    if (count > 0) this.handler(new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength), used, count);
    this.tail.fill(chunk.subarray(used + count * this.size));
  }

  end(): void {
    if (this.tail.length === 0) return;
    throw new Das2Error(
      'framing',
      `the input ends inside a record: ${this.tail.length} of ${this.size} bytes; is the number of items right?`,
    );
  }
}
