/**
 * Writes das2 2.2 packets into one reused output buffer and hands it to a sink when it is full.
 *
 * Contract
 * - Packets leave in the order of the calls, with nothing between them; headers in the canonical form of header-writer.ts.
 * - A record is written in place: `beginRecord(id, size)` writes the tag and returns the offset of the first value in `bytes` and
 *   `view` (both are valid until the next call of the writer). No copy, no object per record.
 * - `flush` hands over what is there; the writer never flushes by itself except when the buffer is full.
 * - `failed` is true after the sink has thrown: then nothing more can be written, not even an exception packet.
 */
import { asDas2Error, isDas2Error } from '../error.js';
import type { ByteSink } from './byte-filter.js';
import type { PacketHeader, StreamHeader } from './header.js';
import { formatPacketHeader, formatStreamHeader } from './header-writer.js';
import { type Comment, exceptionPacket, formatComment, formatException, type StreamException } from './message.js';
import { dataTagWord, frameHeader, idText } from './tag.js';

const CAPACITY = 64 * 1024;
/** Bytes of a record above which the buffer holds one. */
const LARGE = 1024 * 1024;

export class StreamWriter {
  /** The output buffer; records are written into it at the offset that `beginRecord` returned. */
  bytes: Uint8Array;
  view: DataView;
  /** True once a stream header has been written. */
  started = false;
  /** True once the sink has thrown. */
  failed = false;
  private length = 0;

  /** `shortest`: whole packets of so many bytes are handed on as they are; the buffer begins with as much and grows with what is gathered. */
  constructor(
    private readonly sink: ByteSink,
    private readonly shortest = CAPACITY,
  ) {
    this.bytes = new Uint8Array(shortest);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Writes the `[00]` packet. */
  streamHeader(header: StreamHeader): void {
    this.headerText(0, formatStreamHeader(header));
  }

  /** Writes an `[NN]` packet. */
  packetHeader(id: number, header: PacketHeader): void {
    this.headerText(id, formatPacketHeader(header));
  }

  /** Writes a header whose content is at hand; id 0 is the stream header. */
  headerText(id: number, content: string): void {
    this.raw(frameHeader(idText(id), content));
    if (id === 0) this.started = true;
  }

  comment(comment: Comment): void {
    this.raw(frameHeader('xx', formatComment(comment)));
  }

  exception(exception: StreamException): void {
    this.raw(frameHeader('xx', formatException(exception)));
  }

  /**
   * Makes room for one record of `size` bytes (without tag), writes its tag and returns the offset of its first value. The caller
   * fills all `size` bytes before the next call.
   */
  beginRecord(id: number, size: number): number {
    const need = size + 4;
    if (this.length + need > this.bytes.length) this.makeRoom(need);
    this.view.setUint32(this.length, dataTagWord(id));
    const offset = this.length + 4;
    this.length += need;
    return offset;
  }

  /** Says something to people besides the stream. */
  notice(text: string): void {
    this.sink.notice?.(text);
  }

  /** Bytes of whole packets, as they are. Many of them go on without being copied. */
  raw(packet: Uint8Array): void {
    if (packet.length >= this.shortest) {
      this.flush();
      this.hand(packet);
      return;
    }
    if (this.length + packet.length > this.bytes.length) this.makeRoom(packet.length);
    this.bytes.set(packet, this.length);
    this.length += packet.length;
  }

  /** Hands everything written so far to the sink. */
  flush(): void {
    if (this.length === 0 || this.failed) return;
    const length = this.length;
    this.length = 0;
    this.hand(this.bytes.subarray(0, length));
  }

  private hand(bytes: Uint8Array): void {
    if (this.failed) return;
    this.failed = true;
    this.sink.write(bytes);
    this.failed = false;
  }

  /**
   * The end after a fault: an exception packet behind what is written, and everything handed over (stream-format 11.4). Says nothing where no
   * stream header has been written, or where nobody takes the bytes. An exception of the input that a program ends with stands there already,
   * and a sink that `tellsFaults` does so in its own words.
   */
  fault(program: string, error: unknown): void {
    if (!this.started || this.failed) return;
    if (this.sink.tellsFaults !== true && !isDas2Error(error, 'exceptionReceived')) {
      this.raw(exceptionPacket('ServerError', `${program}: ${asDas2Error(error).message}`));
    }
    this.flush();
  }

  private makeRoom(need: number): void {
    if (this.length + need > CAPACITY) this.flush();
    if (this.length + need <= this.bytes.length) return;
    // Room for two spares a hand-over for each; records that are large by themselves take no more than they need.
    const larger = new Uint8Array(Math.max(CAPACITY, need > LARGE ? need : need * 2));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }
}
