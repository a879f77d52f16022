/**
 * Bins of a level against a range of time (server-internals 2.12): whole microseconds, counted from 2000-01-01T00:00.
 *
 * Levels whose bin divides their period (for months and years: the day) have this one grid; `isOnGrid` tells. The bins of all others begin
 * anew with every block; the last one of a block ends with it, though its x is where the centre of a whole bin would be.
 */
import type { CacheLevel } from '../../source/cache-level.js';
import type { TimeRange } from '../../source/time-range.js';
import { compareTimes, type TimePoint } from '../../stream/time.js';
import { blockBegin, blocksOf, countBlocks, nextBlockBegin } from '../block/block.js';

const NANOSECONDS_PER_DAY = 86_400_000_000_000n;
const PERIOD_MICROSECONDS = { persecond: 1e6, perminute: 60e6, hourly: 3600e6, daily: 86_400e6 } as const;

/** True if bins of the level never straddle blocks. Full resolution has none. */
export function isOnGrid({ microseconds, period }: Pick<CacheLevel, 'microseconds' | 'period'>): boolean {
  if (microseconds === 0) return true;
  const length = period === 'monthly' || period === 'yearly' ? PERIOD_MICROSECONDS.daily : PERIOD_MICROSECONDS[period];
  return length % microseconds === 0;
}

/** What one block has to give to an answer. */
export interface LevelPart extends TimeRange {
  /** Begin of the block. Begin and end of the part itself are the times that a reader must be asked for. */
  readonly block: TimePoint;
  /** Where the first bin of the block begins, for levels off the grid. */
  readonly origin: TimePoint | undefined;
  /** Where the x of its records lie. */
  readonly bounds: TimeRange;
  /** A bin that may hold more records in blocks than the answer may: those behind `openUntil`, or out of the valid range. */
  readonly isCut?: true;
}

/** The parts of an answer, and where the x of a record must lie to be sent. */
export interface LevelParts {
  readonly parts: readonly LevelPart[];
  readonly kept: TimeRange;
}

/** Limits of an answer. */
export interface PartLimits {
  /** The source has data here only. */
  readonly valid?: TimeRange | undefined;
  /** Data from here on are closed to the client. */
  readonly openUntil?: TimePoint | undefined;
  /** Most blocks. */
  readonly most: number;
}

/** What it takes to answer a range from a level; undefined if that are too many blocks. */
export function levelParts(
  level: Pick<CacheLevel, 'microseconds' | 'period'>,
  asked: TimeRange,
  { valid, openUntil, most }: PartLimits,
): LevelParts | undefined {
  const make = isOnGrid(level) ? partsOnGrid : partsOffGrid;
  const found = make(level, asked, valid, most);
  if (found === undefined || openUntil === undefined) return found;
  return { ...found, parts: found.parts.flatMap((part) => cutAt(part, openUntil, level.microseconds)) };
}

/** A part inside the valid range. A block may have been made of all that the reader has, so bins that the range cuts are made anew. */
function cutTo(part: LevelPart, valid: TimeRange | undefined, microseconds: number): LevelPart[] {
  if (valid === undefined) return [part];
  const cut: LevelPart[] = [];
  for (const rest of cutFrom(part, valid.begin, microseconds)) cut.push(...cutAt(rest, valid.end, microseconds));
  return cut;
}

/** A part without what lies in front of a time: the rest of a bin, and whole bins. */
function cutFrom(part: LevelPart, begin: TimePoint, microseconds: number): LevelPart[] {
  if (compareTimes(part.begin, begin) >= 0) return [part];
  if (compareTimes(part.end, begin) <= 0) return [];
  if (microseconds === 0) return [{ ...part, begin, bounds: { ...part.bounds, begin } }];
  const bin = binOf(begin, part, microseconds);
  if (compareTimes(bin.begin, begin) === 0) return [{ ...part, begin, bounds: { ...part.bounds, begin } }];
  const cut: LevelPart = { ...part, begin, bounds: bin, isCut: true };
  if (compareTimes(bin.end, part.end) >= 0) return [cut];
  return [
    { ...cut, end: bin.end },
    { ...part, begin: bin.end, bounds: { ...part.bounds, begin: bin.end } },
  ];
}

/** The bin of a part that holds a time. */
function binOf(time: TimePoint, { origin }: LevelPart, microseconds: number): TimeRange {
  const width = BigInt(microseconds) * 1000n;
  const zero = origin === undefined ? 0n : nanoseconds(origin);
  const begin = zero + floorTo(nanoseconds(time) - zero, width);
  return { begin: timeOf(begin), end: timeOf(begin + width) };
}

/** A part without what is closed: whole bins, and the rest of a bin. */
function cutAt(part: LevelPart, openUntil: TimePoint, microseconds: number): LevelPart[] {
  if (compareTimes(part.end, openUntil) <= 0) return [part];
  if (compareTimes(part.begin, openUntil) >= 0) return [];
  if (microseconds === 0) return [{ ...part, end: openUntil, bounds: { ...part.bounds, end: openUntil } }];
  const bin = binOf(openUntil, part, microseconds);
  const cut: LevelPart[] = [];
  if (compareTimes(bin.begin, part.begin) > 0) {
    cut.push({ ...part, end: bin.begin, bounds: { ...part.bounds, end: bin.begin } });
  }
  if (compareTimes(bin.begin, openUntil) === 0) return cut;
  const begin = compareTimes(bin.begin, part.begin) < 0 ? part.begin : bin.begin;
  return [...cut, { ...part, begin, end: openUntil, bounds: bin, isCut: true }];
}

