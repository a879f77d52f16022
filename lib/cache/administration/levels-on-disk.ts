/**
 * The levels and blocks that are on disk, held against the definitions of today: what reports, checks and removals stand on (server-internals 2.9).
 *
 * Contract: plain results. A folder that cannot be read is an error, `configuration`, and not an empty one.
 */
import { join } from 'node:path';
import type { Configuration } from '../../conf/configuration.js';
import type { CacheLevel } from '../../source/cache-level.js';
import { cacheLevelsOf, type Source } from '../../source/source.js';
import { sourceOf } from '../../source/source-definitions.js';
import type { TimeRange } from '../../source/time-range.js';
import type { SourceTree } from '../../source/tree/source-tree.js';
import { compareTimes, formatTime, type TimePoint } from '../../stream/time.js';
import { lookAtBlock } from '../block/look.js';
import { type BlockState, blockState } from '../block/record.js';
import { allEntriesOf, type BlockEntry, blocksIn, type LevelFolder, levelFolders } from '../level/cache-tree.js';
import { blockFile, type LevelPlace, levelPlace } from '../level/place.js';

/** A folder on disk with the level it belongs to; no place if it belongs to none. */
export interface FoundLevel {
  readonly folder: LevelFolder;
  readonly place: LevelPlace | undefined;
}

/** The levels on disk of all sources, or of one. */
export function findLevels(configuration: Configuration, tree: SourceTree, dataset?: string): FoundLevel[] {
  const sources = new Map<string, Source | undefined>();
  const found: FoundLevel[] = [];
  for (const folder of levelFolders(configuration.requiredPath('CACHE_ROOT'), undefined, allEntriesOf)) {
    if (dataset !== undefined && folder.dataset !== dataset) continue;
    if (!sources.has(folder.dataset)) sources.set(folder.dataset, knownSource(tree, folder.dataset));
    found.push({ folder, place: placeOf(configuration, sources.get(folder.dataset), folder) });
  }
  return found;
}

function knownSource(tree: SourceTree, dataset: string): Source | undefined {
  try {
    const source = sourceOf(tree, dataset);
    return source.id === dataset ? source : undefined;
  } catch {
    return undefined;
  }
}

function placeOf(
  configuration: Configuration,
  source: Source | undefined,
  { params, directory }: LevelFolder,
): LevelPlace | undefined {
  if (source === undefined) return undefined;
  const level = cacheLevelsOf(source).levels.find(
    (one) => one.normalizedParams === params && one.directory === directory,
  );
  return level === undefined ? undefined : levelPlace(configuration, source, level);
}

/** The blocks of levels that are on disk: their begins, and the range from the first to the last. */
export function blocksOnDisk(
  configuration: Configuration,
  source: Source,
  levels: readonly CacheLevel[],
): {
  readonly range: TimeRange | undefined;
  readonly begins: readonly { readonly level: CacheLevel; readonly begin: TimePoint }[];
} {
  let range: TimeRange | undefined;
  const begins: { level: CacheLevel; begin: TimePoint }[] = [];
  for (const level of levels) {
    const place = levelPlace(configuration, source, level);
    if (place === undefined) continue;
    for (const { begin, end, period } of blocksIn(place.folder, allEntriesOf)) {
      if (period !== level.period) continue;
      begins.push({ level, begin });
      range = {
        begin: range === undefined || compareTimes(begin, range.begin) < 0 ? begin : range.begin,
        end: range === undefined || compareTimes(end, range.end) > 0 ? end : range.end,
      };
    }
  }
  return { range, begins };
}

/** True if a block is one of this level. */
export function isOf({ folder, name, begin, period }: BlockEntry, place: LevelPlace | undefined): boolean {
  return period === place?.level.period && join(folder, name) === join(place.folder, blockFile(place, begin));
}

/** What to think of a block on disk. `now` in milliseconds since 1970. */
export function stateOf(block: BlockEntry, place: LevelPlace | undefined, now: number): BlockState {
  const nothing = { kind: 'missing', empty: false, final: false, reason: 'no definition has this level' } as const;
  if (place === undefined) return nothing;
  if (!isOf(block, place)) return { ...nothing, reason: 'its period is not that of the level' };
  const file = lookAtBlock(block.folder, block.name);
  return file === undefined
    ? { ...nothing, reason: 'it has gone' }
    : blockState(file, place.rules, now, formatTime(block.begin, { decimals: 0 }));
}
