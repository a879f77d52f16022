/**
 * Runs a program of the site for a job: one that brings records back, sends mail or lists what exists.
 *
 * Contract: no shell. The arguments behind the configured words are our own; no text of a request is
 * among the words of a command. The program is leader of a group of its own, which ends with the job.
 */
import { spawn } from 'node:child_process';
import type { Configuration } from '../../conf/configuration.js';
import { configurationError } from '../../conf/configuration-error.js';
import { plainWords } from '../../pipeline/stage/command-words.js';
import { stageEnvironment } from '../../pipeline/stage/environment.js';

export interface ProgramOptions {
  readonly configuration: Configuration;
  readonly signal: AbortSignal;
  /** For its standard input. */
  readonly input?: string;
  /** Takes its standard output. */
  readonly take?: (bytes: Buffer) => void;
  /** After so long it is ended. */
  readonly seconds: number;
}

export interface ProgramResult {
  readonly status: number | undefined;
  /** The end of what it said on standard error. */
  readonly complaint: string;
}

const KEPT = 2000;

/** The words of a configured command. Throws `configuration` for shell text, which is not run. */
export function commandOf(key: string, command: string): readonly [program: string, ...words: string[]] {
  const [program, ...words] = plainWords(command) ?? [];
  if (program === undefined)
    throw configurationError(`${key} must be a program and plain words: no quotes, no shell text`);
  return [program, ...words];
}

/** Runs a program to its end. Rejects with the reason of the signal. */
export async function runProgram(
  [program, ...words]: readonly [string, ...string[]],
  { configuration, signal, input, take, seconds }: ProgramOptions,
): Promise<ProgramResult> {
  signal.throwIfAborted();
  const child = spawn(program, words, {
    cwd: '/',
    detached: true,
    env: stageEnvironment({
      binPath: configuration.paths('BIN_PATH'),
      libPath: configuration.paths('LIB_PATH'),
      passNames: configuration.words('PASS_ENV'),
    }),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const end = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  };
  const timer = setTimeout(end, seconds * 1000);
  signal.addEventListener('abort', end);
  let complaint = '';
  try {
    return await new Promise((resolve) => {
      child.on('error', (error) => resolve({ status: undefined, complaint: error.message }));
      child.stdout.on('data', (bytes: Buffer) => take?.(bytes));
      child.stderr.on('data', (bytes: Buffer) => {
        complaint = (complaint + bytes.toString('utf8')).slice(-KEPT);
      });
      child.stdin.on('error', () => {});
      child.stdin.end(input ?? '');
      child.on('close', (status) => resolve({ status: status ?? undefined, complaint }));
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
    // What it left running in the background goes with it.
    end();
    signal.throwIfAborted();
  }
}
