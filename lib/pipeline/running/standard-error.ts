/**
 * Keeps the last part of what a stage writes to standard error, in fixed memory however much that is.
 */

/** Bytes kept of each stage (server-protocol 4.6.5). */
const STANDARD_ERROR_LIMIT = 65_536;

/** A ring of bytes; grows on demand up to its limit. */
export class StandardErrorTail {
  readonly #limit: number;
  #kept = Buffer.alloc(0);
  /** Where the next byte goes once the ring is full. */
  #next = 0;
  #total = 0;

  constructor(limit = STANDARD_ERROR_LIMIT) {
    this.#limit = limit;
  }

  /** Bytes seen, kept or not. */
  get total(): number {
    return this.#total;
  }

  add(chunk: Uint8Array): void {
    this.#total += chunk.length;
    let rest = chunk.length > this.#limit ? chunk.subarray(chunk.length - this.#limit) : chunk;
    if (this.#kept.length < this.#limit) {
      const room = this.#limit - this.#kept.length;
      this.#kept = Buffer.concat([this.#kept, rest.subarray(0, room)]);
      rest = rest.subarray(Math.min(room, rest.length));
    }
    while (rest.length > 0) {
      const part = rest.subarray(0, this.#limit - this.#next);
      this.#kept.set(part, this.#next);
      this.#next = (this.#next + part.length) % this.#limit;
      rest = rest.subarray(part.length);
    }
  }

  /** The text kept, invalid UTF-8 replaced. */
  text(): string {
    const bytes =
      this.#next === 0
        ? this.#kept
        : Buffer.concat([this.#kept.subarray(this.#next), this.#kept.subarray(0, this.#next)]);
    return bytes.toString('utf8');
  }
}
