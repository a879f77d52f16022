/**
 * Reads block files: in chunks, and whether their bytes are those that were written.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { Checksum } from './checksum.js';

export const CHUNK_BYTES = 256 * 1024;

/** Hands over the bytes of an open file from its begin, in chunks that are valid during the call only. */
export function readChunks(descriptor: number, take: (chunk: Uint8Array) => void): void {
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (let at = 0; ; ) {
    const count = readSync(descriptor, buffer, 0, buffer.length, at);
    if (count === 0) return;
    at += count;
    take(buffer.subarray(0, count));
  }
}

/** The checksum of a file; undefined if it cannot be read. */
export function checksumOf(path: string): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const sum = new Checksum();
    readChunks(descriptor, (chunk) => sum.add(chunk));
    return sum.text();
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
