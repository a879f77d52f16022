/**
 * Whether bytes are a stream that may be kept as a block (server-internals 2.7, rule 1): a header, whole packets, nothing behind them,
 * and no exception but "no data in interval".
 *
 * The framing is judged by the validator, for both families. What a das2 stream means is read by the reader that will read it from the
 * cache, so a block that is kept can be served. Remarks of the validator, and slips that no reader minds, do no harm here: the same
 * bytes go to clients when there is no cache.
 */
import { isDas2Error } from '../../error.js';
import type { PacketHeader } from '../../stream/header.js';
import { isNoData } from '../../stream/message.js';
import type { RecordRun } from '../../stream/record-run.js';
import { type StreamHandler, StreamReader } from '../../stream/stream-reader.js';
import type { RuleCode } from '../../stream/validator/rules.js';
import { validateStream } from '../../stream/validator/validator.js';
import { TimedRecords } from './timed-records.js';

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
/** Headers in front of all records are shorter than this, or nobody minds. */
const HEAD_BYTES = 64 * 1024;

/** Where the records of a stream are, if nothing else follows the first one. */
export interface PlainData {
  /** Where the first record begins. */
  readonly at: number;
  /** Earliest and latest x, in us2000. */
  readonly first: number;
  readonly last: number;
}

export interface CheckedStream {
  readonly records: number;
  /** Undefined for QStreams, and where records and headers are mixed or a record has no time. */
  readonly plain: PlainData | undefined;
  /** Why the stream cannot be kept; undefined if it can. */
  readonly fault: string | undefined;
}

/** Looks at a stream while it goes by. */
export class BlockCheck {
  private readonly validator = validateStream({ findingsPerRule: 1 });
  private readonly reader: StreamReader | undefined;
  private fault: string | undefined;
  private tail: Buffer = Buffer.alloc(0);
  private readonly places = new RecordPlaces();

  constructor(kind: 'das2' | 'qstream') {
    this.reader = kind === 'das2' ? new StreamReader(this.handler()) : undefined;
  }

  push(chunk: Uint8Array): void {
    this.validator.push(chunk);
    this.places.push(chunk);
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
    const plain = this.reader === undefined || records === 0 ? undefined : this.places.plain();
    return { records, plain, fault: this.fault };
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
      packetHeader: (id, header) => this.places.header(id, header),
      records: (id, run) => this.places.records(id, run),
      comment: () => this.places.message(),
      exception: ({ type, message }) => {
        this.places.message();
        if (!isNoData(type)) this.fault ??= `the stream holds an exception: ${type}: ${message}`;
      },
    };
  }
}

/** Notes where records lie, in the stream and in time. */
class RecordPlaces {
  private readonly timed = new TimedRecords();
  private head: Buffer = Buffer.alloc(0);
  private total = 0;
  private recordBytes = 0;
  private first = Number.POSITIVE_INFINITY;
  private last = Number.NEGATIVE_INFINITY;
  private isMixed = false;

  push(chunk: Uint8Array): void {
    this.total += chunk.length;
    if (this.head.length < HEAD_BYTES) this.head = Buffer.concat([this.head, chunk]).subarray(0, HEAD_BYTES);
  }

  header(id: number, header: PacketHeader): void {
    this.message();
    this.timed.define(id, header);
  }

  /** A packet that is no record. */
  message(): void {
    if (this.recordBytes > 0) this.isMixed = true;
  }

  /** Throws what no reader of the cache could read. */
  records(id: number, run: RecordRun): void {
    this.recordBytes += run.count * run.stride;
    this.timed.place(id, run, (times, readable) => {
      for (let i = 0; i < readable; i++) {
        const time = times[i] as number;
        if (!(time >= this.first)) this.first = time;
        if (!(time <= this.last)) this.last = time;
      }
    });
  }

  plain(): PlainData | undefined {
    const at = this.total - this.recordBytes;
    if (this.isMixed || !Number.isFinite(this.first + this.last)) return undefined;
    return at < this.head.length && isHead(this.head.subarray(0, at))
      ? { at, first: this.first, last: this.last }
      : undefined;
  }
}

/** True for whole packets, none of them a record. */
function isHead(bytes: Uint8Array): boolean {
  let isRight = true;
  const ignore = (): void => {};
  const reader = new StreamReader({
    streamHeader: ({ compressed }) => {
      isRight &&= !compressed;
    },
    packetHeader: ignore,
    records: () => {
      isRight = false;
    },
    comment: ignore,
    exception: ignore,
  });
  try {
    reader.push(bytes);
    reader.end();
    return isRight;
  } catch {
    return false;
  }
}

/** The exception that ends a QStream, unless it only says that there are no data. */
function exceptionInTail(tail: Buffer): string | undefined {
  const type = /<exception\b[^>]*\btype\s*=\s*["']([^"']*)["'][^>]*>[^[]*$/.exec(tail.toString('latin1'))?.[1];
  return type === undefined || isNoData(type) ? undefined : `the stream holds an exception: ${type}`;
}
