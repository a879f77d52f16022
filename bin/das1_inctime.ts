/**
 * das1_inctime: adds seconds to a time (stream-format 13.9).
 */
import { isDas2Error } from '../lib/error.js';
import { addNanoseconds, parseTime } from '../lib/stream/time.js';
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
  const [time, seconds, ...rest] = args;
  if (time === '--help' || time === '-h') return printAll(HELP);
  if (time === '--version' || time === '-v') return printAll(`${NAME} ${VERSION} (${COMMIT})\n`);
  const option = args.find((word) => /^--|^-[^\d.]/.test(word));
  if (option !== undefined) return complain(`unknown option '${option.slice(0, 80)}'`);
  if (time === undefined || seconds === undefined) return complain('TIME and SECONDS are needed');
  if (rest.length > 0) return complain(`unexpected argument '${(rest[0] as string).slice(0, 80)}'`);
  const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(seconds) ? Number(seconds) : Number.NaN;
  if (!(Math.abs(number) < 1e12)) return complain(`SECONDS must be a decimal number, not '${seconds.slice(0, 80)}'`);
  try {
    const start = parseTime(time);
    const days = Math.trunc(number / SECONDS_PER_DAY);
    const nanoseconds = Math.round((number - days * SECONDS_PER_DAY) * 1e9);
    return printAll(`${printTime(addNanoseconds({ ...start, day: start.day + days }, nanoseconds), 'both', 0)}\n`);
  } catch (error) {
    if (!isDas2Error(error, 'valueEncoding')) throw error;
    return complain(`TIME: ${error.message}`);
  }
}

function complain(message: string): number {
  say(`${NAME}: ${message}\n${HELP.split('\n', 1)[0]}\nTry '${NAME} --help'.`);
  return USAGE_STATUS;
}
