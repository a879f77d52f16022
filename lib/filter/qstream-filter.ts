/**
 * What all QStream filters share: a reader, a buffered writer, and the way an error leaves (stream-format 11.4).
 *
 * Contract: `QStreamFilter` is a `ByteFilter`. On a fault of the input it calls `finish` of its transform, so that open bins are
 * written, appends an exception packet if a stream header was written, flushes and throws. When the sink itself has failed
 * nothing more is written.
 */
import type { ByteFilter, ByteSink } from '../stream/byte-filter.js';
import { type QStreamHandler, QStreamReader } from '../stream/qstream-reader.js';
import { StreamWriter } from '../stream/stream-writer.js';
import { FaultGuard } from './fault-guard.js';

export interface QStreamTransform extends QStreamHandler {
  /** Writes what is still open; called once, at the end of the input or at a fault. */
  finish(): void;
}

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
    this.reader = new QStreamReader(this.transform);
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
