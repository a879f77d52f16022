/**
 * What an inventory says about a series as a whole: records present in each year, and their sizes (browse-export 8).
 */
import { readdirSync } from 'node:fs';
import { dayOfJanuaryFirst } from '../../stream/calendar.js';
import type { Series } from '../naming/series.js';
import { type RecordRange, recordsIn } from '../record/number.js';
import { BUILT_IN } from '../time/leap-table.js';
import { instantOf } from '../time/scales.js';
import { inventoryFolder, sizesOfRange, UNKNOWN_SIZE, UnreadableInventory } from './inventory.js';

export interface YearCoverage {
  readonly year: number;
  readonly present: number;
  /** Records that the year has. */
  readonly possible: number;
}

/** Sizes in bytes; undefined without any. */
export interface Coverage {
  readonly years: readonly YearCoverage[];
  readonly smallest?: number;
  readonly typical?: number;
  readonly largest?: number;
}

const MOST_YEARS = 100;
const MOST_KEPT = 100_000;

/** Sizes of any number of records: the ends, and every so many of them for the middle. */
class SizeSample {
  smallest = Number.POSITIVE_INFINITY;
  largest = 0;
  #kept: number[] = [];
  #step = 1;
  #count = 0;

  add(size: number): void {
    this.smallest = Math.min(this.smallest, size);
    this.largest = Math.max(this.largest, size);
    if (this.#count++ % this.#step !== 0) return;
    this.#kept.push(size);
    if (this.#kept.length <= MOST_KEPT) return;
    this.#kept = this.#kept.filter((_size, i) => i % 2 === 0);
    this.#step *= 2;
  }

  /** The size in the middle of those that were kept; undefined without any. */
  median(): number | undefined {
    return this.#kept.sort((a, b) => a - b)[this.#kept.length >> 1];
  }
}

/** Reads all inventories of a series; undefined if they cannot be read. */
export function readCoverage(root: string | undefined, series: Series): Coverage | undefined {
  if (root === undefined) return undefined;
  try {
    const years = yearsOf(inventoryFolder(root, series));
    const sizes = new SizeSample();
    const rows = years.map((year): YearCoverage => {
      const range = recordsOfYear(year, series);
      const ofYear = sizesOfRange(root, series, range);
      for (const size of ofYear) if (size !== UNKNOWN_SIZE) sizes.add(size);
      return { year, present: ofYear.length, possible: range.last - range.first + 1 };
    });
    const typical = sizes.median();
    return typical === undefined
      ? { years: rows }
      : { years: rows, smallest: sizes.smallest, typical, largest: sizes.largest };
  } catch (error) {
    if (error instanceof UnreadableInventory) return undefined;
    throw error;
  }
}

/** The records that begin in a year, on the scale of the series. */
function recordsOfYear(year: number, { grid }: Series): RecordRange {
  const begin = (of: number) =>
    instantOf({ day: dayOfJanuaryFirst(of), second: 0, nanosecond: 0 }, grid.epoch.scale, BUILT_IN);
  return recordsIn(begin(year), begin(year + 1), grid, BUILT_IN);
}

/** The records of all years that have an inventory, and of those between; undefined without any, or where they cannot be read. */
export function recordsWithInventory(root: string | undefined, series: Series): RecordRange | undefined {
  if (root === undefined) return undefined;
  try {
    const years = yearsOf(inventoryFolder(root, series));
    const [first, last] = [years[0], years.at(-1)];
    if (first === undefined || last === undefined) return undefined;
    return { first: recordsOfYear(first, series).first, last: recordsOfYear(last, series).last };
  } catch (error) {
    if (error instanceof UnreadableInventory) return undefined;
    throw error;
  }
}

function yearsOf(folder: string): number[] {
  try {
    return readdirSync(folder)
      .flatMap((name) => /^(\d{4})\.inv$/.exec(name)?.[1] ?? [])
      .map(Number)
      .filter((year) => year > 0 && year < 9999)
      .sort((a, b) => a - b)
      .slice(-MOST_YEARS);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new UnreadableInventory('the folder cannot be read', { cause: error });
  }
}
