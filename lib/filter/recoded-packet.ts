/**
 * One packet type whose values change their encoding, record by record: text to binary or binary to text.
 *
 * Contract: the output header has the same planes with other encodings. Records are converted plane by plane into a block, tags
 * included, which then goes to the writer as a whole: the loops stay tight and the memory bounded. No object and no string is made per
 * value.
 */
import { Das2Error } from '../error.js';
import { type Encoding, isText } from '../stream/encoding.js';
import { type PacketHeader, type Plane, planeSize, recordSize, type StreamHeader } from '../stream/header.js';
import { planeFill } from '../stream/plane-fill.js';
import type { RecordRun } from '../stream/record-run.js';
import type { StreamWriter } from '../stream/stream-writer.js';
import { dataTagWord, idText, RECORD_LIMIT } from '../stream/tag.js';
import { unwritableTime } from './unreadable-time.js';

const BLOCK_BYTES = 32 * 1024;
const TAG_BYTES = 4;
const NEWLINE = 0x0a;

/** Where the values of one plane stand: bytes of the first value, and of one record. */
export interface Place {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly offset: number;
  readonly stride: number;
}

/** Converts one plane. */
export interface RecordColumn {
  /**
   * Handles `count` records and returns how many it has done: fewer only if an x value holds no readable time, or one that cannot be written, which
   * is then reported.
   */
  write(source: Place, target: Place, count: number): number;
}

/** What a column has to know of its plane. */
export interface ColumnRules {
  readonly plane: Plane;
  readonly source: Encoding;
  readonly target: Encoding;
  readonly itemCount: number;
  readonly fill: number;
  /** An unreadable time ends the stream (x planes) instead of becoming fill (stream-format 5.3). */
  readonly stopsAtUnreadable: boolean;
}

/** Where blocks of records are made: one for all packet types of a stream, as large as the largest of them needs. */
export class RecordBlock {
  bytes: Uint8Array = new Uint8Array(BLOCK_BYTES);
  view: DataView = new DataView(this.bytes.buffer);

  /** Makes the block at least this large; what is in it is lost. */
  reserve(size: number): void {
    if (size <= this.bytes.length) return;
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
  }
}

interface PlacedColumn {
  readonly column: RecordColumn;
  /** Bytes before this plane in an input and in an output record. */
  readonly from: number;
  readonly to: number;
  readonly source: Encoding;
}

export interface RecodedPacketOptions {
  readonly id: number;
  readonly header: PacketHeader;
  readonly stream: StreamHeader;
  /** The header with the new encodings. */
  readonly output: PacketHeader;
  readonly column: (rules: ColumnRules) => RecordColumn;
}

export class RecodedPacket {
  readonly output: PacketHeader;
  private readonly columns: readonly PlacedColumn[];
  /** Bytes of an output record with its tag. */
  private readonly size: number;
  private readonly capacity: number;
  private readonly tag: number;
  private readonly endsInText: boolean;

  /** Throws `packetTooLarge` where nobody could read the records in their new encodings (stream-format 2.5). */
  constructor({ id, header, stream, output, column }: RecodedPacketOptions) {
    this.output = output;
    this.tag = dataTagWord(id);
    const size = recordSize(output);
    if (size > RECORD_LIMIT) {
      throw new Das2Error(
        'packetTooLarge',
        `packet type ${idText(id)} would have records of ${size} bytes, at most ${RECORD_LIMIT} are possible`,
      );
    }
    this.size = TAG_BYTES + size;
    this.capacity = Math.max(1, Math.floor(BLOCK_BYTES / this.size));
    const last = output.planes.at(-1);
    this.endsInText = last !== undefined && isText(last.encoding);
    let from = 0;
    let to = TAG_BYTES;
    this.columns = header.planes.map((plane, index) => {
      const target = output.planes[index] ?? plane;
      const placed = {
        column: column({
          plane,
          source: plane.encoding,
          target: target.encoding,
          itemCount: plane.itemCount,
          fill: planeFill(plane, header, stream),
          stopsAtUnreadable: plane.element === 'x',
        }),
        from,
        to,
        source: plane.encoding,
      };
      from += planeSize(plane);
      to += planeSize(target);
      return placed;
    });
  }

  /** Writes a run of records. Throws `valueEncoding` at an x that cannot be written, with the records before it written. */
  write(writer: StreamWriter, run: RecordRun, block: RecordBlock): void {
    block.reserve(this.capacity * this.size);
    for (let first = 0; first < run.count; first += this.capacity) {
      const count = Math.min(this.capacity, run.count - first);
      this.writeBlock(writer, { ...run, offset: run.offset + first * run.stride }, count, block);
    }
  }

  private writeBlock(writer: StreamWriter, source: Place, count: number, { bytes, view }: RecordBlock): void {
    const { size, tag, endsInText } = this;
    let done = count;
    let stopped: PlacedColumn | undefined;
    for (const placed of this.columns) {
      const written = placed.column.write(
        { ...source, offset: source.offset + placed.from },
        { bytes, view, offset: placed.to, stride: size },
        done,
      );
      if (written < done) {
        done = written;
        stopped = placed;
      }
    }
    for (let record = 0, at = 0; record < done; record++, at += size) {
      view.setUint32(at, tag);
      if (endsInText) bytes[at + size - 1] = NEWLINE;
    }
    writer.raw(bytes.subarray(0, done * size));
    if (stopped === undefined) return;
    throw unwritableTime(stopped.source, source.bytes, source.offset + done * source.stride + stopped.from);
  }
}
