/**
 * Makes the blocks of cache levels: for the worker's jobs and for `das2_srv_cache build` (server-internals 2.7, 2.10).
 *
 * Contract
 * - One run of the reader feeds the blocks of all levels in a piece of time (plan-runs.ts, shared.ts). Where that cannot be, or
 *   the run fails, shorter runs are tried, and in the end each block by itself (alone.ts). Blocks that are valid already are
 *   skipped. A block that fails leaves no file, is told to the log and counted, and the next one is tried; after `MOST_TIMEOUTS` runs in a
 *   row that had to be ended the rest is counted as failed without a try. What concerns all blocks (a cache that cannot be written, a
 *   full disk) throws.
 * - A block that fails is marked, so that requests leave it alone for a while (failure/marks.ts); one that is made loses its mark.
 * - Any number of processes may build at the same time: a lock beside a block, and for workers one in their queue, lets one of them write it;
 *   the others wait and then find it there.
 * - `signal` ends the program that runs; then the function rejects with the signal's reason.
 */
import { Das2Error } from '../../error.js';
import { isFirstToday } from '../../log/rare-lines.js';
import type { CacheLevel } from '../../source/cache-level.js';
import { readerOf } from '../../source/source.js';
import { isOnGrid } from '../level/grid.js';
import { levelPlace } from '../level/place.js';
import { BlockBuilder } from './block-builder.js';
import { Build, type BuildOptions, type BuildSummary, type LevelSummary, NOTHING } from './build.js';
import { levelGroups, unitsOf } from './plan-runs.js';
import { sharingRules } from './sharing.js';

/** Makes the blocks of levels of one source that a range touches; the summary of each level, in their order. */
export async function buildLevels(options: BuildOptions): Promise<readonly LevelSummary[]> {
  const { source, levels, range, configuration } = options;
  const places = levels.map((level) => {
    const place = levelPlace(configuration, source, level);
    if (place === undefined) throw new Das2Error('configuration', 'CACHE_ROOT is not set: there is no cache');
    return place;
  });
  if (configuration.path('CACHE_ROOT') === '/') throw new Das2Error('configuration', 'CACHE_ROOT must not be /');
  readerOf(source);
  reportOffGrid(options);
  const build = new Build(options, new BlockBuilder(options), await sharingRules(source));
  for (const group of levelGroups(places, build.rules.of)) {
    for (const tasks of unitsOf(group, range)) await build.unit(tasks, group.unit);
  }
  return levels.map((level) => ({ level, ...(build.sums.get(level.number) ?? NOTHING) }));
}

/** Says of each level whose bins begin anew with every block that it is so: once a day, not with every job. */
function reportOffGrid({ source, levels, configuration, log }: BuildOptions): void {
  const state = configuration.path('STATE_ROOT');
  for (const { directory, period } of levels.filter((level) => !isOnGrid(level))) {
    if (state !== undefined && !isFirstToday(state, `off-grid build ${source.id} ${directory}`)) continue;
    log?.(`${source.id}: bins of ${directory} do not divide ${period} blocks: they begin anew with every block`);
  }
}

/** Makes the blocks of one level. */
export async function buildBlocks(
  options: Omit<BuildOptions, 'levels'> & { readonly level: CacheLevel },
): Promise<BuildSummary> {
  const [summary = NOTHING] = await buildLevels({ ...options, levels: [options.level] });
  return summary;
}
