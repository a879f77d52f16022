/**
 * Reads a block, or what a reader says just now, and gives the merger (merge-blocks.ts) those of its records that are to be sent.
 *
 * Contract: one cutter a part: its chunks by `push`, then `end`. Throws the stream's fault.
 */
import type { PacketHeader, StreamHeader } from '../../stream/header.js';
import { propertyLine } from '../../stream/header-lines.js';
import { formatPacketHeader } from '../../stream/header-writer.js';
import type { StreamException } from '../../stream/message.js';
import type { RecordRun } from '../../stream/record-run.js';
import { type StreamHandler, StreamReader } from '../../stream/stream-reader.js';
import { copyRecords, TimedRecords } from '../block/timed-records.js';
import type { BlockMerger, KeptTimes } from './merge-blocks.js';

export class PartCutter implements StreamHandler {
  private readonly reader = new StreamReader(this);
  private readonly timed = new TimedRecords();

  constructor(
    private readonly merger: BlockMerger,
    private readonly kept: KeptTimes,
  ) {}

  push(chunk: Uint8Array): void {
    this.reader.push(chunk);
  }

  end(): void {
    this.reader.end();
  }

  streamHeader({ properties }: StreamHeader): void {
    this.merger.streamHeader(properties.map(propertyLine));
  }

  packetHeader(id: number, header: PacketHeader): void {
    this.merger.startBare();
    this.timed.define(id, header);
    this.merger.packetHeader(id, formatPacketHeader(header));
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
        this.merger.count(to - from);
        copyRecords(this.merger.writer, id, run, first + from, to - from);
        from = to;
      }
    });
  }

  comment(): void {}

  exception(exception: StreamException): void {
    this.merger.exception(exception);
  }
}
