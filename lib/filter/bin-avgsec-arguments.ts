/**
 * The command line of das2_bin_avgsec: `[-r] [-s] [-p] [-b BEGIN] BIN_SECONDS [-]` (stream-format 11.3, 12).
 */
import { us2000FromTime } from '../stream/time.js';
import { parseCommandLine, positiveNumber, timeArgument } from './arguments.js';
import type { BinAvgsecOptions } from './bin-avgsec.js';

/** The options of the filter. Throws `usage`, naming the argument at fault. */
export function parseBinAvgsecArguments(args: readonly string[]): BinAvgsecOptions {
  const line = parseCommandLine(args, {
    options: { r: { takes: 'flag' }, s: { takes: 'flag' }, p: { takes: 'flag' }, b: { takes: 'value' } },
    words: ['BIN_SECONDS'],
  });
  const begin = line.value('b');
  return {
    seconds: positiveNumber(line.words[0] ?? '', 'BIN_SECONDS'),
    range: line.has('r'),
    deviation: line.has('s'),
    dropProgress: line.has('p'),
    ...(begin === undefined ? {} : { begin: us2000FromTime(timeArgument(begin, 'option -b')) }),
  };
}
