/**
 * Keys of this instance, which sign what comes back to it: files of STATE_ROOT that nobody else reads, made when they are first needed.
 */
import { linkSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const KEY = /^[0-9a-f]{64}$/;

/** The key of this name, 64 hexadecimal digits; undefined if it cannot be kept. */
export function secretKey(stateRoot: string | undefined, name: string): string | undefined {
  if (stateRoot === undefined) return undefined;
  const file = join(stateRoot, name);
  const present = keyIn(file);
  if (present !== undefined) return present;
  const temporary = `${file}.${process.pid}.new`;
  try {
    writeFileSync(temporary, randomKey(), { mode: 0o600, flag: 'wx' });
    try {
      // Only one of several processes makes the key; the others find it in its place.
      linkSync(temporary, file);
    } finally {
      unlinkSync(temporary);
    }
  } catch {
    // In place already, or not writable.
  }
  return keyIn(file);
}

function keyIn(file: string): string | undefined {
  try {
    const text = readFileSync(file, 'latin1').trim();
    return KEY.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

function randomKey(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex');
}
