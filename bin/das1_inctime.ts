/**
 * das1_inctime: adds seconds to a time (stream-format 13.9).
 */
import { Das2Error, isDas2Error } from '../lib/error.js';
import { finiteNumber, parseCommandLine, timeArgument } from '../lib/filter/arguments.js';
import { addNanoseconds, isPrintableDay, type TimePoint } from '../lib/stream/time.js';
import { printTime } from '../lib/stream/time-print.js';
import { COMMIT, VERSION } from '../lib/version.js';
import { printAll, say } from './standard-streams.js';

const NAME = 'das1_inctime';
const USAGE_STATUS = 100;
/** Whole days are added as days: nanoseconds of many years are not exact in 8-byte reals. */
const SECONDS_PER_DAY = 86400;

const HELP = `Usage: ${NAME} TIME SECONDS

Adds SECONDS, which may be negative or have a fraction, to TIME and prints the sum as
YYYY-MM-DD (DDD) hh:mm:ss.

  -h, --help     print this text
  -v, --version  print version and commit

Status: 0 done; ${USAGE_STATUS} wrong usage.

Example: the day after

  ${NAME} 2000-02-28 86400
`;

/** Runs the program; returns its exit status. */
export function main(args: readonly string[]): number {
  for (const word of args) {
    if (word === '--') break;
    if (word === '--help' || word === '-h') return printAll(HELP);
    if (word === '--version' || word === '-v') return printAll(`${NAME} ${VERSION} (${COMMIT})\n`);
  }
  try {
    const { words } = parseCommandLine(args, { options: {}, words: ['TIME', 'SECONDS'] });
    const sum = later(timeArgument(words[0] as string, 'TIME'), finiteNumber(words[1] as string, 'SECONDS'));
    return printAll(`${printTime(sum, 'both', 0)}\n`);
  } catch (error) {
    if (!isDas2Error(error, 'usage')) throw error;
    say(`${NAME}: ${error.message}\n${HELP.split('\n', 1)[0]}\nTry '${NAME} --help'.`);
    return USAGE_STATUS;
  }
}

/** The time so many seconds later. Throws `usage` where its year has no four digits. */
function later(start: TimePoint, seconds: number): TimePoint {
  const days = Math.trunc(seconds / SECONDS_PER_DAY);
  const nanoseconds = Math.round((seconds - days * SECONDS_PER_DAY) * 1e9);
  const sum = addNanoseconds({ ...start, day: start.day + days }, nanoseconds);
  if (isPrintableDay(sum.day)) return sum;
  throw new Das2Error('usage', 'SECONDS: the sum is a time beyond the years 0 to 9999');
}
