/**
 * MD5-crypt, `$1$` and Apache's `$apr1$`: old password hashes that are still read, never made. The method is that of FreeBSD:
 * a thousand rounds of MD5 over password and salt.
 */
import { createHash } from 'node:crypto';
import { cryptText } from './crypt-base64.js';

const ROUNDS = 1000;
const ORDER = [
  [0, 6, 12, 4],
  [1, 7, 13, 4],
  [2, 8, 14, 4],
  [3, 9, 15, 4],
  [4, 10, 5, 4],
  [-1, -1, 11, 2],
] as const;

/** The hash of a password with the method and salt of a stored hash; undefined if it is none of the two. */
export function md5Crypt(password: string, stored: string): string | undefined {
  const match = /^(\$1\$|\$apr1\$)([^$]{0,64})/.exec(stored);
  if (match === null) return undefined;
  const [, magic = '', saltText = ''] = match;
  const key = Buffer.from(password);
  const salt = Buffer.from(saltText).subarray(0, 8);
  const hash = (...parts: Uint8Array[]): Buffer => {
    const state = createHash('md5');
    for (const part of parts) state.update(part);
    return state.digest();
  };
  const inner = hash(key, salt, key);
  const mixed: Uint8Array[] = [key, Buffer.from(magic), salt];
  for (let left = key.length; left > 0; left -= 16) mixed.push(inner.subarray(0, Math.min(16, left)));
  for (let bits = key.length; bits > 0; bits >>>= 1)
    mixed.push((bits & 1) === 1 ? Buffer.alloc(1) : key.subarray(0, 1));
  let digest = hash(...mixed);
  for (let round = 0; round < ROUNDS; round++) {
    const parts: Uint8Array[] = [round % 2 === 1 ? key : digest];
    if (round % 3 !== 0) parts.push(salt);
    if (round % 7 !== 0) parts.push(key);
    parts.push(round % 2 === 1 ? digest : key);
    digest = hash(...parts);
  }
  return `${magic}${salt.toString()}$${cryptText(digest, ORDER)}`;
}
