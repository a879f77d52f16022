/**
 * Checksum of a block: two sums of its 4-byte words, the second one of the first (Fletcher), as 16 hexadecimal digits.
 *
 * It is there to notice what disks and careless copies do, not what people do on purpose. Chosen for its speed in a process that has just
 * started, where the platform's own sums cost more to load than to run. Bytes that fill no word at the end count as if zeros followed.
 */

const WORD = 4;

/** So many words of a block are added before they count as many: 256 kB. */
const FEW_WORDS = 65_536;

export class Checksum {
  private first = 0;
  private second = 0;
  /** Bytes of a word that is not complete. */
  private readonly rest = new Uint8Array(WORD);
  private restLength = 0;
  /** Words so far. */
  private seen = 0;

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
    this.seen += words.length;
    if (this.seen > FEW_WORDS) this.addMany(words);
    else this.addFew(words);
  }

  /** The loop that a compiler makes most of. */
  private addMany(words: Int32Array): void {
    let { first, second } = this;
    for (let i = 0; i < words.length; i++) {
      first = (first + (words[i] as number)) | 0;
      second = (second + first) | 0;
    }
    this.first = first;
    this.second = second;
  }

  /** Eight at a time: so few are mostly interpreted, and what that costs is the number of steps. All sums stay below 2 ** 53. */
  private addFew(words: Int32Array): void {
    let { first, second } = this;
    const end = words.length & ~7;
    for (let i = 0; i < end; i += 8) {
      const a = words[i] as number;
      const b = words[i + 1] as number;
      const c = words[i + 2] as number;
      const d = words[i + 3] as number;
      const e = words[i + 4] as number;
      const f = words[i + 5] as number;
      const g = words[i + 6] as number;
      const h = words[i + 7] as number;
      second = (second + 8 * (first + a) + 7 * b + 6 * c + 5 * d + 4 * e + 3 * f + 2 * g + h) | 0;
      first = (first + a + b + c + d + e + f + g + h) | 0;
    }
    this.first = first;
    this.second = second;
    this.addMany(words.subarray(end));
  }
}
