/**
 * `das2_bin_avg`: means over bins in the units of x, whatever they are (stream-format 13.1).
 *
 * Contract: bin 0 begins at the first record of the stream; x becomes the centre of the bin in its own units and encoding. Apart from
 * `sourceId` no property changes. Comments and exceptions pass.
 */
import type { ByteFilter, ByteSink } from '../stream/byte-filter.js';
import { parseCommandLine, positiveNumber } from './arguments.js';
import { createReducer } from './bin/reducer.js';
import { withSourceId } from './bin/stream-header.js';
import type { FilterProgram } from './program.js';

const NAME = 'das2_bin_avg';

/** The filter behind `das2_bin_avg`. `width` is the length of a bin in the units of x: finite and positive. */
function createBinAvg(width: number, sink: ByteSink): ByteFilter {
  return createReducer(
    {
      program: NAME,
      plan: {
        bin: width,
        begin: undefined,
        inUnitsOfX: true,
        statistics: [],
        marksAverage: false,
        collapsesWaveforms: false,
      },
      streamHeader: (header) => ({ ...withSourceId(header, NAME), version: '2.2', compressed: false }),
      comment: (comment) => comment,
    },
    sink,
  );
}

export const binAvg: FilterProgram = {
  name: NAME,
  usageStatus: 13,
  help: `Usage: ${NAME} BIN_WIDTH

Averages a das2 stream over bins of BIN_WIDTH in the units of its x axis, whatever these are:
kilometres, degrees, microseconds. The first bin begins at the first record. Reads the stream from
standard input and writes the reduced stream to standard output. To average over seconds use
das2_bin_avgsec.

  -h, --help     print this text
  -v, --version  print version and commit

Example: a profile over altitude in steps of 2.5 km

  my_profile_reader | ${NAME} 2.5 > profile.d2s
`,
  create(args, sink) {
    const line = parseCommandLine(args, { options: {}, words: ['BIN_WIDTH'] });
    return createBinAvg(positiveNumber(line.words[0] as string, 'BIN_WIDTH'), sink);
  },
};
