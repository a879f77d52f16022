/**
 * The body of a filter that writes every record with other encodings: `das2_ascii`, `das2_binary` (stream-format 13.4, 13.11).
 *
 * Contract: one record in, one record out, with the same packet id and the same planes. Headers change by 11.2 and in what `plan` changes;
 * comments and exceptions pass unless they are not wanted.
 */
import type { PacketHeader, StreamHeader } from '../stream/header.js';
import type { Comment, StreamException } from '../stream/message.js';
import type { RecordRun } from '../stream/record-run.js';
import type { StreamWriter } from '../stream/stream-writer.js';
import { withSourceId } from './bin/stream-header.js';
import { RecodedPacket, type RecodedPacketOptions, RecordBlock } from './recoded-packet.js';
import type { FilterBody } from './stream-filter.js';

export interface Recoding {
  /** The program, for `sourceId`. */
  readonly program: string;
  /** The packet header of the output: the same planes in other encodings. */
  readonly plan: (header: PacketHeader) => PacketHeader;
  /** What converts a plane. */
  readonly column: RecodedPacketOptions['column'];
  readonly dropMessages?: boolean | undefined;
}

export class RecodingBody implements FilterBody {
  private readonly packets: (RecodedPacket | undefined)[] = new Array(100).fill(undefined);
  private readonly block = new RecordBlock();
  private header: StreamHeader | undefined;

  constructor(
    private readonly recoding: Recoding,
    private readonly writer: StreamWriter,
  ) {}

  streamHeader(header: StreamHeader): void {
    this.header = header;
    this.writer.streamHeader({ ...withSourceId(header, this.recoding.program), version: '2.2', compressed: false });
  }

  packetHeader(id: number, header: PacketHeader): void {
    const { plan, column } = this.recoding;
    const output = plan(header);
    // A definition that fails takes the old one with it.
    this.packets[id] = undefined;
    this.packets[id] = new RecodedPacket({ id, header, stream: this.header as StreamHeader, output, column });
    this.writer.packetHeader(id, output);
  }

  records(id: number, run: RecordRun): void {
    this.packets[id]?.write(this.writer, run, this.block);
  }

  comment(comment: Comment): void {
    if (this.recoding.dropMessages !== true) this.writer.comment(comment);
  }

  exception(exception: StreamException): void {
    if (this.recoding.dropMessages !== true) this.writer.exception(exception);
  }

  finish(): void {}
}
