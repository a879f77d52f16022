/**
 * Bytes of a stream that have arrived and are not yet used up: input is appended at the end, whole packets leave at the front.
 *
 * Contract: memory is that of the largest packet plus one chunk, whatever the length of the stream. `bytes` and `view` are the same
 * memory and are replaced when the buffer grows, so nobody keeps them over an `append`.
 */
const CAPACITY = 64 * 1024;

export class PacketBuffer {
  bytes: Uint8Array = new Uint8Array(CAPACITY);
  view: DataView = new DataView(this.bytes.buffer);
  /** First unused byte. */
  start = 0;
  /** End of the bytes that are there. */
  end = 0;
  /** Offset in the stream of the byte at `start`. */
  offset = 0;

  /** Number of bytes that are there and unused. */
  get length(): number {
    return this.end - this.start;
  }

  /** Copies the chunk to the end; no reference to it is kept. */
  append(chunk: Uint8Array): void {
    if (this.end + chunk.length > this.bytes.length) this.makeRoom(chunk.length);
    this.bytes.set(chunk, this.end);
    this.end += chunk.length;
  }

  /** Takes `count` bytes off the front. */
  consume(count: number): void {
    this.start += count;
    this.offset += count;
    if (this.start === this.end) {
      this.start = 0;
      this.end = 0;
    }
  }

  /** The byte `index` places behind the front; undefined when it has not arrived. */
  at(index: number): number | undefined {
    return index < this.length ? this.bytes[this.start + index] : undefined;
  }

  private makeRoom(need: number): void {
    const length = this.length;
    if (length + need <= this.bytes.length) this.bytes.copyWithin(0, this.start, this.end);
    else {
      const larger = new Uint8Array(Math.max(this.bytes.length * 2, length + need));
      larger.set(this.bytes.subarray(this.start, this.end));
      this.bytes = larger;
      this.view = new DataView(larger.buffer);
    }
    this.start = 0;
    this.end = length;
  }
}
