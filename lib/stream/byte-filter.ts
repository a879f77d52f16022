/**
 * What every stream filter is, seen from outside: bytes are pushed in, bytes come out at a sink.
 *
 * A filter knows no process, no file descriptor and no argv, so the same object serves the filter programs (`bin/`) and the
 * server, which runs it between a reader and a client.
 *
 * Contract
 * - `push` may keep no reference to `chunk` after it returns: callers reuse their read buffer.
 * - `ByteSink.write` gets bytes that are valid during the call only: filters reuse their output buffer.
 * - A fault in the input makes `push` or `end` throw a `Das2Error`, after everything that stream-format 11.4 asks for
 *   (finished bins, the exception packet unless the sink `tellsFaults`) has gone to the sink. A filter that has thrown ignores further calls.
 * - `end` is called once, after the last byte. It flushes.
 * - Output may be held back in a buffer; `flush` hands over what is complete, so a server can send the first bytes early.
 */

export interface ByteSink {
  write(bytes: Uint8Array): void;
  /**
   * Takes what a filter has to say to people although it goes on: one line for the standard error of a program, or the log of a server.
   * Without it nobody wants to know.
   */
  notice?(text: string): void;
  /**
   * Whoever runs the filter tells of its faults, and knows more about them (a producer that died, the id of a request): the
   * filter leaves no exception packet behind a fault.
   */
  readonly tellsFaults?: true;
}

export interface ByteFilter {
  push(chunk: Uint8Array): void;
  flush(): void;
  end(): void;
}
