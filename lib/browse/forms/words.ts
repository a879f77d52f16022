/**
 * Records in words for pages (browse-export 7): times, sizes, completeness, states.
 */

import { grouped } from '../faults.js';
import type { FoundRecord, FoundRecords, RecordState } from '../find/found-records.js';
import type { Interval } from '../record/interval.js';
import { clockWords, dateWords, intervalWords } from '../record/label.js';
import { recordAt } from '../record/number.js';
import type { LeapTable } from '../time/leap-table.js';
import { civilOf, type Scale } from '../time/scales.js';
import { mebibytes } from './text.js';

const MEBIBYTE = 1_048_576;

export const STATE_WORDS: Readonly<Record<RecordState, string>> = {
  present: 'present',
  partial: 'partial',
  absent: 'missing',
  assumed: 'assumed',
  offline: 'offline',
  restricted: 'sign-in needed',
};

/** When a record begins and ends, on the scale of its series. */
export function recordTime({ series, start, stop }: FoundRecord, table: LeapTable): string {
  const { scale } = series.grid.epoch;
  return intervalWords(civilOf(start, scale, table), civilOf(stop, scale, table), scale);
}

/** The same in UTC, for series on another scale. */
export function recordTimeUtc({ series, start, stop }: FoundRecord, table: LeapTable): string | undefined {
  if (series.grid.epoch.scale === 'UTC') return undefined;
  return intervalWords(civilOf(start, 'UTC', table), civilOf(stop, 'UTC', table), 'UTC');
}

/** The size of a record, and the exact one. */
export function sizeWords({ bytes, isEstimate, state }: FoundRecord): {
  readonly text: string;
  readonly exact: string | undefined;
} {
  if (state === 'absent' || state === 'restricted') return { text: '–', exact: undefined };
  if (bytes === undefined) return { text: 'not known', exact: undefined };
  if (isEstimate) return { text: `about ${roundSize(bytes)}`, exact: undefined };
  return { text: `${mebibytes(bytes)} MiB`, exact: `${grouped(bytes)} bytes` };
}

/** A size in two digits or so. */
export function roundSize(bytes: number): string {
  for (const [unit, size] of [
    ['GiB', 1024 * MEBIBYTE],
    ['MiB', MEBIBYTE],
    ['KiB', 1024],
  ] as const) {
    if (bytes >= size) return `${bytes / size < 10 ? (bytes / size).toFixed(1) : Math.round(bytes / size)} ${unit}`;
  }
  return `${bytes} bytes`;
}

/** How complete a record is: `45 of 60`, `full`, `not known`. */
export function completeWords({ state, have, expected }: FoundRecord): string {
  if (state === 'absent' || state === 'restricted') return '–';
  if (have === undefined) return 'not known';
  if (expected === undefined) return String(have);
  return have >= expected ? 'full' : `${have} of ${expected}`;
}

/** True if it is known that nothing of the record is missing. */
export function isComplete({ state, have, expected }: FoundRecord): boolean {
  return state === 'present' && have !== undefined && expected !== undefined && have >= expected;
}

/** `25 datasets in 5 series`. */
export function countWords(found: FoundRecords): string {
  const [rows, series] = [found.rows.length, found.series.length];
  return `${grouped(rows)} ${rows === 1 ? 'dataset' : 'datasets'} in ${series} series`;
}

/** The sum of sizes, and what is missing of it; '' if nothing is known. */
export function sumWords({ bytes, withoutSize, estimated }: FoundRecords): string {
  if (bytes === 0) return withoutSize === 0 ? '' : 'sizes not known';
  const sum = `${estimated > 0 ? 'about ' : ''}${(bytes / MEBIBYTE).toFixed(1)} MiB`;
  return withoutSize === 0 ? sum : `${sum} and ${grouped(withoutSize)} of unknown size`;
}

/** `between 9 Oct 1999 00:00 and 17:59 TAI`. */
export function betweenWords({ start, stop }: Interval): string {
  const isSameDay = start.civil.day === stop.civil.day;
  const same = start.scale === stop.scale;
  const end = isSameDay ? clockWords(stop.civil) : `${dateWords(stop.civil)} ${clockWords(stop.civil)}`;
  const scale = (name: string): string => (name === 'series' ? 'on the scale of each series' : name);
  return `between ${dateWords(start.civil)} ${clockWords(start.civil)}${same ? '' : ` ${scale(start.scale)}`} and ${end} ${scale(stop.scale)}`;
}

/** The days of an interval: `9 Oct 1999`, or `9 Oct 1999 to 11 Oct 1999`. One that ends at midnight has nothing of the day that begins then. */
export function daysWords({ start, stop }: Interval): string {
  const { day, second, nanosecond } = stop.civil;
  const isMidnight = second === 0 && nanosecond === 0 && day > start.civil.day;
  const first = dateWords(start.civil);
  const last = dateWords({ ...stop.civil, day: isMidnight ? day - 1 : day });
  return first === last ? first : `${first} to ${last}`;
}

/** Rows that stand together. */
export interface RowGroup {
  /** For fields of forms. */
  readonly key: string;
  readonly title: string;
  readonly rows: readonly FoundRecord[];
}

/** Rows in groups: those that begin within one record of the longest block, or those of one series. */
export function rowGroups(
  found: FoundRecords,
  rows: readonly FoundRecord[],
  order: 'time' | 'series',
  table: LeapTable,
): RowGroup[] {
  const groups: { key: string; title: string; rows: FoundRecord[] }[] = [];
  const { longest, scale } = longestGrid(found);
  for (const row of rows) {
    const { key, title } = order === 'series' ? bySeries(row) : byTime(row);
    const last = groups.at(-1);
    if (last?.key === key) last.rows.push(row);
    else groups.push({ key, title, rows: [row] });
  }
  return groups;

  function bySeries({ series }: FoundRecord): { key: string; title: string } {
    return { key: `${series.prog}:${series.level}:${series.series}`, title: series.label };
  }

  function byTime(row: FoundRecord): { key: string; title: string } {
    const day = civilOf(row.start, scale, table);
    // Without a block of days or more the groups are days.
    if (longest === undefined) return { key: String(day.day), title: `${dateWords(day)} ${scale}` };
    return { key: String(recordAt(row.start, longest, table)), title: dateWords(day) };
  }
}

/** The grid of the longest block, if it is a day or more; the scale that most of the series have. */
function longestGrid({ series }: FoundRecords) {
  const scales = series.map(({ grid }) => grid.epoch.scale);
  const scale: Scale = scales.filter((one) => one === 'TAI').length * 2 > scales.length ? 'TAI' : 'UTC';
  const wanted = (['1year', '1month'] as const).find((block) => series.some(({ grid }) => grid.block === block));
  const longest = series.find(({ grid }) => grid.block === wanted)?.grid;
  return { longest, scale };
}
