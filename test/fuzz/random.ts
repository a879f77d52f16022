/**
 * Random numbers for the fuzzer: small, fast, and the same on every machine for the same seed.
 *
 * Every case makes its own generator out of seed, target and case number, so any case can be run alone.
 */

export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: number, word: string, index: number) {
    this.a = hash(word) ^ seed;
    this.b = Math.imul(index, 0x9e3779b1) ^ (index / 2 ** 32);
    this.c = Math.imul(seed ^ 0x85ebca6b, 0xc2b2ae35);
    for (let i = 0; i < 12; i++) this.word();
  }

  /** 32 random bits. */
  word(): number {
    const result = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + result;
    this.c |= 0;
    return result >>> 0;
  }

  /** A whole number from 0 to `count` - 1. */
  below(count: number): number {
    return count <= 1 ? 0 : Math.floor((this.word() / 2 ** 32) * count);
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True in one of `times` cases. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** A real from 0 to 1. */
  real(): number {
    return this.word() / 2 ** 32;
  }
}

/** 32 bits that stand for a text (FNV-1a). */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
