/**
 * `das2_bin_avgsec`: the standard reducer. Means over bins of seconds, on demand with minimum, maximum and standard deviation
 * (stream-format 12).
 *
 * Contract: `binAvgsec` is the program with its command line; `createBinAvgsec` is the same filter for callers in the process, who
 * may give an exact start of bin 0 as a us2000 number. The machinery is shared with the other reducers: bin/reducer.ts.
 */
import { Das2Error } from '../error.js';
import type { ByteFilter, ByteSink } from '../stream/byte-filter.js';
import type { Comment } from '../stream/message.js';
import { parseBinArguments, type SecondBins } from './bin/arguments.js';
import type { Statistic } from './bin/companions.js';
import { createReducer } from './bin/reducer.js';
import { reducedStreamHeader } from './bin/stream-header.js';
import type { FilterProgram } from './program.js';
import { dispatchByFirstPacket } from './qstream/dispatch.js';
import { createQStreamReducer } from './qstream/reducer.js';

const NAME = 'das2_bin_avgsec';

export interface BinAvgsecOptions extends SecondBins {
  /** Add minimum and maximum planes (`-r`). */
  readonly range?: boolean;
  /** Add standard deviation planes (`-s`). */
  readonly deviation?: boolean;
  /** Drop `taskSize` and `taskProgress` comments (`-p`). */
  readonly dropProgress?: boolean;
}

/** The filter behind `das2_bin_avgsec`, for das2 streams and QStreams (stream-format 14.4, 14.5). */
export function createBinAvgsec(options: BinAvgsecOptions, sink: ByteSink): ByteFilter {
  return dispatchByFirstPacket(sink, {
    das2: (output) => createDas2Reducer(options, output),
    qstream: (output) => createQStreamFilter(options, output),
  });
}

function createQStreamFilter(options: BinAvgsecOptions, sink: ByteSink): ByteFilter {
  const { seconds, begin, range = false, deviation = false, dropProgress = false } = options;
  if (range || deviation)
    throw new Das2Error('usage', 'options -r and -s are for das2 streams, the input is a QStream');
  const program = { program: NAME, binSeconds: seconds, dropTaskComments: dropProgress };
  return createQStreamReducer(begin === undefined ? program : { ...program, begin }, sink);
}

function createDas2Reducer(options: BinAvgsecOptions, sink: ByteSink): ByteFilter {
  const { seconds, begin, range = false, deviation = false, dropProgress = false } = options;
  const statistics: Statistic[] = [];
  if (range) statistics.push('minimum', 'maximum');
  if (deviation) statistics.push('deviation');
  return createReducer(
    {
      program: NAME,
      plan: { bin: seconds, begin, inUnitsOfX: false, statistics, marksAverage: range, collapsesWaveforms: true },
      streamHeader: (header) => reducedStreamHeader(header, NAME, seconds),
      comment: dropProgress ? withoutTaskComments : (comment) => comment,
    },
    sink,
  );
}

/** Drops `taskSize` and `taskProgress` (`-p`). */
export function withoutTaskComments(comment: Comment): Comment | undefined {
  return comment.type === 'taskSize' || comment.type === 'taskProgress' ? undefined : comment;
}

export const binAvgsec: FilterProgram = {
  name: NAME,
  usageStatus: 100,
  input: 'a das2 stream or a QStream',
  help: `Usage: ${NAME} [-r] [-s] [-p] [-b BEGIN] BIN_SECONDS

Averages a das2 stream over bins of BIN_SECONDS seconds. Reads the stream from standard input and
writes the reduced stream to standard output.

  -b BEGIN   the first bin starts at this time instead of at the first record
  -r         add the minimum and the maximum of each bin as extra planes
  -s         add the standard deviation of each bin as an extra plane
  -p         drop progress comments (taskSize, taskProgress)
  -h, --help     print this text
  -v, --version  print version and commit

BIN_SECONDS is a decimal number greater than 0; fractions and exponents are allowed.

Example: a reader's output in one minute averages that start on the full minute

  my_reader 2013-001 2013-002 | ${NAME} -b 2013-001 60 > minutes.d2s
`,
  create(args, sink) {
    const { seconds, begin, has } = parseBinArguments(args, ['r', 's', 'p']);
    return createBinAvgsec({ seconds, begin, range: has('r'), deviation: has('s'), dropProgress: has('p') }, sink);
  },
};
