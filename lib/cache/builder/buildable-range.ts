/**
 * Which part of a range blocks are made for (server-internals 2.10): requests never get anything from outside of `validRange`, and a
 * mistyped year would fill the disk with it.
 */
import { Das2Error } from '../../error.js';
import { type Source, validRangeOf } from '../../source/source.js';
import { intersection, type TimeRange } from '../../source/time-range.js';
import { formatTime } from '../../stream/time.js';

/** `range` as far as the source has data, seen at `now` (milliseconds). Throws `sourceDefinition` if it has none there. */
export function buildableRange(source: Source, range: TimeRange, now: number): TimeRange {
  const valid = validRangeOf(source, now);
  const part = valid === undefined ? range : intersection(range, valid);
  if (part !== undefined) return part;
  const [begin, end] = [range.begin, range.end].map((time) => formatTime(time, { decimals: 0 }));
  throw new Das2Error('sourceDefinition', `${source.id} has no data from ${begin} to ${end}, by its validRange`);
}
