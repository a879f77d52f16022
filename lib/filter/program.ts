/**
 * What a filter program is: its command line as data plus a factory for the pure filter behind it.
 *
 * One `FilterProgram` per `bin/` filter. The same object parses `das2_bin_avgsec -b 2001-01-01 60` for a shell user and
 * for the server, when a DSDF or the configuration names the filter with plain words (design 5).
 */
import type { ByteFilter, ByteSink } from '../stream/byte-filter.js';

export interface FilterProgram {
  /** Program name, e.g. `das2_bin_avgsec`. */
  readonly name: string;
  /** The whole `--help` text, with an example. */
  readonly help: string;
  /** Exit status of a usage error: 100, or 13 where upstream has that (stream-format 11.3). */
  readonly usageStatus: number;
  /** What it reads, for those who start it in a terminal: `a das2 stream` without it. */
  readonly input?: string;
  /**
   * Reads the arguments and makes the filter. Throws `Das2Error` `usage` naming the argument at fault; nothing has been
   * written then. `--help` and `--version` are the caller's business.
   */
  create(args: readonly string[], sink: ByteSink): ByteFilter;
}
