/**
 * Planes that a form chooses for all records of a series: fields `planes~PROG:LEVEL:SERIES`, each with names of planes, with commas or blanks between
 * (browse-export 9.1, 10).
 *
 * Contract: pure. A choice makes a part of each record of a stream that has none of its own planes. Faults are `illegalArgument` that name the field.
 */
import { fieldError, shown } from '../faults.js';
import { triadName } from '../record/item-name.js';
import { arePartNames, parsePart } from '../record/part.js';
import type { FoundRecord } from './found-records.js';

const PREFIX = 'planes~';
/** Characters of all names; so many fit into the name of an item. */
const MOST_CHARACTERS = 1200;

/** True for the name of such a field. */
export function isPlanesField(field: string): boolean {
  return field.startsWith(PREFIX);
}

/** The name of the field of a series. */
export function planesField(series: FoundRecord['series']): string {
  return `${PREFIX}${triadName(series)}`;
}

/** Names of planes by the names of the series. */
export function readPlaneChoices(
  pairs: readonly (readonly [string, string])[],
): ReadonlyMap<string, readonly string[]> {
  const choices = new Map<string, readonly string[]>();
  for (const [field, value] of pairs) {
    if (!isPlanesField(field)) continue;
    const given = value.split(/[\s,]+/).filter((name) => name !== '');
    if (given.length === 0) continue;
    const triad = field.slice(PREFIX.length);
    const names = [...new Set([...(choices.get(triad) ?? []), ...given])];
    if (!arePartNames(names))
      throw fieldError('planes', `'${shown(value)}' are no names of planes`, 'write names with commas between: x,y');
    if (names.join().length > MOST_CHARACTERS) throw fieldError('planes', `more than ${MOST_CHARACTERS} characters`);
    choices.set(triad, names);
  }
  return choices;
}

/** The records, those of series with a choice as parts. Throws where a choice is for a series that is not among them, or has no planes. */
export function withPlanes(
  rows: readonly FoundRecord[],
  choices: ReadonlyMap<string, readonly string[]>,
): readonly FoundRecord[] {
  if (choices.size === 0) return rows;
  const unused = new Set(choices.keys());
  const changed = rows.map((row) => {
    const triad = triadName(row.series);
    const names = choices.get(triad);
    unused.delete(triad);
    if (names === undefined) return row;
    if (row.series.kind === 'files') throw fieldError('planes', `${shown(triad)} has files, and no planes`);
    return partOf(row, names);
  });
  const [first] = unused;
  if (first !== undefined) throw fieldError('planes', `no record of the series '${shown(first)}' is selected`);
  return changed;
}

function partOf(row: FoundRecord, names: readonly string[]): FoundRecord {
  const part = row.part === undefined ? undefined : parsePart(row.part);
  if (part !== undefined && part.names.length > 0) return row;
  return asPart(row, [...(row.part === undefined ? [] : [row.part]), ...names].join(','));
}

/** A record as the part of it that a text names: nobody knows its size and its sum. */
export function asPart(row: FoundRecord, part: string): FoundRecord {
  const { bytes: _bytes, have: _have, expected: _expected, digest: _digest, isEstimate: _isEstimate, ...rest } = row;
  return { ...rest, part };
}
