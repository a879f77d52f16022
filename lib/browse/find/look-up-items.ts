/**
 * Items by their names: what is known of each (browse-export 2, 9.1).
 */
import { aboutField, fieldError, requireNarrow, shown } from '../faults.js';
import { UnreadableInventory } from '../inventory/inventory.js';
import type { Series } from '../naming/series.js';
import { parseItemName, triadName } from '../record/item-name.js';
import type { RecordRange } from '../record/number.js';
import { type LookUpOptions, recordsOf } from './find-records.js';
import type { FoundRecord } from './found-records.js';

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
      order.set(`${triadName(series)} ${record}`, order.size);
    }
  }
  const rows: FoundRecord[] = [];
  const unreadable: Undeliverable[] = [];
  for (const [series, numbers] of wanted) {
    try {
      for (const row of await recordsOf(series, rangeOf(numbers), numbers, options).catch(aboutField('sel')))
        rows.push(row);
    } catch (error) {
      if (!(error instanceof UnreadableInventory)) throw error;
      unreadable.push({ item: triadName(series), reason: 'its inventory cannot be read just now' });
    }
  }
  const place = ({ series, record }: FoundRecord): number => order.get(`${triadName(series)} ${record}`) ?? 0;
  return { rows: rows.sort((a, b) => place(a) - place(b)), unreadable };
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

/** Why a record cannot be delivered; undefined if it can. */
export function reasonAgainst({ series, state, realm }: FoundRecord): string | undefined {
  if (state === 'restricted') return realm === undefined ? 'sign-in needed' : `sign-in needed: ${realm}`;
  if (state === 'absent') return 'there is no such record';
  if (series.dataset === undefined) return 'this server has no source behind it';
  return series.kind === 'files' ? 'records of files have no address of their own' : undefined;
}
