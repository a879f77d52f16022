/**
 * Whether bytes are a stream that may be kept as a block (server-internals 2.7, rule 1): a header, whole packets, nothing behind them,
 * and no exception but "no data in interval".
 *
 * The framing is judged by the validator, for both families. What a das2 stream means is read by the reader that will read it from the
 * cache, so a block that is kept can be served. Remarks of the validator, and slips that no reader minds, do no harm here: the same
 * bytes go to clients when there is no cache.
 */
import { isDas2Error } from '../error.js';
import { type StreamHandler, StreamReader } from '../stream/stream-reader.js';
import { validateStream } from '../stream/validator.js';
import type { RuleCode } from '../stream/validator-rules.js';

/** Violations that mean: this is no whole stream. */
const BREAKS: ReadonlySet<RuleCode> = new Set<RuleCode>([
  'not-a-stream',
  'exception-as-header',
  'das3-stream',
  'empty-stream',
  'header-first',
  'second-stream-header',
  'unknown-tag',
  'length-field',
  'truncated-packet',
  'undefined-packet',
  'packet-too-large',
  'xml-malformed',
  'deflate-broken',
  'root-element',
]);
const TAIL_BYTES = 4096;

export interface CheckedStream {
  readonly records: number;
  /** Why the stream cannot be kept; undefined if it can. */
  readonly fault: string | undefined;
}

/** Looks at a stream while it goes by. */
export class BlockCheck {
  private readonly validator = validateStream({ findingsPerRule: 1 });
  private readonly reader: StreamReader | undefined;
  private fault: string | undefined;
  private tail: Buffer = Buffer.alloc(0);

  constructor(kind: 'das2' | 'qstream') {
    this.reader = kind === 'das2' ? new StreamReader(this.handler()) : undefined;
  }

  push(chunk: Uint8Array): void {
    this.validator.push(chunk);
    if (this.reader === undefined) this.tail = Buffer.concat([this.tail, chunk]).subarray(-TAIL_BYTES);
    else this.attempt((reader) => reader.push(chunk));
  }

  /** The end of the stream. */
  end(): CheckedStream {
    const { findings, summary } = this.validator.end();
    this.attempt((reader) => reader.end());
    const records = Object.values(summary.records).reduce((sum, count) => sum + count, 0);
    const broken = findings.find(({ code, severity }) => severity === 'violation' && BREAKS.has(code));
    if (broken !== undefined) this.fault ??= `${broken.message} (byte ${broken.offset})`;
    if (!summary.complete) this.fault ??= 'the stream is not complete';
    if (this.reader === undefined) this.fault ??= exceptionInTail(this.tail);
    return { records, fault: this.fault };
  }

  private attempt(step: (reader: StreamReader) => void): void {
    if (this.reader === undefined || this.fault !== undefined) return;
    try {
      step(this.reader);
    } catch (error) {
      if (!isDas2Error(error)) throw error;
      this.fault = error.message;
    }
  }

  private handler(): StreamHandler {
    return {
      streamHeader() {},
      packetHeader() {},
      records() {},
      comment() {},
      exception: ({ type, message }) => {
        if (!isNoData(type)) this.fault ??= `the stream holds an exception: ${type}: ${message}`;
      },
    };
  }
}

/** The exception that ends a QStream, unless it only says that there are no data. */
function exceptionInTail(tail: Buffer): string | undefined {
  const type = /<exception\b[^>]*\btype\s*=\s*["']([^"']*)["'][^>]*>[^[]*$/.exec(tail.toString('latin1'))?.[1];
  return type === undefined || isNoData(type) ? undefined : `the stream holds an exception: ${type}`;
}

/** True for the type of an exception that only says that there are no data. */
export function isNoData(type: string): boolean {
  return /^no_?data_?in_?interval$/i.test(type);
}
