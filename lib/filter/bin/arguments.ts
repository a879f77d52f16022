/**
 * The command line that the reducers to seconds share: `[FLAG]... [-b BEGIN] BIN_SECONDS [-]` (stream-format 11.3, 12).
 */
import { us2000FromTime } from '../../stream/time.js';
import { parseCommandLine, positiveNumber, timeArgument } from '../arguments.js';

/** The bins of a reducer to seconds. */
export interface SecondBins {
  /** Length of a bin in seconds: finite and positive. */
  readonly seconds: number;
  /** Start of bin 0 in us2000 (`-b`); without it the first record of the stream decides. */
  readonly begin?: number | undefined;
}

export interface BinArguments extends SecondBins {
  /** True if this one letter flag was given. */
  has(flag: string): boolean;
}

/** Reads the arguments of a reducer that knows these one letter flags. Throws `usage`. */
export function parseBinArguments(args: readonly string[], flags: readonly string[] = []): BinArguments {
  const line = parseCommandLine(args, {
    options: { b: { takes: 'value' }, ...Object.fromEntries(flags.map((flag) => [flag, { takes: 'flag' } as const])) },
    words: ['BIN_SECONDS'],
  });
  const begin = line.value('b');
  return {
    seconds: positiveNumber(line.words[0] as string, 'BIN_SECONDS'),
    begin: begin === undefined ? undefined : binBegin(begin),
    has: (flag) => line.has(flag),
  };
}

/** Option -b in us2000: a time as text or, from the server, which runs filters inside itself, exactly: `us2000:NUMBER`. Throws `usage`. */
export function binBegin(text: string): number {
  const exact = text.startsWith('us2000:') ? Number(text.slice(7) || Number.NaN) : Number.NaN;
  return Number.isFinite(exact) ? exact : us2000FromTime(timeArgument(text, 'option -b'));
}
