/**
 * Whether a coverage that is kept still tells the truth (server-internals 7.2).
 */
import { createHash } from 'node:crypto';
import { type Source, validRangeOf } from '../../source/source.js';
import { timeFromUnix } from '../../source/time-range.js';
import { type Coverage, type DayRange, daysOf } from './coverage.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Changes with everything that the counts of a source depend on; for a source as `dailySource` makes it. */
export function coverageDefinition(source: Source): string {
  const facts = [
    source.kind,
    source.entries.get('reader') ?? '',
    source.reader?.text ?? '',
    source.requiresInterval,
    source.entries.get('cacheInvalidBefore') ?? '',
    // The site says by it that the data have changed.
    ...(source.entries.has('version') ? [source.entries.get('version')] : []),
  ];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32);
}

/** The days that the coverage of a source is about: those of its valid range up to today; undefined if it has none. */
export function coveredRange(source: Source, now: number): DayRange | undefined {
  const valid = validRangeOf(source, now);
  if (valid === undefined) return undefined;
  const { begin, end } = daysOf(valid);
  return { begin, end: Math.max(begin, Math.min(end, timeFromUnix(now).day + 1)) };
}

/**
 * True if a coverage should be made anew: it is of another definition, or more than an hour old with days that nobody has counted, or more
 * than a day with some that are not known for good.
 */
export function isOutdated(coverage: Coverage, source: Source, now: number): boolean {
  if (coverage.definition !== coverageDefinition(source)) return true;
  const age = now - coverage.madeAt;
  const range = coveredRange(source, now) ?? coverage.range;
  const goesOn = range.end > coverage.range.end || range.begin < coverage.range.begin;
  const { begin, end } = coverage.range;
  if (coverage.days.size < end - begin && age > HOUR_MS) return true;
  return age > DAY_MS && (goesOn || [...coverage.days.values()].some(({ final }) => !final));
}
