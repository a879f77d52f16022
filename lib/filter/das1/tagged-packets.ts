/**
 * Framing of tagged das1 (stream-format 13.9).
 *
 *     stream = { tag length values }      tag = ":b0:" | ":bx:" | ":by:"
 *     length = bytes of the values, four hexadecimal digits       values = big endian 4-byte reals
 *
 * Contract: whole packets go to the handler, whatever the chunks; a packet is at most 65535 bytes, so memory is bounded. Line ends between packets are
 * skipped. Bytes that are no packet, and an end inside one, are `framing` faults after the packets before them.
 */
import { Das2Error } from '../../error.js';

export type TaggedDas1Kind = 'b0' | 'bx' | 'by';

/** Takes the values of a packet; the array is the handler's own. */
export type TaggedDas1Handler = (kind: TaggedDas1Kind, values: Float32Array) => void;

const HEAD_BYTES = 8;
const LARGEST = HEAD_BYTES + 0xffff;

export class TaggedDas1Packets {
  private readonly tail = new Uint8Array(LARGEST);
  private tailLength = 0;
  /** Bytes of the stream before the packet that is being read; for messages. */
  private position = 0;

  constructor(private readonly handler: TaggedDas1Handler) {}

  push(chunk: Uint8Array): void {
    let used = 0;
    while (this.tailLength > 0 && used < chunk.length) {
      const need = this.sizeAt(this.tail, 0, this.tailLength);
      const count = Math.min(need - this.tailLength, chunk.length - used);
      this.tail.set(chunk.subarray(used, used + count), this.tailLength);
      this.tailLength += count;
      used += count;
      // Looked at after every byte: what is no packet is refused at once, however it was cut.
      if (this.sizeAt(this.tail, 0, this.tailLength) > this.tailLength) continue;
      this.packet(this.tail, 0, this.tailLength);
      this.position += this.tailLength;
      this.tailLength = 0;
    }
    while (used < chunk.length) {
      const first = chunk[used];
      if (first === 0x0a || first === 0x0d) {
        used++;
        this.position++;
        continue;
      }
      const size = this.sizeAt(chunk, used, chunk.length);
      if (size > chunk.length - used) break;
      this.packet(chunk, used, size);
      used += size;
      this.position += size;
    }
    if (used < chunk.length) {
      this.tail.set(chunk.subarray(used));
      this.tailLength = chunk.length - used;
    }
  }

  /** Says that the input ends here. */
  end(): void {
    if (this.tailLength > 0)
      throw this.fault(`the input ends inside a packet: ${this.tailLength} bytes of it are there`);
    if (this.position === 0) throw new Das2Error('framing', 'the input is empty');
  }

  /** Bytes of the packet at `at`; or how many are needed to know. */
  private sizeAt(bytes: Uint8Array, at: number, end: number): number {
    const there = Math.min(HEAD_BYTES, end - at);
    for (let i = 0; i < there; i++) {
      if (!isHeadByte(i, bytes[at + i] as number)) {
        throw this.fault(
          'bytes that are no packet of tagged das1: one begins with :b0:, :bx: or :by: and four hexadecimal digits',
        );
      }
    }
    if (there < HEAD_BYTES) return HEAD_BYTES;
    const length = Number.parseInt(String.fromCharCode(...bytes.subarray(at + 4, at + HEAD_BYTES)), 16);
    if (length % 4 !== 0) throw this.fault(`a packet of ${length} bytes cannot hold 4-byte reals`);
    return HEAD_BYTES + length;
  }

  private packet(bytes: Uint8Array, at: number, size: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at + HEAD_BYTES, size - HEAD_BYTES);
    const values = new Float32Array(view.byteLength / 4);
    for (let i = 0; i < values.length; i++) values[i] = view.getFloat32(4 * i);
    this.handler(`b${String.fromCharCode(bytes[at + 2] as number)}` as TaggedDas1Kind, values);
  }

  private fault(what: string): Das2Error {
    return new Das2Error('framing', `${what} (at byte ${this.position})`, { data: { offset: this.position } });
  }
}

/** `:`, `b`, one of `0xy`, `:`, then four hexadecimal digits. */
function isHeadByte(index: number, byte: number): boolean {
  if (index === 0 || index === 3) return byte === 0x3a;
  if (index === 1) return byte === 0x62;
  if (index === 2) return byte === 0x30 || byte === 0x78 || byte === 0x79;
  return (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}
