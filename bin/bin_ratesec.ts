/**
 * das2_bin_ratesec: records, or bytes, per bin of seconds, as a Unix filter. The work is in lib/filter/bin-ratesec.
 */
import { binRatesec } from '../lib/filter/bin-ratesec.js';
import { runFilter } from './run-filter.js';

/** Runs the program over standard input and output; returns its exit status. */
export function main(args: readonly string[]): Promise<number> {
  return runFilter(binRatesec, args);
}
