/**
 * Cuts the stream of one run of the reader into blocks of any number of levels, each of them a whole stream of its own.
 *
 * Contract
 * - What a block gets is what the reader would have written for that time alone: the stream header, the definitions that hold, the records
 *   with begin <= x < end, byte for byte. Definitions from the top of the stream go in front of the first record; others where their packet type
 *   is used; one that comes again between records of the block goes in again, because it parts bins. A block without a record gets the exception
 *   `NoDataInInterval`. Comments stay out, as they do when blocks are read (stream-format 13.8).
 * - Records may jump back a little: the last `OPEN_BLOCKS` blocks of each level stay open. A record for a block that has been closed makes
 *   that block `late`: its content is not to be used.
 * - An exception in the stream, other than "no data", throws, and so does all that StreamReader calls a fault. What goes wrong while
 *   one block is written is the fault of that block alone.
 */
import { Das2Error } from '../../error.js';
import type { PacketHeader, StreamHeader } from '../../stream/header.js';
import type { StreamException } from '../../stream/message.js';
import { isNoData } from '../../stream/message.js';
import type { RecordRun } from '../../stream/record-run.js';
import { type StreamHandler, StreamReader } from '../../stream/stream-reader.js';
import { TimedRecords } from '../block/timed-records.js';
import { type BlockCut, type Definition, OpenBlock } from './open-block.js';

const OPEN_BLOCKS = 2;

/** Cuts one stream. */
export class BlockSplitter implements StreamHandler {
  private readonly reader = new StreamReader(this);
  private readonly timed = new TimedRecords();
  private readonly definitions = new Map<number, Definition>();
  private readonly levels: LevelCutter[];
  private header: StreamHeader | undefined;
  private anyRecord = false;

  /** `levels`: the blocks of each level in order of time, not overlapping. */
  constructor(levels: readonly (readonly BlockCut[])[]) {
    this.levels = levels.map((cuts) => new LevelCutter(cuts, (cut) => new OpenBlock(cut, this.topOf())));
  }

  push(chunk: Uint8Array): void {
    this.reader.push(chunk);
  }

  /** The end of the stream: closes all blocks, those without a record among them, one at each step. */
  *end(): Generator<void> {
    this.reader.end();
    for (const level of this.levels) yield* level.end();
  }

  streamHeader(header: StreamHeader): void {
    this.header = header;
  }

  packetHeader(id: number, header: PacketHeader): void {
    this.timed.define(id, header);
    this.definitions.delete(id);
    this.definitions.set(id, { header, onTop: !this.anyRecord });
    for (const level of this.levels) level.redefine(id, header);
  }

  records(id: number, run: RecordRun, header: PacketHeader): void {
    this.anyRecord = true;
    this.timed.place(id, run, (times, readable, first) => {
      for (const level of this.levels) {
        level.cut(times, readable, (block, from, to) => block.copy(id, header, run, first + from, to - from));
      }
    });
  }

  comment(): void {}

  exception({ type, message }: StreamException): void {
    if (!isNoData(type)) {
      throw new Das2Error('exceptionReceived', `the stream holds an exception: ${type}: ${message}`);
    }
  }

  private topOf(): { readonly header: StreamHeader; readonly definitions: ReadonlyMap<number, Definition> } {
    return {
      header: this.header ?? { version: '2.2', compressed: false, properties: [] },
      definitions: this.definitions,
    };
  }
}

/** The blocks of one level. */
class LevelCutter {
  private current = -1;
  private readonly open = new Map<number, OpenBlock>();
  private readonly closed: boolean[];

  constructor(
    private readonly cuts: readonly BlockCut[],
    private readonly openBlock: (cut: BlockCut) => OpenBlock,
  ) {
    this.closed = cuts.map(() => false);
  }

  redefine(id: number, header: PacketHeader): void {
    for (const block of this.open.values()) block.redefine(id, header);
  }

  /** Hands runs of records that lie in the same block to `take`. */
  cut(times: Float64Array, count: number, take: (block: OpenBlock, from: number, to: number) => void): void {
    let from = 0;
    while (from < count) {
      const time = times[from] as number;
      const index = this.find(time);
      if (index < 0) {
        from++;
        continue;
      }
      const { begin, end } = this.cuts[index] as BlockCut;
      let to = from + 1;
      while (to < count && (times[to] as number) >= begin && (times[to] as number) < end) to++;
      const block = this.blockAt(index);
      if (block !== undefined) take(block, from, to);
      from = to;
    }
  }

  *end(): Generator<void> {
    for (const index of [...this.open.keys()]) {
      this.close(index);
      yield;
    }
    for (const [index, done] of this.closed.entries()) {
      if (done) continue;
      this.open.set(index, this.openBlock(this.cuts[index] as BlockCut));
      this.close(index);
      yield;
    }
  }

  /** The block in which a time lies; -1 if in none. */
  private find(time: number): number {
    const { cuts, current } = this;
    const now = cuts[current];
    if (now !== undefined && time >= now.begin && time < now.end) return current;
    let low = 0;
    let high = cuts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (time >= (cuts[middle] as BlockCut).end) low = middle + 1;
      else high = middle;
    }
    const found = cuts[low];
    if (found === undefined || !(time >= found.begin && time < found.end)) return -1;
    this.current = low;
    return low;
  }

  private blockAt(index: number): OpenBlock | undefined {
    const known = this.open.get(index);
    if (known !== undefined) return known;
    const cut = this.cuts[index] as BlockCut;
    if (this.closed[index]) {
      cut.late();
      return undefined;
    }
    // The one that was opened first.
    if (this.open.size >= OPEN_BLOCKS) this.close(this.open.keys().next().value as number);
    const block = this.openBlock(cut);
    this.open.set(index, block);
    return block;
  }

  private close(index: number): void {
    this.open.get(index)?.close();
    this.open.delete(index);
    this.closed[index] = true;
  }
}
