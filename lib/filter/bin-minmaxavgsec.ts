/**
 * `das2_bin_minmaxavgsec`: mean, minimum, maximum and number of values of each bin, so that spikes survive a reduction
 * (stream-format 13.12).
 *
 * Contract: das2_bin_avgsec with `-r`, under a name that a DSDF can give as its `reducer`, plus a plane `NAME.count` behind the
 * other companions of each data plane. Clients that know the names draw the range around the mean.
 */
import type { ByteFilter, ByteSink } from '../stream/byte-filter.js';
import { parseBinArguments, type SecondBins } from './bin/arguments.js';
import { createReducer } from './bin/reducer.js';
import { reducedStreamHeader } from './bin/stream-header.js';
import { withoutTaskComments } from './bin-avgsec.js';
import type { FilterProgram } from './program.js';

const NAME = 'das2_bin_minmaxavgsec';

export interface BinMinmaxavgsecOptions extends SecondBins {
  /** Add standard deviation planes (`-s`). */
  readonly deviation?: boolean;
  /** Drop `taskSize` and `taskProgress` comments (`-p`). */
  readonly dropProgress?: boolean;
}

/** The filter behind `das2_bin_minmaxavgsec`. */
function createBinMinmaxavgsec(options: BinMinmaxavgsecOptions, sink: ByteSink): ByteFilter {
  const { seconds, begin, deviation = false, dropProgress = false } = options;
  return createReducer(
    {
      program: NAME,
      plan: {
        bin: seconds,
        begin,
        inUnitsOfX: false,
        statistics: deviation ? ['minimum', 'maximum', 'deviation', 'count'] : ['minimum', 'maximum', 'count'],
        marksAverage: true,
        collapsesWaveforms: true,
      },
      streamHeader: (header) => reducedStreamHeader(header, NAME, seconds),
      comment: dropProgress ? withoutTaskComments : (comment) => comment,
    },
    sink,
  );
}

export const binMinmaxavgsec: FilterProgram = {
  name: NAME,
  usageStatus: 100,
  help: `Usage: ${NAME} [-s] [-p] [-b BEGIN] BIN_SECONDS

Reduces a das2 stream to bins of BIN_SECONDS seconds without losing spikes: for every data plane
NAME the output has the average and, as further planes, NAME.min, NAME.max and NAME.count (the
number of values in the bin). Reads the stream from standard input and writes the reduced stream to
standard output.

  -b BEGIN   the first bin starts at this time instead of at the first record
  -s         add the standard deviation of each bin, NAME.stddev
  -p         drop progress comments (taskSize, taskProgress)
  -h, --help     print this text
  -v, --version  print version and commit

Example: a source whose plots should show peaks; in its DSDF

  reducer = '${NAME}'

and on the command line

  my_reader 2013-001 2013-002 | ${NAME} 60 > minutes.d2s
`,
  create(args, sink) {
    const { seconds, begin, has } = parseBinArguments(args, ['s', 'p']);
    return createBinMinmaxavgsec({ seconds, begin, deviation: has('s'), dropProgress: has('p') }, sink);
  },
};
