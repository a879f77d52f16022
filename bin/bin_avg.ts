/**
 * das2_bin_avg: averages over bins in the units of x, as a Unix filter. The work is in lib/filter/bin-avg.
 */
import { binAvg } from '../lib/filter/bin-avg.js';
import { runFilter } from './run-filter.js';

/** Runs the program over standard input and output; returns its exit status. */
export function main(args: readonly string[]): Promise<number> {
  return runFilter(binAvg, args);
}
