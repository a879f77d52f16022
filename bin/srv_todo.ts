/**
 * das2_srv_todo: adds jobs to the queue, shows and changes what is in it (server-internals 3.5).
 */
import { todoCommand } from '../lib/worker/todo/command.js';

/** Runs the tool; answers its exit status. */
export async function main(args: readonly string[]): Promise<number> {
  return todoCommand(args);
}
