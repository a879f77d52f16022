/**
 * The marks of failed blocks (failure/marks.ts) below a folder, for people.
 *
 * Contract: damaged marks, and files that only look like marks, are left out. Symbolic links are not followed.
 */
import { join } from 'node:path';
import { namesIfAny } from '../../files/files-if-any.js';
import { compareTimes, type TimePoint } from '../../stream/time.js';
import { blockTimeText } from '../block/block.js';
import { FAILED } from '../block/leftovers.js';
import { type FailedBlock, failureOf, readMark } from '../failure/marks.js';
import { blockAt, foldersBelow } from '../level/cache-tree.js';
import { blockFile, type LevelPlace } from '../level/place.js';

/** A block that could not be made. Times are ISO text. */
export interface FailedRow {
  readonly begin: string;
  readonly end: string;
  readonly attempts: number;
  readonly failedAt: string;
  readonly tryAfter: string;
  readonly reason: string;
}

/** A mark on disk, and the block that it is about. */
export interface FoundFailure extends FailedBlock {
  readonly path: string;
  readonly end: TimePoint;
  readonly start: TimePoint;
}

/** All marks in a level's folder, whether they hold or not, in order of time. */
export function failuresIn(folder: string): FoundFailure[] {
  const found: FoundFailure[] = [];
  for (const below of foldersBelow(folder)) {
    for (const name of namesIfAny(below)) {
      const times = isMark(name) ? blockAt(name.slice(1, -FAILED.length)) : undefined;
      const path = join(below, name);
      const mark = times === undefined ? undefined : readMark(path);
      if (times !== undefined && mark !== undefined) found.push({ ...mark, path, start: times.begin, end: times.end });
    }
  }
  return found.sort((a, b) => compareTimes(a.start, b.start));
}

function isMark(name: string): boolean {
  return name.startsWith('.') && name.endsWith(FAILED);
}

/** The blocks of a level that requests leave alone at `now` (milliseconds since 1970), in order of time. */
export function failedRows(place: LevelPlace, now: number): FailedRow[] {
  return failuresIn(place.folder)
    .filter(({ start }) => failureOf({ place, begin: start, file: blockFile(place, start) }, now) !== undefined)
    .map(({ start, end, attempts, failedAt, tryAfter, reason }) => ({
      begin: blockTimeText(start, place.level.period),
      end: blockTimeText(end, place.level.period),
      attempts,
      failedAt,
      tryAfter,
      reason,
    }));
}
