/**
 * das2_ascii: binary streams to text as a Unix filter. The work is in lib/filter/ascii.
 */
import { ascii } from '../lib/filter/ascii.js';
import { runFilter } from './run-filter.js';

/** Runs the program over standard input and output; returns its exit status. */
export function main(args: readonly string[]): Promise<number> {
  return runFilter(ascii, args);
}
