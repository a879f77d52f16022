/**
 * das2_srv_usage: reports from the access logs who fetched what (server-internals 7.3).
 */
import { usageCommand } from '../lib/worker/usage/command.js';

/** Prints the report; answers the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  return usageCommand(args);
}
