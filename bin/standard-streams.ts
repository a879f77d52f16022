/**
 * Standard input, output and error of programs that work in pipelines (stream-format 11.1, 11.3).
 *
 * Contract
 * - Reading and writing block, also on descriptors that somebody has made non-blocking.
 * - A closed output is the error `outputClosed`, which a program takes as its quiet end; one that cannot be written is `outputFailed`.
 * - What is said to people never fails: a standard error that is full or closed is no reason to.
 *
 * `process.stdin` and `process.stdout` are not used: they cost several milliseconds at the start.
 */
import { fstatSync, readSync, writeSync } from 'node:fs';
import { Das2Error } from '../lib/error.js';
import type { ByteSink } from '../lib/stream/byte-filter.js';

const INPUT = 0;
const OUTPUT = 1;
const MESSAGES = 2;

/** Wait before another try on a descriptor that somebody has made non-blocking. */
const RETRY_MILLISECONDS = 2;
const PATIENCE = new Int32Array(new SharedArrayBuffer(4));

/** What a pipe holds: a read of less has emptied it, so the next one may have to wait. */
export const PIPE_CAPACITY = 64 * 1024;

/** Standard output as a sink: waits until it has taken the bytes. Throws `outputClosed` when nobody reads any more. */
export const standardOutput: ByteSink = { write: writeAll };

function writeAll(bytes: Uint8Array): void {
  let from = 0;
  while (from < bytes.length) {
    try {
      from += writeSync(OUTPUT, bytes, from, bytes.length - from);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'EAGAIN') Atomics.wait(PATIENCE, 0, 0, RETRY_MILLISECONDS);
      else if (code === 'EPIPE' || code === 'ECONNRESET')
        throw new Das2Error('outputClosed', 'the output was closed', { cause: error });
      else if (code !== 'EINTR') {
        const reason = code === 'ENOSPC' ? 'there is no space left' : code === 'EBADF' ? 'it is closed' : code;
        throw new Das2Error('outputFailed', `cannot write standard output: ${reason}`, { cause: error });
      }
    }
  }
}

/** Prints a text to standard output; returns the exit status: 0 also when nobody reads it. */
export function printAll(text: string): number {
  try {
    writeAll(Buffer.from(text));
    return 0;
  } catch (error) {
    if (error instanceof Das2Error && error.code === 'outputClosed') return 0;
    throw error;
  }
}

/** Reads what is there, at least one byte; 0 at the end. Throws the error of the system. */
export function readSome(buffer: Uint8Array, descriptor = INPUT): number {
  for (;;) {
    try {
      return readSync(descriptor, buffer, 0, buffer.length, null);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'EOF') return 0;
      if (code === 'EAGAIN') Atomics.wait(PATIENCE, 0, 0, RETRY_MILLISECONDS);
      else if (code !== 'EINTR') throw error;
    }
  }
}

/** Why a file or standard input cannot be read, in words. */
export function readingFault(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
      return 'no permission to read it';
    case 'EISDIR':
      return 'it is a directory';
    case 'EBADF':
      return 'it is closed';
    default:
      return codeOf(error) || (error instanceof Error ? error.message : String(error));
  }
}

/** One line to people. */
export function say(text: string): void {
  try {
    writeSync(MESSAGES, `${text}\n`);
  } catch {
    // Nobody listens.
  }
}

/** Somebody has started `program` in a terminal without a pipe: says that it waits for `what`. */
export async function explainTerminal(program: string, what: string): Promise<void> {
  try {
    if (!fstatSync(INPUT).isCharacterDevice()) return;
  } catch {
    // Reading will say what is wrong.
    return;
  }
  const { isatty } = await import('node:tty');
  if (isatty(INPUT)) {
    say(`${program}: waiting for ${what} on standard input (from a pipe or a file); --help tells more`);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
