/**
 * What `das2_srv_cache` does to a cache besides building: reports, checks, removals (server-internals 2.7, 2.9).
 *
 * Contract: plain results for the program to print. A folder that cannot be read or written is an error, `configuration`. With `dryRun` nothing is changed and the result says what would be. Removing a
 * block removes the block first: a block without its side file would count as one of an older server.
 */

import { closeSync, openSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration } from '../../conf/configuration.js';
import type { CacheLevel } from '../../source/cache-level.js';
import { cacheLevelsOf, type Source } from '../../source/source.js';
import { sourceOf } from '../../source/source-definitions.js';
import type { TimeRange } from '../../source/time-range.js';
import type { SourceTree } from '../../source/tree/source-tree.js';
import { compareTimes, formatTime, type TimePoint } from '../../stream/time.js';
import { BlockCheck } from '../block/check.js';
import { Checksum } from '../block/checksum.js';
import { lookAtBlock, sideName } from '../block/look.js';
import { readChunks } from '../block/read.js';
import { type BlockState, blockState } from '../block/record.js';
import {
  allEntriesOf,
  type BlockEntry,
  blocksIn,
  countHoles,
  foldersBelow,
  type LevelFolder,
  levelFolders,
} from '../level/cache-tree.js';
import { blockFile, type LevelPlace, levelPlace } from '../level/place.js';
import { isForbidden, notWritable, removeIfThere, sweepFolder } from '../safe-files.js';
import { type EdgeBlock, edgeBlocks } from './edge-blocks.js';
import { type FailedRow, failedRows, failuresIn } from './failed-list.js';

/** A folder on disk with the level it belongs to; no place if it belongs to none. */
export interface FoundLevel {
  readonly folder: LevelFolder;
  readonly place: LevelPlace | undefined;
}

export interface LevelStatus {
  readonly dataset: string;
  /** Number of the level; null if the folder belongs to none. */
  readonly level: number | null;
  readonly params: string;
  readonly directory: string;
  readonly blocks: number;
  readonly valid: number;
  /** To be made anew; some of them serve until then. */
  readonly stale: number;
  readonly missing: number;
  readonly empty: number;
  /** Between the first and the last block. */
  readonly holes: number;
  readonly bytes: number;
  readonly begin: string | null;
  readonly end: string | null;
  /** Times of the oldest and the newest file, as ISO text. */
  readonly oldest: string | null;
  readonly newest: string | null;
  /** Blocks that no request asks for. */
  readonly edges: readonly EdgeBlock[];
  /** Blocks that could not be made, and that requests leave alone for now. */
  readonly failed: readonly FailedRow[];
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

/** What is in a level's folder; apart from it, with no level, the blocks there of a period that the level has no longer. */
export function statusOf({ folder, place }: FoundLevel, now: number): readonly LevelStatus[] {
  const blocks = [...blocksIn(folder.path, allEntriesOf)];
  const [own, others] = [true, false].map((mine) => blocks.filter((block) => isOf(block, place) === mine));
  const rows = place === undefined ? [] : [rowOf(folder, place, own ?? [], now)];
  return others?.length || place === undefined ? [...rows, rowOf(folder, undefined, others ?? [], now)] : rows;
}

/** True if a block is one of this level. */
function isOf({ folder, name, begin, period }: BlockEntry, place: LevelPlace | undefined): boolean {
  return period === place?.level.period && join(folder, name) === join(place.folder, blockFile(place, begin));
}

function rowOf(
  folder: LevelFolder,
  place: LevelPlace | undefined,
  blocks: readonly BlockEntry[],
  now: number,
): LevelStatus {
  const count = { valid: 0, stale: 0, missing: 0, empty: 0 };
  for (const block of blocks) {
    const state = stateOf(block, place, now);
    count[state.kind]++;
    if (state.empty) count.empty++;
  }
  const times = blocks.map(({ changedAt }) => changedAt);
  const iso = (time: number): string | null => (Number.isFinite(time) ? new Date(time).toISOString() : null);
  const first = blocks[0];
  const last = blocks.at(-1);
  return {
    dataset: folder.dataset,
    level: place?.level.number ?? null,
    params: folder.params,
    directory: folder.directory,
    blocks: blocks.length,
    ...count,
    holes: countHoles(blocks),
    bytes: blocks.reduce((sum, { bytes }) => sum + bytes, 0),
    begin: first === undefined ? null : formatTime(first.begin, { decimals: 0 }),
    end: last === undefined ? null : formatTime(last.end, { decimals: 0 }),
    oldest: iso(times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)),
    newest: iso(times.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)),
    edges: place === undefined ? [] : edgeBlocks(place, now),
    failed: place === undefined ? [] : failedRows(place, now),
  };
}

function stateOf(block: BlockEntry, place: LevelPlace | undefined, now: number): BlockState {
  const nothing = { kind: 'missing', empty: false, final: false, reason: 'no definition has this level' } as const;
  if (place === undefined) return nothing;
  if (!isOf(block, place)) return { ...nothing, reason: 'its period is not that of the level' };
  const file = lookAtBlock(block.folder, block.name);
  return file === undefined
    ? { ...nothing, reason: 'it has gone' }
    : blockState(file, place.rules, now, formatTime(block.begin, { decimals: 0 }));
}

