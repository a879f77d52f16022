/**
 * das1_ascii: plain das1 streams as text, as a Unix filter. The work is in lib/filter/das1-ascii.
 */
import { das1Ascii } from '../lib/filter/das1-ascii.js';
import { runFilter } from './run-filter.js';

/** Runs the program over standard input and output; returns its exit status. */
export function main(args: readonly string[]): Promise<number> {
  return runFilter(das1Ascii, args);
}
