/**
 * What all filters from das2 stream to das2 stream share: parse, hand over, flush, and the orderly end after a fault.
 *
 * Contract (stream-format 11.4, D-16): a fault of the input lets the body write what is open, adds an exception packet if a stream header
 * has been written, and is thrown on. A fault of the sink is thrown on at once. After a fault further calls do nothing.
 */
import type { ByteFilter } from '../stream/byte-filter.js';
import { type StreamHandler, StreamReader } from '../stream/stream-reader.js';
import type { StreamWriter } from '../stream/stream-writer.js';

/** What a filter does with the stream. It writes to the writer that the filter was made with. */
export interface FilterBody extends StreamHandler {
  /** Writes what is open: at the end of the input, and before a fault of the input is reported. */
  finish(): void;
  /** Throws what the program ends with although its output is complete, and the output says so already. */
  conclude?(): void;
}

/** The filter of a body; `program` is how it names itself in the exception after a fault. */
export function createStreamFilter(program: string, writer: StreamWriter, body: FilterBody): ByteFilter {
  return new StreamFilter(program, writer, body);
}

class StreamFilter implements ByteFilter {
  private readonly reader: StreamReader;
  private failed = false;

  constructor(
    private readonly program: string,
    private readonly writer: StreamWriter,
    private readonly body: FilterBody,
  ) {
    this.reader = new StreamReader(body, (text) => writer.notice(text));
  }

  push(chunk: Uint8Array): void {
    if (this.failed) return;
    try {
      this.reader.push(chunk);
    } catch (error) {
      this.fail(error);
    }
  }

  flush(): void {
    if (!this.failed) this.writer.flush();
  }

  end(): void {
    if (this.failed) return;
    try {
      this.reader.end();
    } catch (error) {
      this.fail(error);
    }
    this.failed = true;
    try {
      this.body.finish();
    } catch (error) {
      this.writer.fault(this.program, error);
      throw error;
    }
    this.writer.flush();
    this.body.conclude?.();
  }

  private fail(error: unknown): never {
    this.failed = true;
    if (!this.writer.failed && this.writer.started) {
      try {
        this.body.finish();
      } catch {
        // What came first is what is told.
      }
      this.writer.fault(this.program, error);
    }
    throw error;
  }
}
