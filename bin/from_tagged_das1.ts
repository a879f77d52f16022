/**
 * das2_from_tagged_das1: tagged das1 streams as das2 streams of scans, as a Unix filter. The work is in lib/filter/from-tagged-das1.
 */
import { fromTaggedDas1 } from '../lib/filter/from-tagged-das1-program.js';
import { runFilter } from './run-filter.js';

/** Runs the program over standard input and output; returns its exit status. */
export function main(args: readonly string[]): Promise<number> {
  return runFilter(fromTaggedDas1, args);
}
