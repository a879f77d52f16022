/**
 * What all QStream filters share: a reader, a buffered writer, and the way an error leaves (stream-format 11.4).
 *
 * Contract: `QStreamFilter` is a `ByteFilter`. On a fault of the input it calls `finish` of its transform, so that open bins are
 * written, appends an exception packet if a stream header was written, flushes and throws. When the sink itself has failed
 * nothing more is written. Transforms remember what they need of each data set, so the number of data sets is limited.
 */
import { Das2Error } from '../../error.js';
import type { ByteFilter, ByteSink } from '../../stream/byte-filter.js';
import type { QDescriptor } from '../../stream/qstream/header.js';
import { type QStreamHandler, QStreamReader } from '../../stream/qstream/reader.js';
import { StreamWriter } from '../../stream/stream-writer.js';
import { FaultGuard } from '../fault-guard.js';

export interface QStreamTransform extends QStreamHandler {
  /** Writes what is still open; called once, at the end of the input or at a fault. */
  finish(): void;
}

/** Most data sets that the packet types of a stream may have together: more than das2 streams may have planes. */
const DATASET_LIMIT = 16_384;

export class QStreamFilter implements ByteFilter {
  private readonly writer: StreamWriter;
  private readonly transform: QStreamTransform;
  private readonly reader: QStreamReader;
  private readonly guard = new FaultGuard((error) => this.leave(error));

  /** `program` stands in front of the reason in the exception packet. */
  constructor(
    sink: ByteSink,
    private readonly program: string,
    transform: (writer: StreamWriter) => QStreamTransform,
  ) {
    this.writer = new StreamWriter(sink);
    this.transform = transform(this.writer);
    this.reader = new QStreamReader(withLimit(this.transform));
  }

  push(chunk: Uint8Array): void {
    this.guard.run(() => this.reader.push(chunk));
  }

  flush(): void {
    if (!this.guard.stopped) this.writer.flush();
  }

  end(): void {
    this.guard.end(() => {
      this.reader.end();
      this.transform.finish();
      this.writer.flush();
    });
  }

  private leave(error: unknown): void {
    const { writer } = this;
    if (!writer.started || writer.failed) return;
    this.transform.finish();
    writer.fault(this.program, error);
  }
}

/** The same handler, which throws `packetTooLarge` when packet types have more data sets than `DATASET_LIMIT` together. */
function withLimit(handler: QStreamHandler): QStreamHandler {
  const counts = new Array<number>(100).fill(0);
  return {
    streamHeader: (header, packet) => handler.streamHeader(header, packet),
    repeatedHeader: (packet) => handler.repeatedHeader(packet),
    descriptor(id: number, descriptor: QDescriptor, packet: Uint8Array): void {
      counts[id] = descriptor.datasets.length;
      const total = counts.reduce((sum, count) => sum + count);
      if (total > DATASET_LIMIT) {
        throw new Das2Error(
          'packetTooLarge',
          `the packet types have ${total} data sets together, at most ${DATASET_LIMIT} are possible`,
        );
      }
      handler.descriptor(id, descriptor, packet);
    },
    records: (id, run) => handler.records(id, run),
    message: (root, packet) => handler.message(root, packet),
  };
}
