/**
 * What the parts of das2_srv_todo share: its options, how it speaks, and what a wrong call is.
 */
import type { OptionValues } from 'commander';
import { Das2Error } from '../../error.js';
import { writeFully } from '../../reply/write-fully.js';

export const PROGRAM = 'das2_srv_todo';
/** Exit status of what is refused. */
export const REFUSED = 15;

/** Options as commander leaves them. */
export interface TodoOptions extends OptionValues {
  readonly config?: string;
  readonly generic?: boolean;
  readonly listTodo?: boolean;
  readonly listWorking?: boolean;
  readonly listDone?: boolean;
  readonly listDead?: boolean;
  readonly json?: boolean;
  readonly limit?: string;
  readonly oldest?: boolean;
  readonly category?: string;
  readonly dataset?: string;
  readonly follow?: boolean;
  readonly dryRun?: boolean;
  readonly front?: boolean;
  readonly remove?: string | true;
  readonly id?: string;
  readonly clear?: string;
  readonly yes?: boolean;
  readonly retry?: string;
  readonly reclaim?: string;
  readonly interactive?: boolean;
}

/** Something that no worker or queue would do. */
export function refused(message: string): Das2Error {
  return new Das2Error('illegalArgument', message, { exitStatus: REFUSED });
}

/** Text for programs and people, on standard output. */
export function print(text: string): void {
  writeFully(1, Buffer.from(text));
}

/** A line for people, on standard error. */
export function say(text: string): void {
  writeFully(2, Buffer.from(`${text}\n`));
}
