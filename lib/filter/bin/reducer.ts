/**
 * The core of every time reducer: bins, open bins per packet type, order of output, faults (stream-format 11, 12).
 *
 * Contract
 * - One grid for the whole stream; each packet type has its own open bin. A bin is written when a record of its type falls into another
 *   bin, when the type is defined anew, and at the end in ascending order of ids; never for any other reason.
 * - Comments and exceptions leave at once, so they overtake open bins (8.3).
 * - A fault of the input flushes the open bins, adds an exception packet and is thrown on (11.4, D-16). A fault of the sink is thrown on
 *   at once. A packet type that cannot be written is announced by an exception and skipped; `end` then throws `planeLimit` (12.6).
 * - Output does not depend on how the input is cut into chunks.
 *
 * What differs from reducer to reducer is in `Reduction`.
 */
import { Das2Error } from '../../error.js';
import type { ByteFilter, ByteSink } from '../../stream/byte-filter.js';
import type { PacketHeader, StreamHeader } from '../../stream/header.js';
import { type Comment, exceptionPacket, type StreamException } from '../../stream/message.js';
import type { RecordRun } from '../../stream/record-run.js';
import { StreamWriter } from '../../stream/stream-writer.js';
import { createStreamFilter, type FilterBody } from '../stream-filter.js';
import { checkSums } from '../sum-limit.js';
import { Column, columnBytes } from './column.js';
import { BinGrid } from './grid.js';
import { type PacketPlan, type PlanOptions, PlanRefusal, planPacket } from './packet-plan.js';
import { BinRecordWriter } from './record-writer.js';
import { AXIS_BLOCK, TimeAxis } from './time-axis.js';

/** One reducer's own rules. */
export interface Reduction {
  /** The program, as it names itself in faults. */
  readonly program: string;
  readonly plan: PlanOptions;
  /** The stream header of the output. */
  streamHeader(header: StreamHeader): StreamHeader;
  /** The comment as it is passed on, or undefined if it is dropped. */
  comment(comment: Comment): Comment | undefined;
}

/** Records of a block must stay in the processor's cache while column after column walks over them. */
const BLOCK_BYTES = 256 * 1024;

/** A packet type with its open bin. */
class BinnedType {
  readonly axis: TimeAxis;
  readonly columns: readonly Column[];
  private readonly records: BinRecordWriter;
  open = false;
  bin = 0;

  constructor(
    readonly plan: PacketPlan,
    { statistics, inUnitsOfX }: PlanOptions,
  ) {
    this.axis = new TimeAxis(plan.x, plan.xOffset, plan.id, inUnitsOfX);
    this.columns = plan.columns.map((column) => new Column(column, statistics));
    this.records = new BinRecordWriter(plan, this.columns);
  }

  /** Writes the open bin, if there is one. */
  close(writer: StreamWriter, grid: BinGrid): void {
    if (!this.open) return;
    this.open = false;
    this.records.write(writer, grid.centre(this.bin));
    for (const column of this.columns) column.clear();
  }
}

/** The filter of a reduction. */
export function createReducer(reduction: Reduction, sink: ByteSink): ByteFilter {
  const writer = new StreamWriter(sink);
  return createStreamFilter(reduction.program, writer, new BinReducer(reduction, writer));
}

class BinReducer implements FilterBody {
  private readonly grid: BinGrid;
  private readonly plans: (PacketPlan | undefined)[] = new Array(100).fill(undefined);
  /** Made by the first record of its type: a header alone takes no memory for sums. */
  private readonly types: (BinnedType | undefined)[] = new Array(100).fill(undefined);
  private header: StreamHeader | undefined;
  private refusal: string | undefined;

  constructor(
    private readonly reduction: Reduction,
    private readonly writer: StreamWriter,
  ) {
    const { bin, begin, inUnitsOfX } = reduction.plan;
    this.grid = inUnitsOfX ? new BinGrid(bin, begin) : BinGrid.ofSeconds(bin, begin);
  }

  streamHeader(header: StreamHeader): void {
    this.header = header;
    this.writer.streamHeader(this.reduction.streamHeader(header));
  }

  packetHeader(id: number, header: PacketHeader): void {
    const plan = planPacket(id, header, this.header as StreamHeader, this.reduction.plan);
    this.types[id]?.close(this.writer, this.grid);
    this.types[id] = undefined;
    this.plans[id] = undefined;
    if (plan instanceof PlanRefusal) {
      this.refusal ??= plan.reason;
      this.writer.raw(exceptionPacket('ServerError', `${this.reduction.program}: ${plan.reason}`));
      return;
    }
    this.writer.packetHeader(id, plan.output);
    this.plans[id] = plan;
  }

  records(id: number, run: RecordRun): void {
    const type = this.types[id] ?? this.makeType(id);
    if (type === undefined) return;
    const block = Math.min(AXIS_BLOCK, Math.max(1, Math.floor(BLOCK_BYTES / run.stride)));
    let first = 0;
    while (first < run.count) first += this.reduceBlock(type, run, first, block);
  }

  comment(comment: Comment): void {
    const passed = this.reduction.comment(comment);
    if (passed !== undefined) this.writer.comment(passed);
  }

  exception(exception: StreamException): void {
    this.writer.exception(exception);
  }

  /** Writes the open bins, in ascending order of ids. */
  finish(): void {
    for (const type of this.types) type?.close(this.writer, this.grid);
  }

  conclude(): void {
    if (this.refusal !== undefined) throw new Das2Error('planeLimit', this.refusal);
  }

  /** The accumulators of a packet type; undefined for one that is skipped. */
  private makeType(id: number): BinnedType | undefined {
    const plan = this.plans[id];
    if (plan === undefined) return undefined;
    let bytes = this.bytesOf(plan);
    for (const other of this.types) bytes += other === undefined ? 0 : this.bytesOf(other.plan);
    checkSums(bytes);
    const type = new BinnedType(plan, this.reduction.plan);
    this.types[id] = type;
    return type;
  }

  /** What the sums of a packet type take. */
  private bytesOf({ columns }: PacketPlan): number {
    return columns.reduce((sum, column) => sum + columnBytes(column, this.reduction.plan.statistics), 0);
  }

  /** Reduces records of a run, `most` at a time, beginning with record `first`; returns how many. */
  private reduceBlock(type: BinnedType, run: RecordRun, first: number, most: number): number {
    const { grid } = this;
    const { axis, columns } = type;
    const count = axis.read(run, first, most);
    const { times } = axis;
    const { width } = grid;
    let record = 0;
    while (record < count) {
      const time = times[record] as number;
      if (Number.isNaN(time)) {
        // No time: the record is dropped (12.1).
        record++;
        continue;
      }
      if (Number.isNaN(grid.start)) grid.start = time;
      const { start } = grid;
      const bin = Math.floor((time - start) / width);
      let next = record + 1;
      while (next < count && Math.floor(((times[next] as number) - start) / width) === bin) next++;
      if (type.bin !== bin) type.close(this.writer, grid);
      type.open = true;
      type.bin = bin;
      for (let i = 0; i < columns.length; i++) {
        (columns[i] as Column).add(run, first + record, next - record);
      }
      record = next;
    }
    return count;
  }
}
