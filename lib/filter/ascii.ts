/**
 * `das2_ascii`: writes every value of a das2 stream as text (stream-format 13.4); QStreams get their own text form (14.5).
 *
 * Contract: `ascii` is the program with its command line; `createAscii` is the same filter for callers in the process.
 * One record in, one record out, with the same packet id. Which plane becomes what: ascii-plan; the loops: ascii-column.
 */
import type { ByteFilter, ByteSink } from '../stream/byte-filter.js';
import { StreamWriter } from '../stream/stream-writer.js';
import { parseCommandLine, wholeNumber } from './arguments.js';
import { asciiColumn } from './ascii-column.js';
import { type AsciiFormat, textPacketHeader } from './ascii-plan.js';
import type { FilterProgram } from './program.js';
import { dispatchByFirstPacket } from './qstream/dispatch.js';
import { createQStreamText } from './qstream/text.js';
import { type Recoding, RecodingBody } from './recoding-body.js';
import { createStreamFilter } from './stream-filter.js';

const NAME = 'das2_ascii';

export interface AsciiOptions extends AsciiFormat {
  /** Drop comments and exceptions (`-c`). */
  readonly dropMessages?: boolean;
}

/** The filter behind `das2_ascii`, for das2 streams and QStreams. */
export function createAscii(options: AsciiOptions, sink: ByteSink): ByteFilter {
  const recoding: Recoding = {
    program: NAME,
    plan: (header) => textPacketHeader(header, options),
    column: asciiColumn,
    dropMessages: options.dropMessages,
  };
  return dispatchByFirstPacket(sink, {
    das2: (output) => {
      const writer = new StreamWriter(output);
      return createStreamFilter(NAME, writer, new RecodingBody(recoding, writer));
    },
    qstream: (output) => createQStreamText({ ...options, program: NAME }, output),
  });
}

/** Reads the command line. Throws `usage`. */
function parseAsciiArguments(args: readonly string[]): AsciiOptions {
  const line = parseCommandLine(args, {
    options: { r: { takes: 'value' }, s: { takes: 'value' }, c: { takes: 'flag' } },
    words: [],
  });
  const digits = line.value('r');
  const decimals = line.value('s');
  return {
    dropMessages: line.has('c'),
    ...(digits === undefined ? {} : { realDigits: wholeNumber(digits, 'option -r', { lowest: 2, highest: 18 }) }),
    ...(decimals === undefined
      ? {}
      : { subsecondDigits: wholeNumber(decimals, 'option -s', { lowest: 0, highest: 9 }) }),
  };
}

export const ascii: FilterProgram = {
  name: NAME,
  usageStatus: 13,
  input: 'a das2 stream or a QStream',
  help: `Usage: ${NAME} [-r DIGITS] [-s DECIMALS] [-c]

Writes the values of a das2 stream as text, so that people can read it and so can programs that know
no binary numbers. Reads the stream from standard input and writes the text form, a das2 stream too,
to standard output. QStreams are written in their own text form.

  -r DIGITS      significant digits of numbers, 2 to 18 (default: 7 for 4-byte reals, 10 for 8-byte
                 reals)
  -s DECIMALS    decimals of the second in times, 0 to 9 (default: 3); 4 and 5 show 3, 7 and 8
                 show 6
  -c             drop comments and exceptions
  -h, --help     print this text
  -v, --version  print version and commit

Numbers and times that are text already keep their width; ordinal dates become calendar dates.

Example: look at the first records of a stream

  ${NAME} -s 0 < minutes.d2s | head
`,
  create: (args, sink) => createAscii(parseAsciiArguments(args), sink),
};
