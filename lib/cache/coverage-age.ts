/**
 * Whether a coverage that is kept still tells the truth (server-internals 7.2).
 */
import { createHash } from 'node:crypto';
import { type Source, validRangeOf } from '../source/source.js';
import { type Coverage, daysOf } from './coverage.js';

const DAY_MS = 86_400_000;

/** Changes with everything that the counts of a source depend on. */
export function coverageDefinition(source: Source): string {
  const facts = [
    source.kind,
    source.entries.get('reader') ?? '',
    source.reader?.text ?? '',
    source.requiresInterval,
    source.entries.get('cacheInvalidBefore') ?? '',
  ];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32);
}

/** True if a coverage should be made anew: of another definition, or it ends before yesterday though the source goes on. */
export function isOutdated(coverage: Coverage, source: Source, now: number): boolean {
  if (coverage.definition !== coverageDefinition(source)) return true;
  const valid = validRangeOf(source, now);
  const goesOn = valid !== undefined && daysOf(valid).end > coverage.range.end;
  const hasOpenDays = goesOn || [...coverage.days.values()].some(({ final }) => !final);
  return hasOpenDays && now - coverage.madeAt > DAY_MS;
}
