/**
 * Text on its way out of a filter that writes rows: one buffer that is used again and handed over when it is full.
 *
 * Contract: whoever writes makes room first, writes into `bytes` from `length` on, and sets `length`. `makeRoom` may change `bytes`. Once the
 * sink has thrown nothing more goes to it.
 */
import type { ByteSink } from '../stream/byte-filter.js';

const CAPACITY = 64 * 1024;
/** Bytes of a row above which the buffer holds one. */
const LARGE = 1024 * 1024;

export class TextOutput {
  bytes: Uint8Array = new Uint8Array(CAPACITY);
  /** Where the next byte goes. */
  length: number;
  private failed = false;

  /** So many bytes at the front of the buffer are never handed over. */
  constructor(
    private readonly sink: ByteSink,
    private readonly reserved = 0,
  ) {
    this.length = reserved;
  }

  /** Hands over what is there. */
  flush(): void {
    if (this.length === this.reserved || this.failed) return;
    const written = this.bytes.subarray(this.reserved, this.length);
    this.length = this.reserved;
    this.failed = true;
    this.sink.write(written);
    this.failed = false;
  }

  /** Makes room for `need` bytes from `length` on. */
  makeRoom(need: number): void {
    if (this.length + need <= this.bytes.length) return;
    this.flush();
    if (this.reserved + need > this.bytes.length)
      this.bytes = new Uint8Array(this.reserved + (need > LARGE ? need : need * 2));
  }

  /** Writes a text in UTF-8. */
  text(text: string): void {
    const written = Buffer.from(text);
    this.makeRoom(written.length);
    this.bytes.set(written, this.length);
    this.length += written.length;
  }
}
