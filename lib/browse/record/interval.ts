/**
 * The interval of a question (browse-export 3.2, 6): two times as they were typed, each on a scale, and which records of a series it touches,
 * the edge rule included.
 *
 * Contract: pure. Half-open. On the scale `series` the same clock times are meant on the scale of each series.
 */
import { type Das2Error, isDas2Error } from '../../error.js';
import { fieldError } from '../faults.js';
import type { LeapTable } from '../time/leap-table.js';
import { parseTimeText, type TimeText } from '../time/parse-time.js';
import {
  type CivilTime,
  civilOf,
  civilOfSeconds,
  compareInstants,
  DAY_SECONDS,
  exists,
  type Instant,
  instantOf,
  isoText,
  offsetOfDay,
  type Scale,
  secondsBetween,
} from '../time/scales.js';
import { type RecordGrid, type RecordRange, recordStart, recordsIn } from './number.js';

/** What people can choose. */
export const SCALE_CHOICES = ['UTC', 'TAI', 'series'] as const;
export type ScaleChoice = (typeof SCALE_CHOICES)[number];

/** A time on a scale, or on that of each series. */
export interface ScaledTime {
  readonly civil: CivilTime;
  readonly scale: ScaleChoice;
}

export interface Interval {
  readonly start: ScaledTime;
  readonly stop: ScaledTime;
}

/** How records that are only just touched are treated: `auto`, or those touched for less than so many seconds are left out. */
export type Edge = 'auto' | number;

export interface IntervalText {
  readonly start: string;
  /** Empty: 24 hours after start. */
  readonly stop: string;
  readonly scale: ScaleChoice;
  /** For times that are records; undefined where no one grid is meant. */
  readonly grid: RecordGrid | undefined;
}

/** A record at an end of the interval that is not listed. */
export interface LeftOut {
  readonly record: number;
  /** Seconds for which it touches the interval. */
  readonly seconds: number;
}

const DEFAULT_HOURS = 24;

/** The interval that two texts name. Throws `illegalArgument` that names the field; it may still be empty: see `requireOrder`. */
export function parseInterval(given: IntervalText, table: LeapTable): Interval {
  const start = startOf(given, table);
  const stopText = stopTextOf(given);
  if (stopText.kind !== 'relative') return { start, stop: scaled(stopText, 'stop', given, table) };
  // The same clock time so much later: a day of UTC with a leap second is as long as any other on the clock.
  const { day, second, nanosecond } = start.civil;
  const civil = { ...civilOfSeconds(day * DAY_SECONDS + second + stopText.seconds), nanosecond };
  return { start, stop: { civil, scale: start.scale } };
}

/** Everything that is wrong with the two texts, one fault a field at most; a record is not looked at. */
export function timeFaults(given: IntervalText, table: LeapTable): Das2Error[] {
  const readStop = (): void => {
    const read = stopTextOf(given);
    if (read.kind !== 'relative') scaled(read, 'stop', given, table);
  };
  const faults: Das2Error[] = [];
  for (const [text, read] of [
    [given.start, () => startOf(given, table)],
    [given.stop, readStop],
  ] as const) {
    try {
      if (!text.trim().startsWith('#')) read();
    } catch (error) {
      if (!isDas2Error(error)) throw error;
      faults.push(error);
    }
  }
  return faults;
}

function startOf(given: IntervalText, table: LeapTable): ScaledTime {
  return scaled(parseTimeText(given.start, { field: 'start', record: true }), 'start', given, table);
}

function stopTextOf({ stop }: IntervalText): TimeText {
  if (stop.trim() === '') return { kind: 'relative', seconds: DEFAULT_HOURS * 3600 };
  return parseTimeText(stop, { field: 'stop', relative: true, record: true });
}

