/**
 * The digest `q1` of a QStream: SHA-256 of its packets without comments, until there is a canonical form (citation 4.5).
 *
 * Contract: packets count as they are, line ends between them do not. An exception other than "no data" is kept in `fault`: such a stream has no
 * digest.
 */
import { createHash } from 'node:crypto';
import { isNoData, type StreamException } from '../../stream/message.js';
import type { QStreamHandler } from '../../stream/qstream/reader.js';
import type { RecordRun } from '../../stream/record-run.js';
import type { XmlElement } from '../../stream/xml.js';

/** The tag of a data packet. */
const TAG = 4;

export class QStreamDigest implements QStreamHandler {
  fault: StreamException | undefined;
  packetCount = 0;
  private readonly hash = createHash('sha256');

  streamHeader(_header: unknown, packet: Uint8Array): void {
    this.hash.update(packet);
  }

  repeatedHeader(packet: Uint8Array): void {
    this.hash.update(packet);
  }

  descriptor(_id: number, _descriptor: unknown, packet: Uint8Array): void {
    this.hash.update(packet);
  }

  records(_id: number, { bytes, offset, stride, count }: RecordRun): void {
    this.packetCount += count;
    this.hash.update(bytes.subarray(offset - TAG, offset - TAG + stride * count));
  }

  message({ name, attributes }: XmlElement, packet: Uint8Array): void {
    if (name === 'comment') return;
    const type = attributes.get('type') ?? '';
    if (name === 'exception' && !isNoData(type)) this.fault ??= { type, message: attributes.get('message') ?? '' };
    this.hash.update(packet);
  }

  /** 64 hexadecimal digits. */
  finish(): string {
    return this.hash.digest('hex');
  }
}
