/**
 * das2_histo: how often each value occurs, as a Unix filter. The work is in lib/filter/histo.
 */
import { histo } from '../lib/filter/histo.js';
import { runFilter } from './run-filter.js';

/** Runs the program over standard input and output; returns its exit status. */
export function main(args: readonly string[]): Promise<number> {
  return runFilter(histo, args);
}
