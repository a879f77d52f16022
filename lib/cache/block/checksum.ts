/**
 * Checksum of a block: two sums of its 4-byte words, the second one of the first (Fletcher), as 16 hexadecimal digits.
 *
 * It is there to notice what disks and careless copies do, not what people do on purpose. Chosen for its speed in a process that has just
 * started, where the platform's own sums cost more to load than to run. Bytes that fill no word at the end count as if zeros followed.
 */

const WORD = 4;

export class Checksum {
  private first = 0;
  private second = 0;
  /** Bytes of a word that is not complete. */
  private readonly rest = new Uint8Array(WORD);
  private restLength = 0;

  add(bytes: Uint8Array): void {
    let at = 0;
    while (this.restLength > 0 && at < bytes.length) {
      this.rest[this.restLength++] = bytes[at++] as number;
      if (this.restLength < WORD) continue;
      this.restLength = 0;
      this.addWords(this.rest);
    }
    const words = (bytes.length - at) & ~(WORD - 1);
    // Words must lie on whole words of memory.
    if (words > 0) {
      const part = bytes.subarray(at, at + words);
      this.addWords(part.byteOffset % WORD === 0 ? part : new Uint8Array(part));
    }
    at += words;
    while (at < bytes.length) this.rest[this.restLength++] = bytes[at++] as number;
  }

  /** The sum of all bytes so far. */
  text(): string {
    if (this.restLength > 0) {
      this.rest.fill(0, this.restLength);
      this.restLength = 0;
      this.addWords(this.rest);
    }
    return [this.first, this.second].map((value) => (value >>> 0).toString(16).padStart(8, '0')).join('');
  }

  private addWords(bytes: Uint8Array): void {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / WORD);
    let { first, second } = this;
    for (let i = 0; i < words.length; i++) {
      first = (first + (words[i] as number)) | 0;
      second = (second + first) | 0;
    }
    this.first = first;
    this.second = second;
  }
}