export interface Fault {
  readonly dataset: string;
  /** Path below CACHE_ROOT. */
  readonly file: string;
  readonly reason: string;
}

/** Reads all blocks of a level's folder and tells those that cannot be used or are damaged. */
export function* verifyLevel(found: FoundLevel, root: string, now: number): Generator<Fault> {
  for (const block of blocksIn(found.folder.path, allEntriesOf)) {
    const path = join(block.folder, block.name);
    const state = stateOf(block, found.place, now);
    const reason =
      state.kind === 'missing' ? state.reason : damageOf(path, found.place?.suffix ?? 'd2s', state.content?.checksum);
    if (reason === undefined) continue;
    yield { dataset: found.folder.dataset, file: path.slice(root.length + 1), reason };
  }
}

function damageOf(path: string, suffix: 'd2s' | 'qds', checksum: string | undefined): string | undefined {
  const check = new BlockCheck(suffix === 'qds' ? 'qstream' : 'das2');
  const sum = new Checksum();
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    return `it cannot be opened (${(error as NodeJS.ErrnoException).code})`;
  }
  try {
    readChunks(descriptor, (chunk) => {
      sum.add(chunk);
      check.push(chunk);
    });
    const { fault } = check.end();
    if (fault !== undefined) return fault;
    return checksum === undefined || sum.text() === checksum ? undefined : 'its bytes are not those that were written';
  } catch (error) {
    return `it cannot be read (${(error as NodeJS.ErrnoException).code})`;
  } finally {
    closeSync(descriptor);
  }
}

export interface RemovalOptions {
  readonly dryRun: boolean;
  readonly now: number;
}

export interface Removed {
  readonly blocks: number;
  readonly bytes: number;
  /** Temporary files of builders that died. */
  readonly leftovers: number;
}

/** Removes the blocks of levels that overlap a range, all of them without one, and forgets which of them have failed. */
export function invalidate(
  found: readonly FoundLevel[],
  range: TimeRange | undefined,
  options: RemovalOptions,
): Removed {
  const blocks = found.flatMap(({ folder }) => [...blocksIn(folder.path, allEntriesOf)]);
  const isMeant = (begin: TimePoint, end: TimePoint): boolean =>
    range === undefined || (compareTimes(begin, range.end) < 0 && compareTimes(end, range.begin) > 0);
  const chosen = blocks.filter(({ begin, end }) => isMeant(begin, end));
  const marks = found.flatMap(({ folder }) => failuresIn(folder.path)).filter(({ start, end }) => isMeant(start, end));
  if (!options.dryRun) for (const { path } of marks) removeIfThere(path);
  return { ...removeBlocks(chosen, options), leftovers: 0 };
}

/**
 * Removes blocks that were not read for `olderThanMs`, then those that were read longest ago until no more than `maxBytes` are left, and
 * with `orphans` all that belong to no level of a present definition. Sweeps leftovers and empty folders.
 */
export function prune(
  found: readonly FoundLevel[],
  limits: {
    readonly olderThanMs?: number | undefined;
    readonly maxBytes?: number | undefined;
    readonly orphans?: boolean | undefined;
  },
  options: RemovalOptions,
): Removed {
  const { olderThanMs = Number.POSITIVE_INFINITY, maxBytes = Number.POSITIVE_INFINITY } = limits;
  const chosen: BlockEntry[] = [];
  const kept: BlockEntry[] = [];
  for (const { folder, place } of found) {
    for (const block of blocksIn(folder.path, allEntriesOf)) {
      const gone = limits.orphans === true && !isOf(block, place);
      (gone || options.now - block.readAt > olderThanMs ? chosen : kept).push(block);
    }
  }
  let total = kept.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const block of kept.sort((a, b) => a.readAt - b.readAt)) {
    if (total <= maxBytes) break;
    total -= block.bytes;
    chosen.push(block);
  }
  const removed = removeBlocks(chosen, options);
  let leftovers = 0;
  for (const { folder } of found) {
    for (const path of foldersBelow(folder.path)) {
      leftovers += sweepFolder(path, options.now, options.dryRun);
      if (!options.dryRun) removeIfEmpty(path);
    }
  }
  return { ...removed, leftovers };
}

function removeBlocks(blocks: readonly BlockEntry[], { dryRun }: RemovalOptions): { blocks: number; bytes: number } {
  let bytes = 0;
  for (const block of blocks) {
    bytes += block.bytes;
    if (dryRun) continue;
    try {
      removeIfThere(join(block.folder, block.name));
      removeIfThere(join(block.folder, sideName(block.name)));
    } catch (error) {
      throw isForbidden(error) ? notWritable(`the folder of ${block.name} in CACHE_ROOT`, error) : error;
    }
  }
  return { blocks: blocks.length, bytes };
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // There is something in it.
  }
}
