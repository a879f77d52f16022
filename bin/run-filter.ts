/**
 * Runs a filter program over standard input and output: what all filters do with a process (stream-format 11.1, 11.3, 11.4).
 *
 * Contract
 * - `--help`, `-h`, `--version` and `-v` are answered on standard output with status 0. A usage error says why on standard
 *   error, with the usage line; nothing goes to standard output.
 * - Input is read in large pieces with blocking calls. After a read that emptied the pipe the output is flushed, so that
 *   the next program gets the first bytes before the end of the input.
 * - A closed output ends the program quietly with status 0; an output that cannot be written ends it with a message.
 * - A fault ends it with one line on standard error and the status of its code. Never a stack.
 *
 * `process.stdin` and `process.stdout` are not used: they cost several milliseconds at the start.
 */
import { fstatSync, readSync, writeSync } from 'node:fs';
import { Das2Error } from '../lib/error.js';
import type { FilterProgram } from '../lib/filter/program.js';
import type { ByteFilter, ByteSink } from '../lib/stream/byte-filter.js';
import { COMMIT, VERSION } from '../lib/version.js';

const INPUT = 0;
const OUTPUT = 1;
const MESSAGES = 2;

const BUFFER_SIZE = 256 * 1024;
/** What a pipe holds: a read of less has emptied it, so the next one may have to wait. */
const PIPE_CAPACITY = 64 * 1024;

/** Wait before another try on a descriptor that somebody has made non-blocking. */
const RETRY_MILLISECONDS = 2;
const PATIENCE = new Int32Array(new SharedArrayBuffer(4));

/** Standard output as a sink: waits until it has taken the bytes. Throws `outputClosed` when nobody reads any more. */
export const standardOutput: ByteSink = { write: (bytes) => writeAll(OUTPUT, bytes) };

/** Runs `program` with its arguments; returns the exit status when all output has been handed to the system. */
export async function runFilter(program: FilterProgram, args: readonly string[]): Promise<number> {
  const answer = informationFor(program, args);
  try {
    if (answer !== undefined) {
      writeAll(OUTPUT, Buffer.from(answer));
      return 0;
    }
    const filter = program.create(args, standardOutput);
    if (isCharacterDevice(INPUT)) await explainTerminal(program);
    pump(filter);
    return 0;
  } catch (error) {
    return report(program, error);
  }
}

/** The text that `--help` or `--version` asks for. Options behind `--` are none. */
function informationFor(program: FilterProgram, args: readonly string[]): string | undefined {
  // das2_bin_ratesec has another use for -v (stream-format 11.3).
  const versionWords = program.name === 'das2_bin_ratesec' ? ['--version'] : ['--version', '-v'];
  for (const word of args) {
    if (word === '--') return undefined;
    if (word === '--help' || word === '-h') return program.help;
    if (versionWords.includes(word)) return `${program.name} ${VERSION} (${COMMIT})\n`;
  }
  return undefined;
}

function pump(filter: ByteFilter): void {
  const buffer = new Uint8Array(BUFFER_SIZE);
  for (;;) {
    const count = readSome(buffer);
    if (count === 0) break;
    filter.push(buffer.subarray(0, count));
    if (count < PIPE_CAPACITY) filter.flush();
  }
  filter.end();
}

function readSome(buffer: Uint8Array): number {
  for (;;) {
    try {
      return readSync(INPUT, buffer, 0, buffer.length, null);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'EAGAIN') Atomics.wait(PATIENCE, 0, 0, RETRY_MILLISECONDS);
      else if (code === 'EOF') return 0;
      else if (code !== 'EINTR') {
        const reason = code === 'EISDIR' ? 'it is a directory' : code === 'EBADF' ? 'it is closed' : code;
        throw new Das2Error('framing', `cannot read standard input: ${reason}`, { cause: error });
      }
    }
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  let from = 0;
  while (from < bytes.length) {
    try {
      from += writeSync(descriptor, bytes, from, bytes.length - from);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'EAGAIN') Atomics.wait(PATIENCE, 0, 0, RETRY_MILLISECONDS);
      else if (code === 'EPIPE') throw new Das2Error('outputClosed', 'the output was closed', { cause: error });
      else if (code !== 'EINTR') {
        const reason = code === 'ENOSPC' ? 'there is no space left' : code === 'EBADF' ? 'it is closed' : code;
        throw new Das2Error('internal', `cannot write standard output: ${reason}`, { cause: error });
      }
    }
  }
}

/** Prints a short text to standard output; returns the exit status: 0 also when nobody reads it. */
export function printAll(text: string): number {
  try {
    writeAll(OUTPUT, Buffer.from(text));
    return 0;
  } catch (error) {
    if (error instanceof Das2Error && error.code === 'outputClosed') return 0;
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

function isCharacterDevice(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isCharacterDevice();
  } catch {
    return false;
  }
}

/** Somebody has started the program in a terminal without a pipe: say what it waits for. */
async function explainTerminal(program: FilterProgram): Promise<void> {
  const { isatty } = await import('node:tty');
  if (isatty(INPUT)) {
    say(`${program.name}: waiting for a das2 stream on standard input (from a pipe or a file); --help tells more`);
  }
}

function report(program: FilterProgram, error: unknown): number {
  if (!(error instanceof Das2Error)) {
    say(`${program.name}: internal error: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
  if (error.code === 'outputClosed') return 0;
  say(`${program.name}: ${error.message}`);
  if (error.code !== 'usage') return error.exitStatus;
  say(program.help.split('\n', 1)[0] ?? '');
  say(`Try '${program.name} --help'.`);
  return program.usageStatus;
}

/** One line to people. A standard error that is full or closed is no reason to fail. */
function say(text: string): void {
  try {
    writeSync(MESSAGES, `${text}\n`);
  } catch {
    // Nobody listens.
  }
}
