/**
 * Keeps a live run to its part of the time axis, in front of the reducer: for parts that end within a bin, or begin there. Whole bins outside
 * of a part are left out behind the reducer, but a record outside of it would count in the bin that is cut, although blocks, and those who may
 * not see it, have none of it. Readers need not keep exactly to the range that they are asked for.
 */
import type { FilterProgram } from '../../filter/program.js';
import type { TimeRange } from '../../source/time-range.js';
import type { ByteFilter } from '../../stream/byte-filter.js';
import { PartCutter } from './cut-part.js';
import { BlockMerger } from './merge-blocks.js';

const NAME = 'part';
const FULL_RESOLUTION = { seconds: 0, directory: 'intrinsic' };

/** The filter that passes on the records of a part. Of a reader that says nothing it makes nothing. */
export function partProgram({ begin, end }: TimeRange): FilterProgram {
  return {
    name: NAME,
    help: '',
    usageStatus: 100,
    create(_args, sink): ByteFilter {
      const options = { program: NAME, level: FULL_RESOLUTION, begin, end, rangeText: '', plain: true };
      const merger = new BlockMerger(options, sink, PartCutter);
      let hasBegun = false;
      return {
        push(chunk) {
          if (!hasBegun) merger.begin(undefined, true);
          hasBegun = true;
          merger.push(chunk);
        },
        flush() {
          merger.flush();
        },
        end() {
          if (!hasBegun) return;
          merger.close();
          merger.end();
        },
      };
    },
  };
}