function scaled(read: TimeText, field: 'start' | 'stop', given: IntervalText, table: LeapTable): ScaledTime {
  if (read.kind === 'record') {
    const { grid } = given;
    if (grid === undefined) {
      throw fieldError(
        field,
        'a record is only meant where one block is chosen, and all its series count from one epoch',
      );
    }
    const { scale } = grid.epoch;
    return { civil: civilOf(recordStart(read.record, grid, table), scale, table), scale };
  }
  if (read.kind === 'relative') throw fieldError(field, 'a time after start cannot stand here');
  const scale = read.scale ?? given.scale;
  // On the scale of each series a leap second would be right for some series only.
  if (!exists(read.civil, scale === 'series' ? 'TAI' : scale, table)) {
    throw fieldError(field, `there is no second 23:59:60 on that day in ${scale === 'series' ? 'all scales' : scale}`);
  }
  return { civil: read.civil, scale };
}

/** Throws `illegalArgument` unless the interval holds something on every scale it may be meant on. */
export function requireOrder(interval: Interval, table: LeapTable): void {
  for (const scale of ['UTC', 'TAI'] as const) {
    const { begin, end } = instantsOf(interval, scale, table);
    if (compareInstants(begin, end) < 0) continue;
    const [start, stop] = [timeWords(interval.start), timeWords(interval.stop)];
    throw fieldError(
      'stop',
      compareInstants(begin, end) === 0
        ? `${stop} is the same as start; the interval is empty`
        : `${stop} is before start, ${start}`,
    );
  }
}

function timeWords({ civil, scale }: ScaledTime): string {
  return `${isoText(civil, 'TAI')}${scale === 'series' ? '' : ` ${scale}`}`;
}

/** The interval as moments, for a series on this scale. */
export function instantsOf(
  { start, stop }: Interval,
  scale: Scale,
  table: LeapTable,
): { begin: Instant; end: Instant } {
  const at = (time: ScaledTime): Instant => instantOf(time.civil, time.scale === 'series' ? scale : time.scale, table);
  return { begin: at(start), end: at(stop) };
}

/** The records of a series that the interval touches, without those that the edge rule leaves out. */
export function touchedRecords(
  interval: Interval,
  grid: RecordGrid,
  edge: Edge,
  table: LeapTable,
): RecordRange & { readonly leftOut: readonly LeftOut[] } {
  const { begin, end } = instantsOf(interval, grid.epoch.scale, table);
  let { first, last } = recordsIn(begin, end, grid, table);
  const leftOut: LeftOut[] = [];
  const isShort = (record: number): boolean => {
    // An interval within one record is about that record.
    if (first === last) return false;
    const from = recordStart(record, grid, table);
    const to = recordStart(record + 1, grid, table);
    const seconds = secondsBetween(later(from, begin), earlier(to, end));
    if (seconds >= limitOf(record, { interval, grid, edge, table })) return false;
    leftOut.push({ record, seconds });
    return true;
  };
  if (isShort(first)) first++;
  if (isShort(last)) last--;
  return { first, last, leftOut };
}

/** Seconds below which a record at the end is not listed. */
function limitOf(
  record: number,
  facts: { readonly interval: Interval; readonly grid: RecordGrid; readonly edge: Edge; readonly table: LeapTable },
): number {
  const { interval, grid, edge, table } = facts;
  if (edge !== 'auto') return edge;
  const { scale } = grid.epoch;
  const isOther = (time: ScaledTime): boolean => time.scale !== 'series' && time.scale !== scale;
  if (!isOther(interval.start) && !isOther(interval.stop)) return 0;
  // What the same clock times would touch if they were meant on the scale of the series.
  const own = ({ civil }: ScaledTime): Instant => instantOf(civil, scale, table);
  const [begin, end] = [own(interval.start), own(interval.stop)];
  if (compareInstants(begin, end) < 0) {
    const range = recordsIn(begin, end, grid, table);
    if (record >= range.first && record <= range.last) return 0;
  }
  // A leap second within the record, or at its begin, lies between the two scales as well.
  const offsets = [record, record + 1].map((one) =>
    Math.abs(offsetOfDay(civilOf(recordStart(one, grid, table), 'UTC', table).day, table)),
  );
  return Math.max(...offsets) + 1;
}

function later(a: Instant, b: Instant): Instant {
  return compareInstants(a, b) >= 0 ? a : b;
}

function earlier(a: Instant, b: Instant): Instant {
  return compareInstants(a, b) <= 0 ? a : b;
}
