/**
 * Reads a block, or what a reader says just now, and hands on those of its records that are to be sent: the slow way of the merger
 * (merge-blocks.ts), for parts that cannot be sent as they are.
 *
 * Contract: one cutter a part: its chunks by `push`, then `end`. Throws the stream's fault.
 */
import type { PacketHeader, StreamHeader } from '../../stream/header.js';
import { type PropertyLine, propertyLine } from '../../stream/header-lines.js';
import { formatPacketHeader } from '../../stream/header-writer.js';
import type { StreamException } from '../../stream/message.js';
import type { RecordRun } from '../../stream/record-run.js';
import { type StreamHandler, StreamReader } from '../../stream/stream-reader.js';
import type { StreamWriter } from '../../stream/stream-writer.js';
import { copyRecords, TimedRecords } from '../block/timed-records.js';

/** The part of the time axis whose records are sent, in us2000. */
export interface KeptTimes {
  readonly beginUs2000: number;
  readonly endUs2000: number;
}

/** What takes a part. */
export interface PartTaker {
  /** Takes the records. */
  readonly writer: StreamWriter;
  /** The properties of the part's stream header. */
  streamHeader(lines: readonly PropertyLine[]): void;
  /** Packets follow, whether there was a stream header or not. */
  startBare(): void;
  /** A definition, in the canonical form. */
  packetHeader(id: number, content: string): void;
  /** So many records of a packet type are about to come. */
  count(id: number, records: number): void;
  exception(exception: StreamException): void;
}

/** Cuts one part. */
export class PartCutter implements StreamHandler {
  private readonly reader = new StreamReader(this);
  private readonly timed = new TimedRecords();

  constructor(
    private readonly taker: PartTaker,
    private readonly kept: KeptTimes,
  ) {}

  push(chunk: Uint8Array): void {
    this.reader.push(chunk);
  }

  end(): void {
    this.reader.end();
  }

  streamHeader({ properties }: StreamHeader): void {
    this.taker.streamHeader(properties.map(propertyLine));
  }

  packetHeader(id: number, header: PacketHeader): void {
    this.taker.startBare();
    this.timed.define(id, header);
    this.taker.packetHeader(id, formatPacketHeader(header));
  }

  records(id: number, run: RecordRun): void {
    const { beginUs2000, endUs2000 } = this.kept;
    this.timed.place(id, run, (times, readable, first) => {
      let from = 0;
      while (from < readable) {
        const time = times[from] as number;
        if (!(time >= beginUs2000 && time < endUs2000)) {
          from++;
          continue;
        }
        let to = from + 1;
        while (to < readable && (times[to] as number) >= beginUs2000 && (times[to] as number) < endUs2000) to++;
        this.taker.count(id, to - from);
        copyRecords(this.taker.writer, id, run, first + from, to - from);
        from = to;
      }
    });
  }

  comment(): void {}

  exception(exception: StreamException): void {
    this.taker.exception(exception);
  }
}
