/**
 * das2_bin_minmaxavgsec: averages, minima, maxima and counts over bins of seconds, as a Unix filter. The work is in lib/filter/bin-minmaxavgsec.
 */
import { binMinmaxavgsec } from '../lib/filter/bin-minmaxavgsec.js';
import { runFilter } from './run-filter.js';

/** Runs the program over standard input and output; returns its exit status. */
export function main(args: readonly string[]): Promise<number> {
  return runFilter(binMinmaxavgsec, args);
}
