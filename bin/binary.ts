/**
 * das2_binary: text values to binary values, as a Unix filter. The work is in lib/filter/binary.
 */
import { binary } from '../lib/filter/binary.js';
import { runFilter } from './run-filter.js';

/** Runs the program over standard input and output; returns its exit status. */
export function main(args: readonly string[]): Promise<number> {
  return runFilter(binary, args);
}
