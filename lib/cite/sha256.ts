/**
 * SHA-256 (FIPS 180-4) of short texts, for the key of a request: every data answer names it in a header, and loading the system's hashes would cost it
 * milliseconds before its first byte. Data are hashed by the system.
 */
import { utf8Bytes } from '../bytes.js';

const BLOCK = 64;

/** The hash of a text in UTF-8 as 64 hexadecimal digits. */
export function sha256OfText(text: string): string {
  const message = utf8Bytes(text);
  const padded = new Uint8Array(Math.ceil((message.length + 9) / BLOCK) * BLOCK);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, message.length * 8);
  const { initial, rounds } = constants();
  const state = Uint32Array.from(initial);
  const words = new Uint32Array(BLOCK);
  for (let at = 0; at < padded.length; at += BLOCK) addBlock(state, words, view, at, rounds);
  return Array.from(state, (word) => word.toString(16).padStart(8, '0')).join('');
}

function addBlock(state: Uint32Array, words: Uint32Array, view: DataView, at: number, rounds: Uint32Array): void {
  for (let i = 0; i < 16; i++) words[i] = view.getUint32(at + i * 4);
  for (let i = 16; i < BLOCK; i++) {
    const early = words[i - 15] as number;
    const late = words[i - 2] as number;
    const first = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3);
    const second = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10);
    words[i] = (words[i - 16] as number) + first + (words[i - 7] as number) + second;
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let i = 0; i < BLOCK; i++) {
    const choice = (e & f) ^ (~e & g);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const one =
      (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + choice + (rounds[i] as number) + (words[i] as number)) | 0;
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + majority) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  for (const [i, word] of [a, b, c, d, e, f, g, h].entries()) state[i] = (state[i] as number) + word;
}

function turn(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

let known: { readonly initial: Uint32Array; readonly rounds: Uint32Array } | undefined;

/** The first 32 bits of the fractions of square roots (8) and cube roots (64) of the first primes, which are what the standard lists. */
function constants(): NonNullable<typeof known> {
  if (known !== undefined) return known;
  const initial = new Uint32Array(8);
  const rounds = new Uint32Array(BLOCK);
  let count = 0;
  for (let number = 2; count < BLOCK; number++) {
    let isPrime = true;
    for (let factor = 2; factor * factor <= number; factor++) isPrime &&= number % factor !== 0;
    if (!isPrime) continue;
    if (count < initial.length) initial[count] = fraction(Math.sqrt(number));
    rounds[count++] = fraction(Math.cbrt(number));
  }
  known = { initial, rounds };
  return known;
}

function fraction(value: number): number {
  return Math.floor((value - Math.floor(value)) * 2 ** 32);
}
