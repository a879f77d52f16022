/**
 * Parts of a record, as they stand in braces behind the name of an item (browse-export 10):
 *
 *   {0007,0012}            members of a record of files: names, names without their endings, or positions counted from 0
 *   {x,y}                  planes of a record that is a stream, by their names
 *   {12:01-12:03}          a slice of time, on the scale of the series, of the day on which the record begins
 *   {12:01-12:03,x,y}      planes of a slice
 *
 * Contract: pure. Faults are `illegalArgument` that name the field.
 */
import { shortHash } from '../../short-hash.js';
import { fieldError } from '../faults.js';
import type { LeapTable } from '../time/leap-table.js';
import { compareInstants, DAY_SECONDS, type Instant, instantOf } from '../time/scales.js';
import { civilStart, type RecordGrid, recordStart } from './number.js';

export type Part =
  | { readonly kind: 'members'; readonly names: readonly string[] }
  /** Seconds of the day; `names` of planes, none for all. */
  | { readonly kind: 'slice'; readonly begin: number; readonly end: number; readonly names: readonly string[] };

const MEMBERS = /^[A-Za-z0-9._-]+(?:,[A-Za-z0-9._-]+)*$/;
const SLICE = /^(\d\d):([0-5]\d)(?::([0-5]\d))?-(\d\d):([0-5]\d)(?::([0-5]\d))?(?:,(.+))?$/;

/** What the text in the braces means; undefined if nothing. */
export function parsePart(text: string): Part | undefined {
  if (MEMBERS.test(text)) return { kind: 'members', names: text.split(',') };
  const match = SLICE.exec(text);
  if (match === null) return undefined;
  const rest = match[7];
  if (rest !== undefined && !MEMBERS.test(rest)) return undefined;
  const fields = match.slice(1, 7);
  const [h1 = 0, m1 = 0, s1 = 0, h2 = 0, m2 = 0, s2 = 0] = fields.map((field) => Number(field ?? 0));
  const [begin, end] = [h1 * 3600 + m1 * 60 + s1, h2 * 3600 + m2 * 60 + s2];
  if (begin >= end || end > DAY_SECONDS) return undefined;
  return { kind: 'slice', begin, end, names: rest?.split(',') ?? [] };
}

/** The moments between which a slice lies. Throws where it leads out of the record. */
export function sliceOfRecord(
  { begin, end }: Pick<Extract<Part, { kind: 'slice' }>, 'begin' | 'end'>,
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

/** True for names that can stand in braces: of planes, here. */
export function arePartNames(names: readonly string[]): boolean {
  return MEMBERS.test(names.join(','));
}

/** Longest piece of a file name that a part becomes, without its sum. */
const LONGEST_PIECE = 60;

/**
 * A part as a piece of a file name: `12:01-12:03` is `1201-1203`, `x,y` is `x-y`. What is long, or could be mistaken for another part, ends with a sum over
 * the text.
 */
export function partOfFileName(text: string): string {
  const piece = text.replaceAll(':', '').replaceAll(',', '-').slice(0, LONGEST_PIECE);
  const [first = '', ...others] = text.split(',');
  const isSlice = SLICE.test(first);
  const names = isSlice ? others : [first, ...others];
  const isPlain = text.length <= LONGEST_PIECE && names.every((name) => /^[A-Za-z_][\w.]*$/.test(name));
  return isPlain ? piece : `${piece}_${shortHash(text).slice(0, 8)}`;
}
