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
 */
import { Das2Error } from '../lib/error.js';
import type { FilterProgram } from '../lib/filter/program.js';
import type { ByteFilter } from '../lib/stream/byte-filter.js';
import { COMMIT, VERSION } from '../lib/version.js';
import {
  explainTerminal,
  PIPE_CAPACITY,
  printAll,
  readingFault,
  readSome,
  say,
  standardOutput,
} from './standard-streams.js';

const BUFFER_SIZE = 256 * 1024;

/** Runs `program` with its arguments; returns the exit status when all output has been handed to the system. */
export async function runFilter(program: FilterProgram, args: readonly string[]): Promise<number> {
  const answer = informationFor(program, args);
  try {
    if (answer !== undefined) return printAll(answer);
    const filter = program.create(args, {
      ...standardOutput,
      notice: (text) => say(`${program.name}: ${text}`),
    });
    await explainTerminal(program.name, program.input ?? 'a das2 stream');
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
    if (word === '--help' || word === '-h') return withStatuses(program);
    if (versionWords.includes(word)) return `${program.name} ${VERSION} (${COMMIT})\n`;
  }
  return undefined;
}

/** The help text with what all filters say about their ends, in front of the example. */
function withStatuses({ help, usageStatus }: FilterProgram): string {
  const at = help.lastIndexOf('\nExample');
  const statuses = `Status: 0 done; ${usageStatus} wrong usage; others tell what is wrong with the stream (docs/filters.md).`;
  return `${help.slice(0, at)}\n${statuses}\n${help.slice(at)}`;
}

function pump(filter: ByteFilter): void {
  const buffer = new Uint8Array(BUFFER_SIZE);
  for (;;) {
    const count = readInput(buffer);
    if (count === 0) break;
    filter.push(buffer.subarray(0, count));
    if (count < PIPE_CAPACITY) filter.flush();
  }
  filter.end();
}

function readInput(buffer: Uint8Array): number {
  try {
    return readSome(buffer);
  } catch (error) {
    throw new Das2Error('framing', `cannot read standard input: ${readingFault(error)}`, { cause: error });
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
