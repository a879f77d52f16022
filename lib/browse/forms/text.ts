/** Results as text for old habits and simple parsers (browse-export 7.4), given line by line, since answers may be long; and names of files. */
import type { FoundRecord, FoundRecords } from '../find/found-records.js';
import { recordLabel } from '../record/label.js';
import { partOfFileName } from '../record/part.js';

const MEBIBYTE = 1_048_576;
const NARROWEST = 18;

/** A number of bytes in units of 2^20, with three decimals. */
export function mebibytes(bytes: number): string {
  return (bytes / MEBIBYTE).toFixed(3);
}

/** The listing. `rows`: those of this answer; the last line counts all of the result. */
export function* textForm(found: FoundRecords, rows: Iterable<FoundRecord>): Generator<string> {
  const width = found.series.reduce((widest, { series }) => Math.max(widest, series.length + 2), NARROWEST);
  yield `    Select all or\nSelect ${'Series'.padEnd(width)}: Time              (#)  (Size)\n`;
  for (const { series, record, bytes, isEstimate } of rows) {
    const size = bytes === undefined || isEstimate ? '   -   ' : `${mebibytes(bytes)} MB`;
    const label = recordLabel(record, series.grid).padEnd(13);
    yield `     ${series.series.padEnd(width)}: ${label} (${String(record).padStart(5)})  (${size})\n`;
  }
  yield `Up to ${found.rows.length} datasets selected\n`;
}

/** The name of a record's file, without its ending: letters, digits and `. _ -` only. */
export function fileStem({ series, record, part }: Pick<FoundRecord, 'series' | 'record' | 'part'>): string {
  const stem = `${series.series}_${recordLabel(record, series.grid).replaceAll(':', '')}_${record}`;
  return part === undefined ? stem : `${stem}_${partOfFileName(part)}`;
}
