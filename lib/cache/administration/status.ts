/**
 * What a cache has, a row a level, for `das2_srv_cache status` (server-internals 2.9).
 */
import { formatTime } from '../../stream/time.js';
import { allEntriesOf, type BlockEntry, blocksIn, countHoles, type LevelFolder } from '../level/cache-tree.js';
import type { LevelPlace } from '../level/place.js';
import { type EdgeBlock, edgeBlocks } from './edge-blocks.js';
import { type FailedRow, failedRows } from './failed-list.js';
import { type FoundLevel, isOf, stateOf } from './levels-on-disk.js';

/** What is in the folder of a level. */
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

/** What is in a level's folder; apart from it, with no level, the blocks there of a period that the level has no longer. */
export function statusOf({ folder, place }: FoundLevel, now: number): readonly LevelStatus[] {
  const blocks = [...blocksIn(folder.path, allEntriesOf)];
  const [own, others] = [true, false].map((mine) => blocks.filter((block) => isOf(block, place) === mine));
  const rows = place === undefined ? [] : [rowOf(folder, place, own ?? [], now)];
  return others?.length || place === undefined ? [...rows, rowOf(folder, undefined, others ?? [], now)] : rows;
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
