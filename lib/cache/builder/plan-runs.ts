/**
 * Which runs of the reader make which blocks: one run feeds the blocks of all levels that it covers (server-internals 2.7, 2.12).
 *
 *   levels with the same parameters  →  groups  →  units of time  →  what is missing there, joined  →  runs
 *
 * The periods are calendar pieces, each inside the longer ones, so a unit as long as the longest period of a group holds whole blocks of
 * every level. A unit is never so long that a run would make more than `MOST_BLOCKS_OF_RUN`: a run that fails keeps nothing, and
 * memory and the number of temporary files stay bounded. Pure; no file is touched.
 */
import { CACHE_PERIODS, type CachePeriod } from '../../source/cache-level.js';
import type { TimeRange } from '../../source/time-range.js';
import { compareTimes, type TimePoint } from '../../stream/time.js';
import { blockBegin, blocksOf, LONGEST_BLOCK_SECONDS, longerPeriod, nextBlockBegin } from '../block/block.js';
import { blockFile, type LevelPlace } from '../level/place.js';

/** Enough for the minutes of a day with its hours, and for the hours of a month. */
const MOST_BLOCKS_OF_RUN = 1500;

/** Longest unit for levels whose own periods are shorter: it saves starts of the reader, and little is lost if it fails. */
const LONGEST_EXTENSION: CachePeriod = 'daily';

/** A block to be made. */
export interface BlockTask {
  readonly place: LevelPlace;
  readonly begin: TimePoint;
  readonly end: TimePoint;
  /** Path below the folder of the level. */
  readonly file: string;
}

/** One run of the reader over a range, and the blocks that it feeds: all of them lie inside, and together they cover it. */
export interface ReaderRun extends TimeRange {
  readonly unit: CachePeriod;
  /** In order of time. */
  readonly blocks: readonly BlockTask[];
}

/** Levels that one run can feed, and how long it may be. */
export interface LevelGroup {
  readonly places: readonly LevelPlace[];
  readonly unit: CachePeriod;
}

/**
 * How a level shares runs with others: `all` blocks of a run, only blocks of the `same` bounds (what the reader writes depends on where it
 * begins), or `none`.
 */
export type Sharing = 'all' | 'same' | 'none';

/** The groups of levels of one source. Every level is in one of them. */
export function levelGroups(places: readonly LevelPlace[], sharing: (place: LevelPlace) => Sharing): LevelGroup[] {
  const byKey = new Map<string, LevelPlace[]>();
  for (const place of places) {
    const { words, period, number } = place.level;
    const kind = sharing(place);
    const own = kind === 'all' ? '' : kind === 'same' ? period : number;
    const key = JSON.stringify([words, kind, own]);
    byKey.set(key, [...(byKey.get(key) ?? []), place]);
  }
  return [...byKey.values()].flatMap((members) =>
    members.every((place) => sharing(place) === 'all') ? boundedGroups(members) : [asGroup(members)],
  );
}

/** Levels that would need too many blocks in one run are parted from the longest period. */
function boundedGroups(places: readonly LevelPlace[]): LevelGroup[] {
  const group = asGroup(places);
  if (blocksOfUnit(places, group.unit) <= MOST_BLOCKS_OF_RUN) return [{ ...group, unit: extended(group) }];
  const longest = places.filter(({ level }) => level.period === group.unit);
  const rest = places.filter(({ level }) => level.period !== group.unit);
  return [asGroup(longest), ...(rest.length > 0 ? boundedGroups(rest) : [])];
}

function asGroup(places: readonly LevelPlace[]): LevelGroup {
  const unit = places.map(({ level }) => level.period).reduce(longerPeriod, 'persecond');
  return { places, unit };
}

function extended({ places, unit }: LevelGroup): CachePeriod {
  const last = CACHE_PERIODS.indexOf(LONGEST_EXTENSION);
  for (let i = last; i > CACHE_PERIODS.indexOf(unit); i--) {
    const longer = CACHE_PERIODS[i] ?? unit;
    if (blocksOfUnit(places, longer) <= MOST_BLOCKS_OF_RUN) return longer;
  }
  return unit;
}

function blocksOfUnit(places: readonly LevelPlace[], unit: CachePeriod): number {
  const seconds = LONGEST_BLOCK_SECONDS;
  return places.reduce((sum, { level }) => sum + Math.ceil(seconds[unit] / seconds[level.period]), 0);
}

/** The blocks of a group that touch a range, a unit of time after the other. */
export function* unitsOf({ places, unit }: LevelGroup, range: TimeRange): Generator<readonly BlockTask[]> {
  for (const begin of blocksOf(range, unit)) {
    const end = nextBlockBegin(begin, unit);
    const part = {
      begin: compareTimes(begin, range.begin) < 0 ? range.begin : begin,
      end: compareTimes(end, range.end) > 0 ? range.end : end,
    };
    yield places.flatMap((place) => [...blocksOf(part, place.level.period)].map((start) => taskOf(place, start)));
  }
}

function taskOf(place: LevelPlace, begin: TimePoint): BlockTask {
  return { place, begin, end: nextBlockBegin(begin, place.level.period), file: blockFile(place, begin) };
}

/** The runs that make these blocks, none of them across a border of `unit`: neighbours in time are one run. */
export function runsOf(tasks: readonly BlockTask[], unit: CachePeriod): ReaderRun[] {
  const sorted = [...tasks].sort((a, b) => compareTimes(a.begin, b.begin) || compareTimes(b.end, a.end));
  const runs: { begin: TimePoint; end: TimePoint; unit: CachePeriod; blocks: BlockTask[] }[] = [];
  for (const task of sorted) {
    const last = runs.at(-1);
    const joins =
      last !== undefined &&
      compareTimes(task.begin, last.end) <= 0 &&
      compareTimes(blockBegin(task.begin, unit), blockBegin(last.begin, unit)) === 0;
    if (!joins) {
      runs.push({ begin: task.begin, end: task.end, unit, blocks: [task] });
      continue;
    }
    last.blocks.push(task);
    if (compareTimes(task.end, last.end) > 0) last.end = task.end;
  }
  return runs;
}

/** True if a block covers a whole run. */
export function isWhole(task: BlockTask, run: ReaderRun): boolean {
  return compareTimes(task.begin, run.begin) === 0 && compareTimes(task.end, run.end) === 0;
}
