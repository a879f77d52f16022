/**
 * das2_srv_arbiter: the worker that does the jobs of the queue (server-internals 3.4).
 */
import { arbiterCommand } from '../lib/worker/arbiter/command.js';

/** Runs the worker until it is ended by a signal; answers its exit status. */
export async function main(args: readonly string[]): Promise<number> {
  return arbiterCommand(args);
}
