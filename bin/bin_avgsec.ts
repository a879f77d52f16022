/**
 * das2_bin_avgsec: the standard reducer as a Unix filter. The work is in lib/filter/bin-avgsec.
 */
import { binAvgsec } from '../lib/filter/bin-avgsec.js';
import { runFilter } from './run-filter.js';

/** Runs the program over standard input and output; returns its exit status. */
export function main(args: readonly string[]): Promise<number> {
  return runFilter(binAvgsec, args);
}
