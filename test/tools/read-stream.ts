/**
 * A whole stream as a list of packets, for tests, tools and small documents. Everything is copied: not for long streams.
 */
import { type PacketHeader, recordSize, type StreamHeader } from '../../lib/stream/header.js';
import type { Comment, StreamException } from '../../lib/stream/message.js';
import type { RecordRun } from '../../lib/stream/record-run.js';
import { type StreamHandler, StreamReader } from '../../lib/stream/stream-reader.js';

export type StreamPacket =
  | { readonly kind: 'stream'; readonly header: StreamHeader }
  | { readonly kind: 'packet'; readonly id: number; readonly header: PacketHeader }
  /** `bytes` are the values alone, without the tag. */
  | { readonly kind: 'data'; readonly id: number; readonly header: PacketHeader; readonly bytes: Uint8Array }
  | { readonly kind: 'comment'; readonly comment: Comment }
  | { readonly kind: 'exception'; readonly exception: StreamException };

/** Collects what a reader hands over. */
export class PacketCollector implements StreamHandler {
  readonly packets: StreamPacket[] = [];

  streamHeader(header: StreamHeader): void {
    this.packets.push({ kind: 'stream', header });
  }

  packetHeader(id: number, header: PacketHeader): void {
    this.packets.push({ kind: 'packet', id, header });
  }

  records(id: number, { bytes, offset, count, stride }: RecordRun, header: PacketHeader): void {
    const size = recordSize(header);
    for (let i = 0; i < count; i++) {
      const start = offset + i * stride;
      this.packets.push({ kind: 'data', id, header, bytes: new Uint8Array(bytes.subarray(start, start + size)) });
    }
  }

  comment(comment: Comment): void {
    this.packets.push({ kind: 'comment', comment });
  }

  exception(exception: StreamException): void {
    this.packets.push({ kind: 'exception', exception });
  }
}

/**
 * The packets of a complete stream, given as one piece or as the chunks in which it came. Throws the `Das2Error` of the first fault;
 * a caller that wants the packets before it uses a `PacketCollector` and a `StreamReader`.
 */
export function readStream(...chunks: readonly Uint8Array[]): StreamPacket[] {
  const collector = new PacketCollector();
  const reader = new StreamReader(collector);
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return collector.packets;
}
