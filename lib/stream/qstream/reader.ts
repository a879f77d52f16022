/**
 * Push parser of QStreams: bytes in, headers, descriptors, runs of records and messages out (stream-format 14.1).
 *
 * Contract
 * - Framing is that of das2, read with its tolerance: lengths padded with blanks, `XX` for `xx`, newlines between packets.
 * - Every header-like packet is given with its own bytes, so it can be copied unchanged; they are valid during the call only.
 * - A fault throws a `Das2Error` (`framing`, `streamHeader`, `packetHeader`, `message`, ...) out of `push` or `end`, after all whole
 *   packets before it were given. A reader that has thrown, or whose handler has thrown, ignores further calls.
 */
import { Das2Error } from '../../error.js';
import { documentRoot } from '../document-root.js';
import { PacketBuffer } from '../packet-buffer.js';
import { emptyRun, type RecordRun } from '../record-run.js';
import { idText } from '../tag.js';
import type { XmlElement } from '../xml.js';
import { parseQDescriptor, parseQStreamHeader, type QDescriptor, type QStreamHeader } from './header.js';

export interface QStreamHandler {
  streamHeader(header: QStreamHeader, packet: Uint8Array): void;
  /** A later `[00]`, which says nothing that counts. */
  repeatedHeader(packet: Uint8Array): void;
  descriptor(id: number, descriptor: QDescriptor, packet: Uint8Array): void;
  records(id: number, run: RecordRun): void;
  /** A comment, an exception or an `<enumerationUnit>`. */
  message(root: XmlElement, packet: Uint8Array): void;
}

/** Tag and length of a header packet. */
const HEAD = 10;

export class QStreamReader {
  private readonly buffer = new PacketBuffer();
  private readonly sizes: (number | undefined)[] = [];
  private readonly run = emptyRun();
  private started = false;
  private stopped = false;

  constructor(private readonly handler: QStreamHandler) {}

  /** Takes the next bytes of the stream; keeps no reference to them. */
  push(chunk: Uint8Array): void {
    if (this.stopped) return;
    this.buffer.append(chunk);
    this.guarded(() => {
      while (this.packet());
    });
  }

  /** Says that the stream ends here. */
  end(): void {
    if (this.stopped) return;
    this.guarded(() => {
      const rest = this.buffer.length;
      if (rest > 0) throw this.fault(`the stream ends inside a packet, ${rest} bytes after its tag began`);
      if (!this.started) throw new Das2Error('framing', 'the stream is empty');
    });
    this.stopped = true;
  }

  private guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.stopped = true;
      throw error;
    }
  }

  /** Handles the next packet, or a run of records; false when more bytes are needed. */
  private packet(): boolean {
    const { buffer } = this;
    for (let byte = buffer.at(0); byte === 0x0a || byte === 0x0d; byte = buffer.at(0)) buffer.consume(1);
    if (buffer.length < 4) return false;
    const tag = String.fromCharCode(...buffer.bytes.subarray(buffer.start, buffer.start + 4));
    if (/^:\d\d:$/.test(tag)) return this.records(Number(tag.slice(1, 3)));
    const match = /^\[(\d\d|[xX][xX])\]$/.exec(tag);
    if (match === null) throw this.fault(`${JSON.stringify(tag)} is no packet tag`);
    return this.document(match[1] ?? '');
  }

  private document(id: string): boolean {
    const { buffer } = this;
    if (buffer.length < HEAD) return false;
    const digits = String.fromCharCode(...buffer.bytes.subarray(buffer.start + 4, buffer.start + HEAD));
    const length = /^ *\d+ *$/.test(digits) ? Number(digits) : 0;
    if (length === 0) throw this.fault(`packet [${id}] has the length ${JSON.stringify(digits)}`);
    const size = HEAD + length;
    if (buffer.length < size) return false;
    const packet = buffer.bytes.subarray(buffer.start, buffer.start + size);
    // Packets may be passed on as they are: then with a tag as it is written, whatever was tolerated here (2.1).
    packet.set(Buffer.from(`[${id.toLowerCase()}]${String(length).padStart(6, '0')}`));
    this.dispatch(id, packet);
    buffer.consume(size);
    return true;
  }

  private dispatch(id: string, packet: Uint8Array): void {
    const content = packet.subarray(HEAD);
    if (id === '00') {
      if (this.started) {
        // What it says is ignored, that it is no document is not.
        documentRoot(content, 'streamHeader', 'a repeated stream header');
        this.handler.repeatedHeader(packet);
        return;
      }
      const header = parseQStreamHeader(content);
      this.started = true;
      this.handler.streamHeader(header, packet);
      return;
    }
    if (!this.started) throw this.fault(`packet [${id}] stands before the stream header`);
    if (id.toLowerCase() === 'xx') {
      this.handler.message(documentRoot(content, 'message', 'a message packet'), packet);
      return;
    }
    const number = Number(id);
    // A definition that fails takes the old one with it.
    this.sizes[number] = undefined;
    const descriptor = parseQDescriptor(number, content);
    this.sizes[number] = descriptor.recordSize;
    this.handler.descriptor(number, descriptor, packet);
  }

  private records(id: number): boolean {
    const { buffer } = this;
    const size = this.sizes[id];
    if (size === undefined) throw this.fault(`data packet :${idText(id)}: has no packet descriptor before it`);
    const stride = size + 4;
    const { view } = buffer;
    const tag = view.getUint32(buffer.start);
    let end = buffer.start + stride;
    if (end > buffer.end) return false;
    let count = 1;
    while (end + stride <= buffer.end && view.getUint32(end) === tag) {
      end += stride;
      count++;
    }
    if (size > 0) {
      const { bytes, start } = buffer;
      this.handler.records(id, Object.assign(this.run, { bytes, view, offset: start + 4, count, stride }));
    }
    buffer.consume(count * stride);
    return true;
  }

  private fault(message: string): Das2Error {
    const { offset } = this.buffer;
    return new Das2Error('framing', `byte ${offset}: ${message}`, { data: { offset } });
  }
}
