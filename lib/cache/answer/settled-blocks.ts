/**
 * Whether an answer is settled, and what tells it from one that was given before (server-internals 11): all of it comes from blocks that
 * nobody will make anew, unless the data themselves change.
 *
 * Pure: it goes by what the look-up has seen already.
 */
import type { Piece } from '../level/find-blocks.js';
import { isSettled, type LevelPlace } from '../level/place.js';

export interface SettledBlocks {
  /** When the newest block came, in milliseconds since 1970. */
  readonly changedAt: number;
  /** One text a block, which changes with its bytes. */
  readonly versions: readonly string[];
}

/**
 * The blocks of an answer made of these pieces; undefined if it is not settled: a part of it is missing, stale, to be looked at again,
 * younger than the hold-off or outside of the valid range at `now` (milliseconds since 1970). Blocks without records count like others.
 */
export function settledBlocks(place: LevelPlace, pieces: readonly Piece[], now: number): SettledBlocks | undefined {
  if (pieces.length === 0) return undefined;
  let changedAt = 0;
  const versions: string[] = [];
  for (const { seen, block } of pieces) {
    if (seen === undefined || !seen.final || !isSettled(place, block, now)) return undefined;
    changedAt = Math.max(changedAt, seen.changedAt);
    versions.push(seen.content?.checksum ?? `${seen.size} ${seen.changedAt}`);
  }
  return { changedAt, versions };
}
