/**
 * Counts the records of a QStream while its bytes go by unchanged (stream-format 14.3).
 *
 * Contract: every byte that was pushed is written to the sink before it is looked at; a fault of the stream throws afterwards.
 */
import type { ByteFilter, ByteSink } from '../../stream/byte-filter.js';
import { QStreamReader } from '../../stream/qstream/reader.js';

export interface QStreamCounter extends ByteFilter {
  /** Packet id to number of records seen so far; ids that are only defined count 0. */
  readonly counts: ReadonlyMap<number, number>;
}

/** The pass-through filter that counts. */
export function createQStreamCounter(sink: ByteSink): QStreamCounter {
  const counts = new Map<number, number>();
  const reader = new QStreamReader({
    streamHeader() {},
    repeatedHeader() {},
    descriptor: (id) => counts.set(id, counts.get(id) ?? 0),
    records: (id, { count }) => counts.set(id, (counts.get(id) ?? 0) + count),
    message() {},
  });
  return {
    counts,
    push(chunk) {
      sink.write(chunk);
      reader.push(chunk);
    },
    flush() {},
    end: () => reader.end(),
  };
}
