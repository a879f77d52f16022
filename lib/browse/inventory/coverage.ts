/**
 * What an inventory says about a series as a whole: records present in each year, their sizes, and where records are missing (browse-export 8).
 */
import { readdirSync } from 'node:fs';
import { dayOfJanuaryFirst } from '../../stream/calendar.js';
import type { Series } from '../naming/series.js';
import { type RecordRange, recordsIn } from '../record/number.js';
import { BUILT_IN } from '../time/leap-table.js';
import { instantOf } from '../time/scales.js';
import { inventoryFolder, KNOWN_MISSING, sizesOfRange, UNKNOWN_SIZE, UnreadableInventory } from './inventory.js';

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
  /** The longest runs of records of which somebody knows that they are missing, in order of time. */
  readonly gaps: readonly RecordRange[];
  /** How many there are, those that are not listed included. */
  readonly gapCount: number;
}

const MOST_YEARS = 100;
const MOST_KEPT = 100_000;
const MOST_GAPS = 10;

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

/** Runs of missing records, of which the longest are kept. */
class GapList {
  count = 0;
  #open: { first: number; last: number } | undefined;
  #longest: RecordRange[] = [];

  /** Takes the next record that is missing. */
  add(record: number): void {
    if (this.#open?.last === record - 1) this.#open.last = record;
    else {
      this.#close();
      this.#open = { first: record, last: record };
    }
  }

  /** The longest ones, in order of their numbers. */
  longest(): readonly RecordRange[] {
    this.#close();
    return [...this.#longest].sort((a, b) => a.first - b.first);
  }

  #close(): void {
    if (this.#open === undefined) return;
    this.count++;
    this.#longest.push(this.#open);
    this.#open = undefined;
    if (this.#longest.length <= MOST_GAPS) return;
    const length = ({ first, last }: RecordRange): number => last - first;
    this.#longest.sort((a, b) => length(b) - length(a) || a.first - b.first).pop();
  }
}

/** Reads all inventories of a series; undefined if they cannot be read. */
export function readCoverage(root: string | undefined, series: Series): Coverage | undefined {
  if (root === undefined) return undefined;
  try {
    const years = yearsOf(inventoryFolder(root, series));
    const sizes = new SizeSample();
    const missing = new GapList();
    const rows = years.map((year): YearCoverage => {
      const range = recordsOfYear(year, series);
      let present = 0;
      for (const [i, size] of sizesOfRange(root, series, range).entries()) {
        if (size >= 0) sizes.add(size);
        if (size >= 0 || size === UNKNOWN_SIZE) present++;
        else if (size === KNOWN_MISSING) missing.add(range.first + i);
      }
      return { year, present, possible: range.last - range.first + 1 };
    });
    const typical = sizes.median();
    const gaps = missing.longest();
    return {
      years: rows,
      ...(typical !== undefined && { smallest: sizes.smallest, typical, largest: sizes.largest }),
      gaps,
      gapCount: missing.count,
    };
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
