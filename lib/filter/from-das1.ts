/**
 * The conversion behind `das2_from_das1`: plain das1 bytes in, a das2 stream out (stream-format 13.9).
 *
 * Contract: headers come from the keywords of the source definition (from-das1-header) and are written with the first byte of input, so that
 * a reader which fails at once leaves nothing behind. Input that ends without any byte gives headers and a `NoDataInInterval` exception. A record
 * that is cut short, and whatever the caller reports with `fail`, ends the stream with an exception packet and status 112. Records whose offset is no
 * number are dropped: they have no time. Running the reader is the caller's business.
 */
import { asDas2Error, Das2Error } from '../error.js';
import type { ByteFilter, ByteSink } from '../stream/byte-filter.js';
import { type PacketHeader, recordSize, type StreamHeader } from '../stream/header.js';
import { StreamWriter } from '../stream/stream-writer.js';
import { parseTime, us2000FromTime } from '../stream/time.js';
import { type Das1Keywords, das1PacketHeader, das1StreamHeader, NAME, OWN_STATUS } from './das1/header.js';
import { Das1Records } from './das1/records.js';
import type { FilterProgram } from './program.js';

const OUTPUT_ID = 1;

/** A das1 stream on its way to das2. */
export interface Das1Conversion extends ByteFilter {
  /** Ends the stream because its producer failed: writes what is complete and an exception, and throws status 112. */
  fail(reason: string): never;
}

/** The conversion for one request. Throws `sourceDefinition` (status 112) for keywords that do not describe the records. */
export function createFromDas1(definition: Das1Keywords, sink: ByteSink): Das1Conversion {
  return new FromDas1(definition, sink);
}

/**
 * The same as a stage behind the reader, for a server that runs filters inside its process. Its arguments are not looked at: the request is
 * in `definition`.
 */
export function fromDas1Program(definition: Das1Keywords): FilterProgram {
  return {
    name: NAME,
    usageStatus: 100,
    help: `Usage: ${NAME} DSDF [INTERVAL] BEGIN END [PARAM...]\n`,
    create: (_args, sink) => createFromDas1(definition, sink),
  };
}

class FromDas1 implements Das1Conversion {
  private readonly writer: StreamWriter;
  private readonly records: Das1Records;
  private readonly streamHeader: StreamHeader;
  private readonly packetHeader: PacketHeader;
  private readonly begin: number;
  /** 4-byte values of a record behind its offset. */
  private readonly valueCount: number;
  private readonly outputSize: number;
  private ended = false;

  constructor(definition: Das1Keywords, sink: ByteSink) {
    this.writer = new StreamWriter(sink);
    this.begin = us2000FromTime(parseTime(definition.begin));
    this.streamHeader = das1StreamHeader(definition);
    this.packetHeader = das1PacketHeader(definition);
    this.outputSize = recordSize(this.packetHeader);
    this.valueCount = (this.outputSize - 8) / 4;
    this.records = new Das1Records(4 * (this.valueCount + 1), (view, offset, count) =>
      this.convert(view, offset, count),
    );
  }

  push(chunk: Uint8Array): void {
    if (this.ended || chunk.length === 0) return;
    this.start();
    this.records.push(chunk);
  }

  flush(): void {
    if (!this.ended) this.writer.flush();
  }

  end(): void {
    if (this.ended) return;
    if (!this.writer.started) {
      this.start();
      this.writer.exception({ type: 'NoDataInInterval', message: 'the reader has no data for this time range' });
    }
    try {
      this.records.end();
    } catch (error) {
      this.fail(asDas2Error(error).message);
    }
    this.ended = true;
    this.writer.flush();
  }

  fail(reason: string): never {
    const error = new Das2Error('readerFailed', reason, { exitStatus: OWN_STATUS });
    if (!this.ended) this.writer.fault(NAME, error);
    this.ended = true;
    throw error;
  }

  private start(): void {
    if (this.writer.started) return;
    this.writer.streamHeader(this.streamHeader);
    this.writer.packetHeader(OUTPUT_ID, this.packetHeader);
  }

  private convert(source: DataView, offset: number, count: number): void {
    const { writer, begin, valueCount, outputSize } = this;
    const size = 4 * (valueCount + 1);
    for (let record = 0, from = offset; record < count; record++, from += size) {
      const seconds = source.getFloat32(from);
      if (!Number.isFinite(seconds)) continue;
      let to = writer.beginRecord(OUTPUT_ID, outputSize);
      const { view } = writer;
      view.setFloat64(to, begin + seconds * 1e6, true);
      to += 8;
      // As bit patterns: a NaN keeps its bits, and no conversion is needed.
      for (let value = from + 4; value < from + size; value += 4, to += 4)
        view.setUint32(to, source.getUint32(value), true);
    }
  }
}
