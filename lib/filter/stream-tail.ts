/**
 * The part of a fixed-size record that has arrived at the end of a chunk, until the rest comes.
 */
export class StreamTail {
  private readonly bytes: Uint8Array;
  /** Bytes that are there. */
  length = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
  }

  get complete(): boolean {
    return this.length === this.bytes.length;
  }

  /** Takes what is missing from the front of the chunk, as far as it goes; returns how many bytes that were. */
  fill(chunk: Uint8Array): number {
    const count = Math.min(chunk.length, this.bytes.length - this.length);
    this.bytes.set(chunk.subarray(0, count), this.length);
    this.length += count;
    return count;
  }

  /** The whole record, valid until the next `fill`; the tail is empty again. */
  take(): Uint8Array {
    this.length = 0;
    return this.bytes;
  }
}
