/**
 * Record numbers and times (browse-export 3.1): which record holds a moment, when a record starts, which records an interval touches.
 *
 * Contract: pure integer arithmetic. Records of a TAI epoch have a fixed number of seconds. Records of a UTC epoch follow the calendar: a
 * leap second belongs to the last record of its day. Numbers are rounded down, never cut or to the nearest.
 */
import { dateFromDay, dayFromDate } from '../../stream/calendar.js';
import type { TimePoint } from '../../stream/time-point.js';
import { fieldError } from '../faults.js';
import type { LeapTable } from '../time/leap-table.js';
import {
  type CivilTime,
  civilOf,
  civilOfSeconds,
  compareInstants,
  DAY_SECONDS,
  type Instant,
  instantOf,
} from '../time/scales.js';
import { type Block, blockSeconds, isCalendarBlock } from './block.js';
import { type Epoch, epochText } from './epoch.js';

/** What decides the records of a series. */
export interface RecordGrid {
  readonly block: Block;
  readonly epoch: Epoch;
}

/** A closed range of record numbers; `last` < `first` if there are none. */
export interface RecordRange {
  readonly first: number;
  readonly last: number;
}

/** True if records of both are counted alike. */
export function isSameGrid(a: RecordGrid, b: RecordGrid): boolean {
  return a.block === b.block && epochText(a.epoch) === epochText(b.epoch);
}

const FIRST_DAY = dayFromDate(1, 1, 1);
const LAST_DAY = dayFromDate(10_000, 1, 1);

/** The record that holds a moment. */
export function recordAt(instant: Instant, grid: RecordGrid, table: LeapTable): number {
  const { block, epoch } = grid;
  const civil = civilOf(instant, epoch.scale, table);
  if (isCalendarBlock(block)) return unitOf(civil.day, block) - unitOf(epoch.civil.day, block);
  return Math.floor((countOf(civil) - countOf(epoch.civil)) / blockSeconds(block));
}

/** What the clock of the epoch's scale shows when a record starts. Throws `illegalArgument` outside of the years 1 to 9999. */
export function civilStart(record: number, { block, epoch }: RecordGrid): CivilTime {
  let civil: CivilTime;
  if (isCalendarBlock(block)) {
    const unit = unitOf(epoch.civil.day, block) + record;
    const month = block === '1month' ? unit : unit * 12;
    civil = { day: dayFromDate(Math.floor(month / 12), (((month % 12) + 12) % 12) + 1, 1), second: 0, nanosecond: 0 };
  } else {
    civil = { ...civilOfSeconds(countOf(epoch.civil) + record * blockSeconds(block)), nanosecond: 0 };
  }
  if (!(civil.day >= FIRST_DAY && civil.day < LAST_DAY)) {
    throw fieldError('rec', `record ${record} lies outside of the years 1 to 9999`);
  }
  return civil;
}

/** The moment at which a record starts, and the one before it ends. */
export function recordStart(record: number, grid: RecordGrid, table: LeapTable): Instant {
  return instantOf(civilStart(record, grid), grid.epoch.scale, table);
}

/** The records that a half-open interval touches. Throws `illegalArgument` if it is empty. */
export function recordsIn(begin: Instant, end: Instant, grid: RecordGrid, table: LeapTable): RecordRange {
  if (compareInstants(begin, end) >= 0) throw fieldError('stop', 'must be later than start');
  const last = recordAt(end, grid, table);
  const isEdge = compareInstants(recordStart(last, grid, table), end) === 0;
  return { first: recordAt(begin, grid, table), last: isEdge ? last - 1 : last };
}

/** The records of a range of times as readers have them, in UTC; undefined for an empty one. */
export function recordsOfTimes(
  { begin, end }: { readonly begin: TimePoint; readonly end: TimePoint },
  grid: RecordGrid,
  table: LeapTable,
): RecordRange | undefined {
  const instant = ({ day, nanosecond }: TimePoint): Instant =>
    instantOf({ day, second: Math.floor(nanosecond / 1e9), nanosecond: nanosecond % 1e9 }, 'UTC', table);
  const [first, last] = [instant(begin), instant(end)];
  return compareInstants(first, last) < 0 ? recordsIn(first, last, grid, table) : undefined;
}

/** Seconds on days of 86400; a leap second counts as the one before it. */
function countOf({ day, second }: CivilTime): number {
  return day * DAY_SECONDS + Math.min(second, DAY_SECONDS - 1);
}

function unitOf(day: number, block: '1month' | '1year'): number {
  const { year, month } = dateFromDay(day);
  return block === '1year' ? year : year * 12 + month - 1;
}
