/**
 * das2_srv_cite: looks after the log of citations (citation 14.3).
 */
import { citeCommand } from '../lib/worker/cite/command.js';

/** Runs a sub-command; answers the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  return citeCommand(args);
}
