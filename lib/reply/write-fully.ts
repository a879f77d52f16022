/**
 * Writes bytes to a file descriptor until all are gone, whatever the descriptor is: pipe, socket or file, blocking or not.
 *
 * Contract: `EAGAIN` (a non-blocking descriptor that is full) waits and goes on; `EPIPE` and its kin mean that the receiver
 * has gone and are reported, not thrown. Standard output is never opened as a stream: that costs milliseconds.
 */
import { write as writeCallback, writeSync } from 'node:fs';

/** What became of a write. */
export type WriteOutcome = 'written' | 'gone';

const GONE = new Set(['EPIPE', 'ECONNRESET', 'EBADF', 'ESHUTDOWN', 'ENOTCONN', 'EIO', 'ENOSPC']);
const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 20;

/** Writes everything and waits in place while the descriptor is full. For short bodies and command lines. */
export function writeFully(descriptor: number, bytes: Uint8Array): WriteOutcome {
  let offset = 0;
  let pause = FIRST_PAUSE_MS;
  while (offset < bytes.length) {
    try {
      offset += writeSync(descriptor, bytes, offset, bytes.length - offset);
      pause = FIRST_PAUSE_MS;
    } catch (error) {
      if (isGone(error)) return 'gone';
      if (!isFull(error)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }
  return 'written';
}

/**
 * Writes everything without holding up timers and signals: a blocking descriptor blocks a thread of the pool. For long
 * bodies, whose readers may pause for minutes.
 */
export async function writeFullyAsync(descriptor: number, bytes: Uint8Array): Promise<WriteOutcome> {
  let offset = 0;
  let pause = FIRST_PAUSE_MS;
  while (offset < bytes.length) {
    try {
      offset += await writeOnce(descriptor, bytes, offset);
      pause = FIRST_PAUSE_MS;
    } catch (error) {
      if (isGone(error)) return 'gone';
      if (!isFull(error)) throw error;
      const milliseconds = pause;
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }
  return 'written';
}

function writeOnce(descriptor: number, bytes: Uint8Array, offset: number): Promise<number> {
  return new Promise((resolve, reject) => {
    writeCallback(descriptor, bytes, offset, bytes.length - offset, null, (error, written) => {
      if (error) reject(error);
      else resolve(written);
    });
  });
}

function isGone(error: unknown): boolean {
  return GONE.has((error as NodeJS.ErrnoException).code ?? '');
}

function isFull(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'EAGAIN' || code === 'EINTR';
}
