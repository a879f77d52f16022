/**
 * `das2_bin_peakavgsec`: mean and largest value of each bin (stream-format 13.2).
 *
 * Contract: das2_bin_avgsec plus one plane `NAME.max` per data plane; waveforms do not collapse. Progress comments are thinned out to
 * about ten a second and come under the name of this program.
 */
import type { ByteFilter, ByteSink } from '../stream/byte-filter.js';
import type { Comment } from '../stream/message.js';
import { parseBinArguments, type SecondBins } from './bin/arguments.js';
import { createReducer } from './bin/reducer.js';
import { reducedStreamHeader } from './bin/stream-header.js';
import type { FilterProgram } from './program.js';

const NAME = 'das2_bin_peakavgsec';
const PROGRESS_INTERVAL_MS = 100;

/** The filter behind `das2_bin_peakavgsec`. `now` is the clock for progress comments, in milliseconds. */
export function createBinPeakavgsec(
  { seconds, begin }: SecondBins,
  sink: ByteSink,
  now: () => number = Date.now,
): ByteFilter {
  return createReducer(
    {
      program: NAME,
      plan: {
        bin: seconds,
        begin,
        inUnitsOfX: false,
        statistics: ['maximum'],
        marksAverage: true,
        collapsesWaveforms: false,
      },
      streamHeader: (header) => reducedStreamHeader(header, NAME, seconds),
      comment: thinnedProgress(now),
    },
    sink,
  );
}

function thinnedProgress(now: () => number): (comment: Comment) => Comment | undefined {
  let last = Number.NEGATIVE_INFINITY;
  return (comment) => {
    if (comment.type !== 'taskProgress') return comment;
    const time = now();
    if (time - last < PROGRESS_INTERVAL_MS) return undefined;
    last = time;
    return { ...comment, source: NAME };
  };
}

export const binPeakavgsec: FilterProgram = {
  name: NAME,
  usageStatus: 100,
  help: `Usage: ${NAME} [-b BEGIN] BIN_SECONDS

Reduces a das2 stream to the average and the peak of each bin of BIN_SECONDS seconds: for every data
plane NAME the output has a further plane NAME.max with the largest value. Reads the stream from
standard input and writes the reduced stream to standard output.

  -b BEGIN   the first bin starts at this time instead of at the first record
  -h, --help     print this text
  -v, --version  print version and commit

Example: the strongest signal of each hour beside the average

  my_reader 2013-001 2013-032 | ${NAME} -b 2013-001 3600 > hours.d2s
`,
  create: (args, sink) => createBinPeakavgsec(parseBinArguments(args), sink),
};
