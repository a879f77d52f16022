/**
 * das1_bin_avg: averages of plain das1 streams, as a Unix filter. The work is in lib/filter/das1-bin-avg.
 */
import { das1BinAvg } from '../lib/filter/das1-bin-avg.js';
import { runFilter } from './run-filter.js';

/** Runs the program over standard input and output; returns its exit status. */
export function main(args: readonly string[]): Promise<number> {
  return runFilter(das1BinAvg, args);
}
