/**
 * Counts of days from the blocks of the cache (server-internals 7.2): no reader runs.
 *
 * Contract: a day counts if all blocks of a level that it touches are there. Only levels without parameters whose bins lie inside one day
 * are asked. Where a side file tells the number of records of a block inside the day, the block itself is not read.
 */
import { closeSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Configuration } from '../conf/configuration.js';
import type { CacheLevel } from '../source/cache-level.js';
import { cacheLevelsOf, type Source } from '../source/source.js';
import { blockBegin, nextBlockBegin } from './block.js';
import { parseRecord } from './block-record.js';
import type { DayRange } from './coverage.js';
import { DayCounter } from './day-counter.js';
import { findBlocks, openBlock } from './find-blocks.js';
import { type LevelPlace, levelPlace } from './level-place.js';
import { readSide } from './look-at-block.js';

const DAY_SECONDS = 86_400;
const CHUNK_BYTES = 256 * 1024;

/** Records of a day in the blocks of a level; undefined if one is missing. */
export interface LevelDays {
  readonly level: CacheLevel;
  /** Path of the level's folder. */
  readonly folder: string;
  count(day: number): number | undefined;
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
      const [first] =
        findBlocks(place, { begin: range.begin, end: nextBlockBegin(range.begin, place.level.period) }, 1, now)
          ?.pieces ?? [];
      if (first?.file === undefined) return undefined;
      const pieces = findBlocks(place, range, DAY_SECONDS, now)?.pieces ?? [];
      let sum = 0;
      for (const { file } of pieces) {
        const records = file === undefined ? undefined : recordsOf(place, file, day, now);
        if (records === undefined) return undefined;
        sum += records;
      }
      return sum;
    },
  };
}

/** Blocks of a month or a year: each is read once for all of its days. */
function longBlocks(place: LevelPlace, now: number): LevelDays {
  let known: { readonly range: DayRange; readonly counts: ReadonlyMap<number, number> | undefined } | undefined;
  const { level } = place;
  return {
    level,
    folder: place.folder,
    count(day) {
      if (known === undefined || day < known.range.begin || day >= known.range.end) {
        const begin = blockBegin({ day, nanosecond: 0 }, level.period);
        const range = { begin: begin.day, end: nextBlockBegin(begin, level.period).day };
        const [piece] = findBlocks(place, wholeDay(begin.day), 1, now)?.pieces ?? [];
        known = { range, counts: piece?.file === undefined ? undefined : countsOf(place, piece.file, range, now) };
      }
      return known.counts === undefined ? undefined : (known.counts.get(day) ?? 0);
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
