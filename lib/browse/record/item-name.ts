/**
 * Names of items (browse-export 2): what a user selects, in the style of SOI data set names.
 *
 *   prog:mdi,level:lev1.5,series:fd_V_01h[59340]          one record
 *   prog:mdi,level:lev1.5,series:fd_V_01h[59328-59345]    a closed range of records
 *   prog:mdi,level:lev1.5,series:fd_V_01h[59340]{0007}    a part of a record (part.ts)
 *
 * `lev:` is read for `level:`. Numbers may be negative: `[-2--1]`.
 */
import { fieldError, shown } from '../faults.js';
import { parsePart } from './part.js';

/** What names a series on a server. */
export interface Triad {
  readonly prog: string;
  readonly level: string;
  readonly series: string;
}

export interface ItemName extends Triad {
  readonly first: number;
  readonly last: number;
  /** The text in the braces; undefined for whole records. */
  readonly part?: string;
}

/** Characters that a part of a record may have. */
export const LONGEST_PART = 1500;

const KEY = /^[A-Za-z0-9._-]{1,64}$/;
const ITEM =
  /^prog:([^,[\]]+),lev(?:el)?:([^,[\]]+),series:([^,[\]]+)\[(-?\d{1,10})(?:-(-?\d{1,10}))?\](?:\{([A-Za-z0-9._,:-]+)\})?$/;

/** True for a text that may be a program, level or series, or a key of a choice. A dot or two alone would lead out of a folder. */
export function isKey(text: string): boolean {
  return KEY.test(text) && text !== '.' && text !== '..';
}

/** `mdi:lev1.5:fd_V_01h`. */
export function triadName({ prog, level, series }: Triad): string {
  return `${prog}:${level}:${series}`;
}

/** The name of one record, or of a part of it. */
export function itemName(triad: Triad, record: number, part?: string): string {
  const braces = part === undefined ? '' : `{${part}}`;
  return `prog:${triad.prog},level:${triad.level},series:${triad.series}[${record}]${braces}`;
}

/** What an item name names. Throws `illegalArgument` with the text. */
export function parseItemName(text: string, field = 'sel'): ItemName {
  const match = ITEM.exec(text.trim());
  const [, prog = '', level = '', series = '', first = '', last = first, part] = match ?? [];
  if (match === null || !isKey(prog) || !isKey(level) || !isKey(series)) {
    throw fieldError(field, `'${shown(text)}' is not the name of a record`, 'write prog:P,level:L,series:S[N]');
  }
  if (Number(last) < Number(first)) throw fieldError(field, `'${shown(text)}' ends before it begins`);
  if (part !== undefined && (first !== last || part.length > LONGEST_PART || parsePart(part) === undefined))
    throw fieldError(
      field,
      `'${shown(text)}' names no part of a record`,
      'write [N]{0007,0012} or [N]{12:01-12:03,x,y}',
    );
  return { prog, level, series, first: Number(first), last: Number(last), ...(part !== undefined && { part }) };
}
