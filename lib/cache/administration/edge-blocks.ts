/**
 * The blocks at the edges of a finished data set: old enough, but only partly inside `validRange` (server-internals 2.10).
 *
 * Contract: requests never ask for such a block. One that was made by hand serves for ten times the hold-off, as one that is due to be
 * made anew. The last block of a source that goes on is none of them: its time has not come yet.
 */
import { dirname } from 'node:path';
import { compareTimes, type TimePoint } from '../../stream/time.js';
import { blockBegin, blockTimeText, nextBlockBegin } from '../block/block.js';
import { readSide } from '../block/look.js';
import { parseRecord } from '../block/record.js';
import { findBlocks } from '../level/find-blocks.js';
import { isYoung, type LevelPlace } from '../level/place.js';

export interface EdgeBlock {
  /** As jobs write them. */
  readonly begin: string;
  readonly end: string;
  /** `due`: it serves, though it is to be made anew. */
  readonly state: 'missing' | 'usable' | 'due';
  /** ISO text; null if it is missing, or serves until it is removed. */
  readonly servesUntil: string | null;
}

/** The edge blocks of a level, at most two. `now` in milliseconds since 1970. */
export function edgeBlocks(place: LevelPlace, now: number): EdgeBlock[] {
  const { validRange, level } = place;
  if (validRange === undefined || compareTimes(validRange.begin, validRange.end) >= 0) return [];
  const first = blockBegin(validRange.begin, level.period);
  const last = blockBegin(validRange.end, level.period);
  const begins: TimePoint[] = [];
  const isOnlyPart =
    compareTimes(first, validRange.begin) < 0 || compareTimes(nextBlockBegin(first, level.period), validRange.end) > 0;
  if (isOnlyPart) begins.push(first);
  if (compareTimes(last, first) > 0 && compareTimes(last, validRange.end) < 0) begins.push(last);
  return begins.filter((begin) => !isYoung(place, begin, now)).map((begin) => edgeBlock(place, begin, now));
}

function edgeBlock(place: LevelPlace, begin: TimePoint, now: number): EdgeBlock {
  const { period } = place.level;
  const end = nextBlockBegin(begin, period);
  const bounds = { begin: blockTimeText(begin, period), end: blockTimeText(end, period) };
  const found = findBlocks(place, { begin, end }, 1, now);
  const file = found?.pieces[0]?.file;
  if (found === undefined || file === undefined) return { ...bounds, state: 'missing', servesUntil: null };
  const record = parseRecord(readSide(dirname(file), file.slice(file.lastIndexOf('/') + 1)) ?? '');
  const isFinal = record?.recheckAfter == null;
  const served = isFinal ? 0 : Date.parse(record.builtAt) + 10 * place.rules.holdoffSeconds * 1000;
  const until = isFinal ? null : new Date(Math.max(served, Date.parse(record.recheckAfter))).toISOString();
  return { ...bounds, state: found.wanted.length > 0 ? 'due' : 'usable', servesUntil: until };
}
