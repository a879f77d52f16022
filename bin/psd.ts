/**
 * das2_psd: power spectral densities of das2 streams, as a Unix filter. The work is in lib/filter/psd.
 */
import { psd } from '../lib/filter/psd.js';
import { runFilter } from './run-filter.js';

/** Runs the program over standard input and output; returns its exit status. */
export function main(args: readonly string[]): Promise<number> {
  return runFilter(psd, args);
}
