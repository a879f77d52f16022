/**
 * Reads the words that a tool of the worker was called with, alike for all of them.
 *
 * Contract: help, version and complaints are written by the time it answers; nothing else is done.
 */
import type { Command } from 'commander';
import { Das2Error } from '../error.js';
import { writeFully } from '../reply/write-fully.js';

/** Status of a call that is wrong (server-internals 3.4, 3.5). */
export const USAGE = 13;

/** Reads `args` into `command`, whose help is complete. The exit status if that was all there is to do; undefined to go on. */
export async function readWords(command: Command, args: readonly string[]): Promise<number | undefined> {
  const { CommanderError } = await import('commander');
  command
    .configureOutput({
      writeOut: (text) => void writeFully(1, Buffer.from(text)),
      writeErr: (text) => void writeFully(2, Buffer.from(text)),
    })
    .exitOverride()
    .allowExcessArguments(false);
  try {
    command.parse(args, { from: 'user' });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    throw error;
  }
}

/** A wrong call. */
export function usage(message: string): Das2Error {
  return new Das2Error('usage', message, { exitStatus: USAGE });
}
