/**
 * SHA-crypt, `$5$` (SHA-256) and `$6$` (SHA-512): the password hashes of glibc, after U. Drepper's public specification.
 *
 *   $6$[rounds=N$]salt$digest     N from 1000 to 999999999, 5000 if not given; salt of 16 characters at most
 *
 * The rounds give way to other work from time to time, so that a resident server goes on answering meanwhile.
 */
import { createHash } from 'node:crypto';
import { cryptText } from './crypt-base64.js';

const LEAST_ROUNDS = 1000;
const MOST_ROUNDS = 999_999_999;
/** Rounds that a stored hash may ask for: more is refused, since it would keep a processor busy for minutes. */
const ACCEPTED_ROUNDS = 5_000_000;
const ROUNDS_BEFORE_BREAK = 5000;

/** The hash of a password with the method, rounds and salt of a stored hash; undefined if those cannot be used. */
export async function shaCrypt(password: string, stored: string): Promise<string | undefined> {
  const match = /^\$([56])\$(?:rounds=(\d{1,12})\$)?([^$]{0,1024})/.exec(stored);
  if (match === null) return undefined;
  const asked = match[2] === undefined ? undefined : Number(match[2]);
  const rounds = asked === undefined ? 5000 : Math.min(Math.max(asked, LEAST_ROUNDS), MOST_ROUNDS);
  if (rounds > ACCEPTED_ROUNDS) return undefined;
  const salt = Buffer.from(match[3] ?? '').subarray(0, 16);
  const isLong = match[1] === '6';
  const digest = await rawDigest(Buffer.from(password), { salt, rounds, algorithm: isLong ? 'sha512' : 'sha256' });
  const text = cryptText(digest, isLong ? ORDER_512 : ORDER_256);
  return `$${match[1]}$${asked === undefined ? '' : `rounds=${rounds}$`}${salt.toString()}$${text}`;
}

async function rawDigest(
  key: Buffer,
  method: { readonly salt: Buffer; readonly rounds: number; readonly algorithm: 'sha256' | 'sha512' },
): Promise<Buffer> {
  const { salt, rounds, algorithm } = method;
  const hash = (...parts: Uint8Array[]): Buffer => {
    const state = createHash(algorithm);
    for (const part of parts) state.update(part);
    return state.digest();
  };
  const inner = hash(key, salt, key);
  const mixed: Uint8Array[] = [key, salt, repeated(inner, key.length)];
  for (let bits = key.length; bits > 0; bits >>>= 1) mixed.push((bits & 1) === 1 ? inner : key);
  let digest = hash(...mixed);
  const keyDigest = hash(...new Array<Buffer>(key.length).fill(key));
  const saltDigest = hash(...new Array<Buffer>(16 + (digest[0] ?? 0)).fill(salt));
  const p = repeated(keyDigest, key.length);
  const s = repeated(saltDigest, salt.length);
  for (let round = 0; round < rounds; round++) {
    if (round % ROUNDS_BEFORE_BREAK === ROUNDS_BEFORE_BREAK - 1) await new Promise((resolve) => setImmediate(resolve));
    const parts: Uint8Array[] = [round % 2 === 1 ? p : digest];
    if (round % 3 !== 0) parts.push(s);
    if (round % 7 !== 0) parts.push(p);
    parts.push(round % 2 === 1 ? digest : p);
    digest = hash(...parts);
  }
  return digest;
}

/** Bytes of `source` over and over up to a length. */
function repeated(source: Buffer, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += source.length) source.copy(bytes, at);
  return bytes;
}

/** In which order the digest bytes are written: groups of three whose indices step on by a fixed pattern. */
const ORDER_256 = order(10, [0, 10, 20], 1, [-1, 31, 30, 3]);
const ORDER_512 = order(21, [0, 21, 42], 2, [-1, -1, 63, 2]);

function order(
  groups: number,
  first: readonly [number, number, number],
  turn: 1 | 2,
  last: readonly [number, number, number, number],
): readonly (readonly [number, number, number, number])[] {
  const result: (readonly [number, number, number, number])[] = [];
  for (let i = 0; i < groups; i++) {
    // Each group is the one before, every index one higher and the three turned by one place.
    const shift = turn === 1 ? (2 * i) % 3 : i % 3;
    const at = (place: number): number => (first[(place + shift) % 3] ?? 0) + i;
    result.push([at(0), at(1), at(2), 4]);
  }
  result.push(last);
  return result;
}
