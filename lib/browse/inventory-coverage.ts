/**
 * What an inventory says about a series as a whole: records present in each year, and their sizes (browse-export 8).
 */
import { readdirSync } from 'node:fs';
import { dayOfJanuaryFirst } from '../stream/calendar.js';
import { inventoryFolder, readInventory, UnreadableInventory } from './inventory.js';
import { BUILT_IN } from './leap-table.js';
import { type RecordRange, recordsIn } from './record-number.js';
import { instantOf } from './scales.js';
import type { Series } from './series.js';

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

/** Reads all inventories of a series; undefined if they cannot be read. */
export function readCoverage(root: string | undefined, series: Series): Coverage | undefined {
  if (root === undefined) return undefined;
  try {
    const years = yearsOf(inventoryFolder(root, series));
    const sizes: number[] = [];
    const rows = years.map((year): YearCoverage => {
      const range = recordsOfYear(year, series);
      let present = 0;
      for (const line of readInventory(root, series, range, undefined).lines.values()) {
        if (line.state !== 'present' && line.state !== 'partial') continue;
        present++;
        if (line.bytes !== undefined) sizes.push(line.bytes);
      }
      return { year, present, possible: range.last - range.first + 1 };
    });
    sizes.sort((a, b) => a - b);
    const [smallest, typical, largest] = [sizes[0], sizes[sizes.length >> 1], sizes.at(-1)];
    if (smallest === undefined || typical === undefined || largest === undefined) return { years: rows };
    return { years: rows, smallest, typical, largest };
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
