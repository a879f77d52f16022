/**
 * Which jobs a request asks for when blocks are missing (server-internals 2.6 rule 4, 2.10): one for each run of neighbouring blocks, the
 * oldest first, and only for blocks that are settled and have not failed a short time ago (failure/marks.ts). The queue is the caller's
 * business.
 */
import { compareTimes, type TimePoint } from '../../stream/time.js';
import { blockTimeText, nextBlockBegin } from '../block/block.js';
import { failureOf } from '../failure/marks.js';
import { blockFile, isSettled, type LevelPlace } from '../level/place.js';

const MOST_BLOCKS_OF_JOB = 32;
export const MOST_JOBS = 50;

/** Fields of a `TASK_CACHE` item behind the common ones. */
export type CacheJobFields = readonly [dataset: string, begin: string, end: string, level: string];

/** The jobs for these blocks, given by their begins in order of time. `now` in milliseconds since 1970. */
export function wantedJobs(place: LevelPlace, begins: readonly TimePoint[], now: number): CacheJobFields[] {
  const { source, level } = place;
  const runs: { begin: TimePoint; end: TimePoint; blocks: number }[] = [];
  for (const begin of begins) {
    if (!isSettled(place, begin, now)) continue;
    if (failureOf({ place, begin, file: blockFile(place, begin) }, now) !== undefined) continue;
    const end = nextBlockBegin(begin, level.period);
    const last = runs.at(-1);
    if (last !== undefined && last.blocks < MOST_BLOCKS_OF_JOB && compareTimes(last.end, begin) === 0) {
      last.end = end;
      last.blocks++;
    } else if (runs.length < MOST_JOBS) runs.push({ begin, end, blocks: 1 });
    else break;
  }
  return runs.map(({ begin, end }) => [
    source.id,
    blockTimeText(begin, level.period),
    blockTimeText(end, level.period),
    String(level.number),
  ]);
}
