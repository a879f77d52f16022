/**
 * Plain das1 on its way in: records of a fixed number of big-endian 4-byte reals without any framing (stream-format 13.9).
 *
 * Contract: whole records go to the handler in runs, whatever the chunks; an end inside a record is a `framing` fault, after the records
 * before it. Memory is one record.
 */
import { Das2Error } from '../../error.js';
import type { ByteFilter } from '../../stream/byte-filter.js';
import { StreamTail } from '../stream-tail.js';

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

/** What a filter does with the records of plain das1. */
export interface Das1Body {
  /** Bytes of a record. */
  readonly size: number;
  /** Takes a run of records. */
  add: Das1Handler;
  /** Hands over what it has made so far. */
  flush(): void;
  /** Makes what is still open: at the end of the input, also of one that ends inside a record. */
  finish(): void;
}

/** The filter of a body. Like every filter it ignores further calls once the input has ended or something has thrown. */
export function createDas1Filter(body: Das1Body): ByteFilter {
  const records = new Das1Records(body.size, (view, offset, count) => body.add(view, offset, count));
  let stopped = false;
  return {
    push(chunk) {
      if (stopped) return;
      stopped = true;
      records.push(chunk);
      stopped = false;
    },
    flush() {
      if (!stopped) body.flush();
    },
    end() {
      if (stopped) return;
      stopped = true;
      body.finish();
      body.flush();
      records.end();
    },
  };
}
