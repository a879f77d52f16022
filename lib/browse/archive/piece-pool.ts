/**
 * Buffers that are used again when their bytes have been sent, so that a long archive leaves no garbage behind for each of its pieces.
 *
 * Contract: a buffer is lent again only after exactly the bytes that it was lent for have come back, whole. What never comes back is forgotten.
 */

/** Asks for a buffer of so many bytes, at most PIECE. */
export type Lend = (size: number) => Buffer;

/** Bytes of a piece. */
export const PIECE = 1 << 16;
/** Pieces that may be on their way at a time; with more of them the oldest are taken for lost. */
const MOST_LENT = 256;

export class PiecePool {
  readonly #free: Buffer[] = [];
  readonly #lent = new Map<ArrayBufferLike, { readonly whole: Buffer; readonly size: number }>();

  /** A buffer of so many bytes, at most PIECE; what is in it is left from before. */
  lend(size: number): Buffer {
    const whole = this.#free.pop() ?? Buffer.allocUnsafeSlow(PIECE);
    if (this.#lent.size >= MOST_LENT) this.#lent.clear();
    this.#lent.set(whole.buffer, { whole, size });
    return whole.subarray(0, size);
  }

  /** These bytes are not needed any more; other than lent ones mean nothing. */
  giveBack(bytes: Uint8Array): void {
    const lent = this.#lent.get(bytes.buffer);
    if (lent?.size !== bytes.length) return;
    this.#lent.delete(bytes.buffer);
    this.#free.push(lent.whole);
  }
}
