/**
 * The days that the coverage of a source is about (server-internals 7.2): those of its valid range, else what its examples, its blocks in
 * the cache and earlier questions span.
 */
import type { Configuration } from '../../conf/configuration.js';
import { Das2Error } from '../../error.js';
import { exampleRangesOf, type Source } from '../../source/source.js';
import type { TimeRange } from '../../source/time-range.js';
import { blocksIn } from '../level/cache-tree.js';
import { coveredRange } from './age.js';
import { countableLevels } from './cached.js';
import { type DayRange, daysOf, MOST_DAYS } from './coverage.js';

export interface RangeFacts {
  /** What a job names. */
  readonly asked?: TimeRange | undefined;
  /** Finds the days of the coverage that is kept; asked where nothing else tells. */
  readonly kept?: () => DayRange | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The days. Throws `illegalArgument` if nothing tells them, they are too many, or nothing of what was asked for is among them. */
export function rangeToCount(
  source: Source,
  configuration: Configuration,
  { asked: range, kept, now }: RangeFacts,
): DayRange {
  const asked = range && daysOf(range);
  const found =
    coveredRange(source, now) ?? [usedRange(source, configuration, now), asked, kept?.()].reduce(union, undefined);
  if (found === undefined) {
    throw new Das2Error('illegalArgument', 'the source has no validRange and no examples: a time range is needed');
  }
  if (found.end - found.begin > MOST_DAYS) {
    throw new Das2Error('illegalArgument', `the valid range has more than ${MOST_DAYS} days`);
  }
  if (asked !== undefined && (asked.end <= found.begin || asked.begin >= found.end)) {
    throw new Das2Error('illegalArgument', 'the source has no data in this time range');
  }
  return found;
}

/** What the examples of a source and its blocks in the cache span. */
function usedRange(source: Source, configuration: Configuration, now: number): DayRange | undefined {
  const examples = exampleRangesOf(source).map(({ range }) => daysOf(range));
  const blocks = countableLevels(configuration, source, now).flatMap(({ folder }) => {
    const all = [...blocksIn(folder)];
    const [first, last] = [all[0], all.at(-1)];
    return first === undefined || last === undefined ? [] : [daysOf({ begin: first.begin, end: last.end })];
  });
  return [...examples, ...blocks].reduce<DayRange | undefined>(union, undefined);
}

/** The days from the first of both to the last of both; undefined if there are none. */
export function union(a: DayRange | undefined, b: DayRange | undefined): DayRange | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return { begin: Math.min(a.begin, b.begin), end: Math.max(a.end, b.end) };
}
