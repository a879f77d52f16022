/**
 * `das2_from_tagged_das1` as a program: its command line, whose options are words behind one dash (stream-format 13.9), and its help.
 */
import { Das2Error } from '../error.js';
import { us2000FromTime } from '../stream/time.js';
import { finiteNumber, positiveNumber, timeArgument } from './arguments.js';
import { createFromTaggedDas1, NAME, type SweepTime, type TaggedDas1Options } from './from-tagged-das1.js';
import type { FilterProgram } from './program.js';

const SWEEP_TIMES: readonly SweepTime[] = ['first', 'mean', 'last'];

const VALUES = new Set(['-tBeg', '-fill', '-t', '-xWidth', '-yUnit', '-zUnit', '-yWidth']);
const FLAGS = new Set(['-t2000', '-s']);

function optionsOf(args: readonly string[]): TaggedDas1Options {
  const given = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string;
    if (word === '-' && i === args.length - 1) continue;
    if (FLAGS.has(word)) given.set(word, '');
    else if (VALUES.has(word)) {
      const value = args[++i];
      if (value === undefined) throw new Das2Error('usage', `option ${word} needs a value`);
      given.set(word, value);
    } else
      throw new Das2Error('usage', `unknown ${word.startsWith('-') ? 'option' : 'argument'} '${word.slice(0, 80)}'`);
  }
  const begin = given.get('-tBeg');
  if (begin === undefined) throw new Das2Error('usage', 'option -tBeg is missing: the time from which x counts');
  const sweepTime = SWEEP_TIMES[/^[012]$/.test(given.get('-t') ?? '0') ? Number(given.get('-t') ?? '0') : 3];
  if (sweepTime === undefined) throw new Das2Error('usage', 'option -t takes 0, 1 or 2');
  const width = (option: string): number | undefined => {
    const text = given.get(option);
    return text === undefined ? undefined : positiveNumber(text, `option ${option}`);
  };
  return {
    begin: us2000FromTime(timeArgument(begin, 'option -tBeg')),
    fill: finiteNumber(given.get('-fill') ?? '-1e31', 'option -fill'),
    sweepTime,
    xUnits: given.has('-t2000') ? 't2000' : 'us2000',
    yUnits: given.get('-yUnit') ?? 'Hz',
    zUnits: given.get('-zUnit') ?? '',
    xWidth: width('-xWidth'),
    yWidth: width('-yWidth'),
    strict: given.has('-s'),
  };
}

/** The program. */
export const fromTaggedDas1: FilterProgram = {
  name: NAME,
  usageStatus: 100,
  input: 'a tagged das1 stream',
  help: `Usage: ${NAME} -tBeg TIME [OPTION]...

Turns a tagged das1 stream into a das2 stream of scans. Each packet :b0: holds a sweep: time,
frequency and amplitude, over and over. It becomes one record, sorted by frequency; sweeps of the
same frequencies share a packet type. Behind a packet :by: with frequencies, packets :b0: hold a
time and one amplitude per frequency, and :bx: gives offsets to that time. Reads from standard
input, writes to standard output.

  -tBeg TIME       times count in seconds from here
  -fill N          amplitude that means "no measurement" (default: -1e31)
  -t 0|1|2         the time of a record is that of the first value (0, the default), the mean (1) or
                   the last (2)
  -t2000           write times in seconds (t2000) instead of microseconds (us2000) since 2000-01-01
  -xWidth N        write this as xTagWidth in seconds, the largest gap that a plot may bridge
  -yUnit, -zUnit   units of frequencies (default: Hz) and of amplitudes (default: none)
  -yWidth N        write this as yTagWidth, in units of the frequencies
  -s               strict: a packet that is no sweep, or that has a frequency twice, is an error.
                   Without -s such packets are left out with a comment, and values at the same
                   frequency are averaged
  -h, --help       print this text
  -v, --version    print version and commit

Example:

  my_tagged_reader 1997-01-01 1997-01-02 | \\
    ${NAME} -tBeg 1997-01-01 -yUnit kHz -zUnit 'V m**-1' > sweeps.d2s
`,
  create(args, sink) {
    return createFromTaggedDas1(optionsOf(args), sink);
  },
};
