/**
 * das2_bin_peakavgsec: averages and peaks over bins of seconds, as a Unix filter. The work is in lib/filter/bin-peakavgsec.
 */
import { binPeakavgsec } from '../lib/filter/bin-peakavgsec.js';
import { runFilter } from './run-filter.js';

/** Runs the program over standard input and output; returns its exit status. */
export function main(args: readonly string[]): Promise<number> {
  return runFilter(binPeakavgsec, args);
}
