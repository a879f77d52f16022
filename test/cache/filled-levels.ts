/** A source with three cache levels, and their blocks: for tests of answers from a cache. */
import { buildBlocks } from '../../lib/cache/builder/levels.js';
import { range, type TestSite } from './site.js';

/** Cache levels of a source: as the reader gives it, minutes, ten minutes. */
export const LEVELS = [
  "cacheLevel_00 = 'intrinsic | hourly'",
  "cacheLevel_01 = '1 min | hourly'",
  "cacheLevel_02 = '10 min | daily'",
];
/** What `fill` fills where nothing else is said. */
export const SPAN = range('2017-03-01', '2017-03-02T06:00');

/** Builds the blocks of the levels 0 to 2. */
export async function fill(site: TestSite, over = SPAN): Promise<void> {
  for (const number of [0, 1, 2]) {
    await buildBlocks({
      source: site.source(),
      level: site.level(number),
      range: over,
      configuration: site.configuration,
    });
  }
}
