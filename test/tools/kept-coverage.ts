/** A coverage as the worker keeps it, for sites whose days nobody has counted. */
import { type Coverage, coverageJson, type DayCount } from '../../lib/cache/coverage/coverage.js';
import { parseTime } from '../../lib/stream/time.js';

/** Where it is kept below CACHE_ROOT. */
export const coverageFile = (dataset: string): string => `coverage/${dataset}.json`;

/** The content of the file: counts of successive days; undefined for a day that nobody has counted. */
export function keptCoverage(dataset: string, begin: string, counts: readonly (number | undefined)[]): string {
  const first = parseTime(begin).day;
  const days = new Map<number, DayCount>();
  for (const [i, records] of counts.entries()) {
    if (records !== undefined) days.set(first + i, { records, resolution: i % 2 === 0 ? 0 : 60, final: true });
  }
  const coverage: Coverage = {
    dataset,
    title: 'A dataset',
    definition: 'x',
    madeAt: Date.UTC(2020, 0, 1),
    range: { begin: first, end: first + counts.length },
    days,
  };
  return JSON.stringify(coverageJson(coverage));
}
