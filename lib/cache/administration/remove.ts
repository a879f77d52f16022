/**
 * Takes blocks out of a cache: those of a range, or old, seldom read and orphaned ones (`das2_srv_cache invalidate`, `prune`, `gc`; server-internals
 * 2.7, 2.9).
 *
 * Contract: with `dryRun` nothing is changed and the result says what would be. Workers may go on making blocks (remove-block.ts). Folders that
 * cannot be written are an error, `configuration`.
 */
import { rmdirSync } from 'node:fs';
import type { TimeRange } from '../../source/time-range.js';
import { compareTimes, type TimePoint } from '../../stream/time.js';
import { sweepFolder } from '../block/leftovers.js';
import { allEntriesOf, type BlockEntry, blocksIn, foldersBelow } from '../level/cache-tree.js';
import { isForbidden, notWritable, removeIfThere } from '../safe-files.js';
import { failuresIn } from './failed-list.js';
import { type FoundLevel, isOf } from './levels-on-disk.js';
import { removeBlock } from './remove-block.js';

/** How to remove. */
export interface RemovalOptions {
  readonly dryRun: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What went, or would. */
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
      removeBlock(block.folder, block.name);
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
