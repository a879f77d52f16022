/**
 * das2_csv: das2 streams as delimited text, as a Unix filter. The work is in lib/filter/csv.
 */
import { csv } from '../lib/filter/csv.js';
import { runFilter } from './run-filter.js';

/** Runs the program over standard input and output; returns its exit status. */
export function main(args: readonly string[]): Promise<number> {
  return runFilter(csv, args);
}
