/**
 * Parts of a record, as they stand in braces behind the name of an item (browse-export 10):
 *
 *   {0007,0012}      members of a record of files: names, names without their endings, or positions counted from 0
 *   {12:01-12:03}    a slice of time, on the scale of the series, of the day on which the record begins
 *
 * Contract: pure. Faults are `illegalArgument` that name the field.
 */
import { fieldError, shown } from '../faults.js';
import type { LeapTable } from '../time/leap-table.js';
import { compareInstants, DAY_SECONDS, type Instant, instantOf } from '../time/scales.js';
import { civilStart, type RecordGrid, recordStart } from './number.js';

export type Part =
  | { readonly kind: 'members'; readonly names: readonly string[] }
  /** Seconds of the day. */
  | { readonly kind: 'slice'; readonly begin: number; readonly end: number };

const MEMBERS = /^[A-Za-z0-9._-]+(?:,[A-Za-z0-9._-]+)*$/;
const SLICE = /^(\d\d):([0-5]\d)(?::([0-5]\d))?-(\d\d):([0-5]\d)(?::([0-5]\d))?$/;

/** What the text in the braces means; undefined if nothing. */
export function parsePart(text: string): Part | undefined {
  if (MEMBERS.test(text)) return { kind: 'members', names: text.split(',') };
  const [, ...fields] = SLICE.exec(text) ?? [];
  if (fields.length === 0) return undefined;
  const [h1 = 0, m1 = 0, s1 = 0, h2 = 0, m2 = 0, s2 = 0] = fields.map((field) => Number(field ?? 0));
  const [begin, end] = [h1 * 3600 + m1 * 60 + s1, h2 * 3600 + m2 * 60 + s2];
  return begin < end && end <= DAY_SECONDS ? { kind: 'slice', begin, end } : undefined;
}

/** The moments between which a slice lies. Throws where it leads out of the record. */
export function sliceOfRecord(
  { begin, end }: Extract<Part, { kind: 'slice' }>,
  record: number,
  grid: RecordGrid,
  table: LeapTable,
): { readonly start: Instant; readonly stop: Instant } {
  const { day } = civilStart(record, grid);
  const { scale } = grid.epoch;
  const at = (second: number): Instant =>
    instantOf(
      second < DAY_SECONDS ? { day, second, nanosecond: 0 } : { day: day + 1, second: 0, nanosecond: 0 },
      scale,
      table,
    );
  const [start, stop] = [at(begin), at(end)];
  const isInside =
    compareInstants(start, recordStart(record, grid, table)) >= 0 &&
    compareInstants(stop, recordStart(record + 1, grid, table)) <= 0;
  if (!isInside) throw fieldError('sel', `a slice leads out of record ${record}`, 'its times are those of the series');
  return { start, stop };
}

/** The part of a text as a piece of a file name: `12:01-12:03` is `1201-1203`. */
export function partOfFileName(text: string): string {
  return shown(text).replaceAll(':', '').replaceAll(',', '-');
}
