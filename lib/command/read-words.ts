/**
 * Reads the words that an administration program was called with, alike for all of them (programs with commander; filters have arguments.ts).
 *
 * Contract: help, version and complaints are written by the time it answers; nothing else is done.
 */
import type { Command } from 'commander';
import { writeFully } from '../reply/write-fully.js';

/** What commander says about wrong words, in the form of all complaints of our programs. */
export function complaint(program: string, text: string): string {
  const [what = '', ...rest] = text
    .replace(/^error: /, '')
    .trimEnd()
    .split('\n');
  return `${[`${program}: ${what}; see --help`, ...rest].join('\n')}\n`;
}

/**
 * Reads `args` into `command`, whose help is complete: the exit status if that was all there is to do (`wrong` for words that it does not know),
 * undefined to go on.
 */
export async function readWords(command: Command, args: readonly string[], wrong: number): Promise<number | undefined> {
  const { CommanderError } = await import('commander');
  command
    .configureOutput({
      writeOut: (text) => void writeFully(1, Buffer.from(text)),
      writeErr: (text) => void writeFully(2, Buffer.from(text)),
      outputError: (text, write) => write(complaint(command.name(), text)),
    })
    .exitOverride();
  try {
    command.parse(args, { from: 'user' });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : wrong;
    throw error;
  }
}
