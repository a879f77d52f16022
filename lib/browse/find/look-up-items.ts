/**
 * Items by their names: what is known of each (browse-export 2, 9.1).
 */
import { aboutField, fieldError, requireNarrow, shown } from '../faults.js';
import { UnreadableInventory } from '../inventory/inventory.js';
import { filesOfPart, recordFiles } from '../inventory/record-files.js';
import type { Series } from '../naming/series.js';
import { itemName, parseItemName, triadName } from '../record/item-name.js';
import type { RecordRange } from '../record/number.js';
import { parsePart, sliceOfRecord } from '../record/part.js';
import type { LeapTable } from '../time/leap-table.js';
import { type LookUpOptions, recordsOf } from './find-records.js';
import { type FoundRecord, itemOf } from './found-records.js';
import { asPart } from './plane-choices.js';

/** An item that cannot be delivered, and why. */
export interface Undeliverable {
  readonly item: string;
  readonly reason: string;
}

/** The records of items, in the order of the names. Throws `illegalArgument` for an unknown series and `tooWide` for too many records. */
export async function lookUpItems(
  names: readonly string[],
  all: readonly Series[],
  most: number,
  options: LookUpOptions,
): Promise<{ readonly rows: readonly FoundRecord[]; readonly unreadable: readonly Undeliverable[] }> {
  const byName = new Map(all.map((series) => [triadName(series), series]));
  const wanted = new Map<Series, Set<number>>();
  const order = new Map<string, number>();
  /** The parts that are asked for of a record; undefined among them for all of it. */
  const parts = new Map<string, Set<string | undefined>>();
  let count = 0;
  for (const name of names) {
    const item = parseItemName(name);
    const series = byName.get(triadName(item));
    if (series === undefined) throw fieldError('sel', `there is no item '${shown(name)}' on this server`);
    count += item.last - item.first + 1;
    requireNarrow(count, most);
    const numbers = wanted.get(series) ?? new Set();
    wanted.set(series, numbers);
    for (let record = item.first; record <= item.last; record++) {
      numbers.add(record);
      const key = `${triadName(series)} ${record}`;
      parts.set(key, (parts.get(key) ?? new Set()).add(item.part));
      order.set(itemName(series, record, item.part), order.size);
    }
  }
  const rows: FoundRecord[] = [];
  const unreadable: Undeliverable[] = [];
  for (const [series, numbers] of wanted) {
    try {
      for (const row of await recordsOf(series, rangeOf(numbers), numbers, options).catch(aboutField('sel'))) {
        for (const part of parts.get(`${triadName(series)} ${row.record}`) ?? []) {
          rows.push(part === undefined ? row : partOfRow(row, part, options.table));
        }
      }
    } catch (error) {
      if (!(error instanceof UnreadableInventory)) throw error;
      unreadable.push({ item: triadName(series), reason: 'its inventory cannot be read just now' });
    }
  }
  const place = (row: FoundRecord): number => order.get(itemOf(row)) ?? 0;
  return { rows: rows.sort((a, b) => place(a) - place(b)), unreadable };
}

/** A part of a record as a row: a slice of a stream, or planes of it, has no known size; files have the sizes of those that are meant. */
function partOfRow(row: FoundRecord, text: string, table: LeapTable): FoundRecord {
  const partial = asPart(row, text);
  const { series, record } = row;
  const part = parsePart(text);
  if (part?.kind === 'slice') {
    const slice = sliceOfRecord(part, record, series.grid, table);
    if (series.kind !== 'files') return { ...partial, ...slice };
    if (part.names.length > 0) throw fieldError('sel', `${series.series} has no planes`, 'write the slice alone');
  } else if (series.kind !== 'files') {
    return partial;
  }
  const { files } =
    part === undefined || row.state === 'restricted'
      ? { files: [] }
      : filesOfPart(recordFiles(series, record) ?? [], part);
  const sum = files.reduce((bytes, file) => bytes + file.bytes, 0);
  return files.length > 0 ? { ...partial, bytes: sum } : partial;
}

/** The range that holds all of the numbers, of which there may be more than a call can have arguments. */
function rangeOf(numbers: Iterable<number>): RecordRange {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const number of numbers) {
    first = Math.min(first, number);
    last = Math.max(last, number);
  }
  return { first, last };
}

/** Why a record cannot be delivered; undefined if it can. `canStage`: the site has a program that brings records back that are off line. */
export function reasonAgainst({ series, state, realm }: FoundRecord, canStage: boolean): string | undefined {
  if (state === 'restricted') return realm === undefined ? 'sign-in needed' : `sign-in needed: ${realm}`;
  if (state === 'absent') return 'there is no such record';
  if (series.dataset === undefined) return 'this server has no source behind it';
  return state === 'offline' && !canStage ? 'it is off line, and this site brings nothing back by itself' : undefined;
}
