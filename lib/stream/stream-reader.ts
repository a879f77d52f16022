/**
 * Push parser of das2 streams. (Signatures first; see StreamHandler for the contract.)
 */
import type { PacketHeader, StreamHeader } from './header.js';
import type { Comment, StreamException } from './message.js';

/**
 * What a reader tells its owner, in stream order. A handler may throw; the error leaves `push` or `end` as it is and the reader
 * then ignores everything.
 */
export interface StreamHandler {
  streamHeader(header: StreamHeader): void;
  packetHeader(id: number, header: PacketHeader): void;
  /**
   * A run of `count` consecutive whole records of packet type `id`. Values of record i start at
   * `offset + i * stride` of `bytes` and of `view` (the same memory; valid during the call only).
   */
  records(
    id: number,
    header: PacketHeader,
    bytes: Uint8Array,
    view: DataView,
    offset: number,
    count: number,
    stride: number,
  ): void;
  comment(comment: Comment): void;
  exception(exception: StreamException): void;
}

export class StreamReader {
  constructor(readonly handler: StreamHandler) {}

  /** Takes the next bytes of the stream; keeps no reference to them. */
  push(_chunk: Uint8Array): void {}

  /** Says that the stream ends here. */
  end(): void {}
}
