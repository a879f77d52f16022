/**
 * The stream of one block while it is cut out of that of a run (split-blocks.ts): header, definitions and records as the reader would have written
 * them for the block alone.
 *
 * Contract: what goes wrong here is the fault of this block, and is told when it closes.
 */

import type { ByteFilter } from '../../stream/byte-filter.js';
import type { PacketHeader, StreamHeader } from '../../stream/header.js';
import type { RecordRun } from '../../stream/record-run.js';
import { StreamWriter } from '../../stream/stream-writer.js';
import { copyRecords } from '../block/timed-records.js';

/** A block to be cut out. Times in us2000. */
export interface BlockCut {
  readonly begin: number;
  readonly end: number;
  /** Makes what takes the stream of the block. */
  open(): ByteFilter;
  /** The block's stream has ended, well or with a fault. Called once if `open` was. */
  closed(fault: unknown): void;
  /** Records came after `closed`. */
  late(): void;
}

/** A packet type as it is defined now. */
export interface Definition {
  readonly header: PacketHeader;
  /** It was there before the first record of the stream. */
  readonly onTop: boolean;
}

/** The stream of one block while it is written. */
export class OpenBlock {
  private readonly writer: StreamWriter;
  private readonly filter: ByteFilter | undefined;
  private readonly defined = new Set<number>();
  /** Definitions since the last record of their type, the last two: another one between two alike parts bins. */
  private readonly waiting = new Map<number, readonly PacketHeader[]>();
  private hasRecords = false;
  private fault: unknown;

  constructor(
    private readonly cut: BlockCut,
    private readonly top: { readonly header: StreamHeader; readonly definitions: ReadonlyMap<number, Definition> },
  ) {
    this.writer = new StreamWriter({ write: (bytes) => this.filter?.push(bytes) });
    try {
      this.filter = cut.open();
    } catch (error) {
      this.fault = error;
    }
    this.attempt(() => this.writer.streamHeader({ ...top.header, compressed: false }));
  }

  /** A definition that comes again. It goes in with the next record, for it may lie behind the end of the block, which is still open then. */
  redefine(id: number, header: PacketHeader): void {
    if (this.defined.has(id)) this.waiting.set(id, [...(this.waiting.get(id)?.slice(-1) ?? []), header]);
  }

  copy(id: number, header: PacketHeader, run: RecordRun, first: number, count: number): void {
    this.attempt(() => {
      if (!this.hasRecords) {
        this.hasRecords = true;
        for (const [other, definition] of this.top.definitions) {
          if (definition.onTop) this.define(other, definition.header);
        }
      }
      for (const again of this.waiting.get(id) ?? []) this.writer.packetHeader(id, again);
      this.waiting.delete(id);
      if (!this.defined.has(id)) this.define(id, header);
      copyRecords(this.writer, id, run, first, count);
    });
  }

  close(): void {
    this.attempt(() => {
      if (!this.hasRecords) {
        this.writer.exception({ type: 'NoDataInInterval', message: 'No data in the interval of this block' });
      }
      this.writer.flush();
      this.filter?.end();
    });
    this.cut.closed(this.fault);
  }

  private define(id: number, header: PacketHeader): void {
    this.defined.add(id);
    this.writer.packetHeader(id, header);
  }

  private attempt(action: () => void): void {
    if (this.fault !== undefined) return;
    try {
      action();
    } catch (error) {
      this.fault = error;
    }
  }
}