function partsOnGrid(
  { microseconds, period }: Pick<CacheLevel, 'microseconds' | 'period'>,
  asked: TimeRange,
  valid: TimeRange | undefined,
  most: number,
): LevelParts | undefined {
  const range = wholeBins(asked, microseconds);
  if (countBlocks(range, period) > most) return undefined;
  const parts: LevelPart[] = [];
  for (let block = blockBegin(range.begin, period); compareTimes(block, range.end) < 0; ) {
    const next = nextBlockBegin(block, period);
    const part = clipped({ begin: block, end: next }, range);
    parts.push(...cutTo({ ...part, block, origin: undefined, bounds: part }, valid, microseconds));
    block = next;
  }
  return { parts, kept: keptRange(asked, microseconds) };
}

/** Bins that have their centre in the range begin half a bin earlier than it. */
function partsOffGrid(
  { microseconds, period }: Pick<CacheLevel, 'microseconds' | 'period'>,
  asked: TimeRange,
  valid: TimeRange | undefined,
  most: number,
): LevelParts | undefined {
  const width = BigInt(microseconds) * 1000n;
  const from = nanoseconds(asked.begin) - width / 2n;
  const to = nanoseconds(asked.end) - width / 2n;
  const begins = { begin: timeOf(from), end: timeOf(to) };
  if (countBlocks(begins, period) > most) return undefined;
  /** The bins of a block that begin in [first, last). */
  const part = (block: TimePoint, first: bigint, last: bigint): LevelPart[] => {
    const zero = nanoseconds(block);
    const end = nanoseconds(nextBlockBegin(block, period));
    const low = first <= zero ? zero : zero + ceilTo(first - zero, width);
    const stop = earlier(last, end);
    if (low >= stop) return [];
    const high = zero + ceilTo(stop - zero, width);
    const times = { begin: timeOf(low), end: timeOf(earlier(high, end)) };
    return cutTo(
      { ...times, block, origin: block, bounds: { begin: timeOf(low), end: timeOf(high) } },
      valid,
      microseconds,
    );
  };
  const parts = [...blocksOf(begins, period)].flatMap((block) => part(block, from, to));
  if (parts.length > 0) return { parts, kept: asked };
  const block = blockBegin(asked.begin, period);
  const zero = nanoseconds(block);
  const bin = zero + floorTo(nanoseconds(asked.begin) - zero, width);
  const only = part(block, bin, bin + 1n);
  return { parts: only, kept: only[0]?.bounds ?? asked };
}

/** True if bins of the finer level never straddle those of the coarser one, in its blocks. */
export function nestsIn(finer: Pick<CacheLevel, 'microseconds' | 'period'>, coarser: typeof finer): boolean {
  if (finer.microseconds === 0) return coarser.microseconds > 0;
  const isPart = finer.microseconds < coarser.microseconds && coarser.microseconds % finer.microseconds === 0;
  return isPart && isOnGrid(finer) && isOnGrid({ microseconds: finer.microseconds, period: coarser.period });
}

/** The range made larger to whole bins. */
function wholeBins(range: TimeRange, microseconds: number): TimeRange {
  if (microseconds === 0) return range;
  const width = BigInt(microseconds) * 1000n;
  const begin = floorTo(nanoseconds(range.begin), width);
  const last = nanoseconds(range.end);
  const floored = floorTo(last, width);
  return { begin: timeOf(begin), end: timeOf(floored === last ? last : floored + width) };
}

/** Where the x of a record must lie to be sent: in the range, or in the bin that holds its begin if no bin has its centre in the range. */
function keptRange(range: TimeRange, microseconds: number): TimeRange {
  if (microseconds === 0) return range;
  const width = BigInt(microseconds) * 1000n;
  const begin = nanoseconds(range.begin);
  const bin = floorTo(begin, width);
  let centre = bin + width / 2n;
  if (centre < begin) centre += width;
  if (centre < nanoseconds(range.end)) return range;
  return { begin: timeOf(bin), end: timeOf(bin + width) };
}

/** The part of a range inside another one, if there is one. */
export function clipped(range: TimeRange, valid: TimeRange | undefined): TimeRange {
  if (valid === undefined) return range;
  return {
    begin: compareTimes(range.begin, valid.begin) < 0 ? valid.begin : range.begin,
    end: compareTimes(range.end, valid.end) > 0 ? valid.end : range.end,
  };
}

function nanoseconds(time: TimePoint): bigint {
  return BigInt(time.day) * NANOSECONDS_PER_DAY + BigInt(time.nanosecond);
}

function timeOf(value: bigint): TimePoint {
  const day = floorTo(value, NANOSECONDS_PER_DAY);
  return { day: Number(day / NANOSECONDS_PER_DAY), nanosecond: Number(value - day) };
}

function earlier(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

function ceilTo(value: bigint, width: bigint): bigint {
  const floored = floorTo(value, width);
  return floored === value ? value : floored + width;
}

function floorTo(value: bigint, width: bigint): bigint {
  const rest = value % width;
  return value - (rest < 0n ? rest + width : rest);
}
