/**
 * Counts of days from the blocks of the cache (server-internals 7.2): no reader runs.
 *
 * Contract: a day counts if all blocks of a level that it touches are there and none is due to be made anew. Only levels without parameters
 * whose bins lie inside one day are asked. Where a side file tells the number of records of a block inside the day, the block itself is
 * not read.
 */
import { closeSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Configuration } from '../../conf/configuration.js';
import type { CacheLevel } from '../../source/cache-level.js';
import { cacheLevelsOf, type Source } from '../../source/source.js';
import type { TimeRange } from '../../source/time-range.js';
import { blockBegin, nextBlockBegin } from '../block/block.js';
import { readSide } from '../block/look.js';
import { parseRecord } from '../block/record.js';
import { findBlocks, openBlock } from '../level/find-blocks.js';
import { type LevelPlace, levelPlace } from '../level/place.js';
import type { DayRange } from './coverage.js';
import { DAY_SECONDS } from './daily-source.js';
import { DayCounter } from './day-counter.js';

const CHUNK_BYTES = 256 * 1024;

/** What the blocks of a level say of a day. */
export interface CachedCount {
  readonly records: number;
  /** When a block was made for which more was expected to come, in milliseconds since 1970; undefined if there is none. */
  readonly asOf: number | undefined;
}

/** The days of a level. */
export interface LevelDays {
  readonly level: CacheLevel;
  /** Path of the level's folder. */
  readonly folder: string;
  /** The records of a day; undefined if a block is missing. */
  count(day: number): CachedCount | undefined;
}

/** The levels of a source that can tell about days, the coarsest first. `now` in milliseconds since 1970. */
export function countableLevels(configuration: Configuration, source: Source, now: number): LevelDays[] {
  const found: LevelDays[] = [];
  for (const level of cacheLevelsOf(source).levels) {
    const fits = level.microseconds === 0 || (DAY_SECONDS * 1e6) % level.microseconds === 0;
    const place = fits && level.words.length === 0 ? levelPlace(configuration, source, level, now) : undefined;
    if (place !== undefined) found.push(isLong(level) ? longBlocks(place, now) : shortBlocks(place, now));
  }
  return found.sort((a, b) => b.level.seconds - a.level.seconds);
}

function isLong({ period }: CacheLevel): boolean {
  return period === 'monthly' || period === 'yearly';
}

/** Blocks of a day at most. */
function shortBlocks(place: LevelPlace, now: number): LevelDays {
  return {
    level: place.level,
    folder: place.folder,
    count(day) {
      const range = wholeDay(day);
      // A look at the first block is enough for most days that are not there.
      const first = { begin: range.begin, end: nextBlockBegin(range.begin, place.level.period) };
      if (usableFiles(place, first, now) === undefined) return undefined;
      const files = usableFiles(place, range, now);
      if (files === undefined) return undefined;
      let sum = 0;
      let asOf: number | undefined;
      for (const file of files) {
        const records = recordsOf(place, file.path, day, now);
        if (records === undefined) return undefined;
        sum += records;
        if (file.asOf !== undefined) asOf = Math.min(file.asOf, asOf ?? Number.POSITIVE_INFINITY);
      }
      return { records: sum, asOf };
    },
  };
}

/** The blocks of a range, if all are there and to be relied on. */
function usableFiles(
  place: LevelPlace,
  range: TimeRange,
  now: number,
): { readonly path: string; readonly asOf: number | undefined }[] | undefined {
  const found = findBlocks(place, range, DAY_SECONDS, now);
  if (found === undefined || found.wanted.length > 0 || found.refused !== undefined) return undefined;
  return found.pieces.flatMap(({ file, seen }) =>
    file === undefined ? [] : [{ path: file, asOf: seen?.final === true ? undefined : (seen?.changedAt ?? 0) }],
  );
}

/** Blocks of a month or a year: each is read once for all of its days. */
function longBlocks(place: LevelPlace, now: number): LevelDays {
  let known:
    | {
        readonly range: DayRange;
        readonly counts: ReadonlyMap<number, number> | undefined;
        readonly asOf: number | undefined;
      }
    | undefined;
  const { level } = place;
  return {
    level,
    folder: place.folder,
    count(day) {
      if (known === undefined || day < known.range.begin || day >= known.range.end) {
        const begin = blockBegin({ day, nanosecond: 0 }, level.period);
        const range = { begin: begin.day, end: nextBlockBegin(begin, level.period).day };
        const [block] = usableFiles(place, wholeDay(begin.day), now) ?? [];
        const counts = block === undefined ? undefined : countsOf(place, block.path, range, now);
        known = { range, counts, asOf: block?.asOf };
      }
      const { counts, asOf } = known;
      return counts === undefined ? undefined : { records: counts.get(day) ?? 0, asOf };
    },
  };
}

function wholeDay(day: number) {
  return { begin: { day, nanosecond: 0 }, end: { day: day + 1, nanosecond: 0 } };
}

/** Records of a block that lies inside a day. */
function recordsOf(place: LevelPlace, file: string, day: number, now: number): number | undefined {
  const side = readSide(dirname(file), file.slice(file.lastIndexOf('/') + 1));
  const record = side === undefined ? undefined : parseRecord(side);
  if (record !== undefined) return record.records;
  const counts = countsOf(place, file, { begin: day, end: day + 1 }, now);
  return counts === undefined ? undefined : (counts.get(day) ?? 0);
}

/** Records of a block by day; undefined if it cannot be read (any more). */
function countsOf(place: LevelPlace, file: string, range: DayRange, now: number): Map<number, number> | undefined {
  const descriptor = openBlock(place, file, now);
  if (descriptor === undefined) return undefined;
  try {
    const counter = new DayCounter(place.suffix === 'qds' ? 'qstream' : 'das2', range);
    const buffer = new Uint8Array(CHUNK_BYTES);
    for (;;) {
      const size = readSync(descriptor, buffer, 0, buffer.length, null);
      if (size === 0) break;
      counter.push(buffer.subarray(0, size));
    }
    counter.end();
    return counter.fault === undefined ? counter.counts : undefined;
  } finally {
    closeSync(descriptor);
  }
}
