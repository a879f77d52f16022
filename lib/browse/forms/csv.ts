/**
 * Rows as CSV (RFC 4180), UTF-8: one row a record, ISO times, bytes (browse-export 11). Given line by line, since answers may be long.
 */
import { type FoundRecord, itemOf } from '../find/found-records.js';
import { recordLabel } from '../record/label.js';
import type { LeapTable } from '../time/leap-table.js';
import { civilOf, isoText } from '../time/scales.js';
import { type Places, recordLinks } from './links.js';

const HEAD =
  'item,prog,level,series,title,block,rec,label,start_utc,stop_utc,start_tai,stop_tai,state,bytes,estimate,have,expected,url';
/** The records, with a heading. */
export function* csvForm(rows: Iterable<FoundRecord>, places: Places, table: LeapTable): Generator<string> {
  yield `${HEAD}\r\n`;
  for (const row of rows) yield `${csvLine(fieldsOf(row, places, table))}\r\n`;
}

function fieldsOf(row: FoundRecord, places: Places, table: LeapTable): (string | number | undefined)[] {
  const { series, record, start, stop } = row;
  return [
    itemOf(row),
    series.prog,
    series.level,
    series.series,
    series.label,
    series.grid.block,
    record,
    recordLabel(record, series.grid),
    ...[start, stop].map((instant) => isoText(civilOf(instant, 'UTC', table), 'UTC')),
    ...[start, stop].map((instant) => isoText(civilOf(instant, 'TAI', table), 'TAI')),
    row.state,
    row.bytes,
    row.bytes === undefined ? undefined : row.isEstimate ? 1 : 0,
    row.have,
    row.expected,
    recordLinks(row, places, table).data,
  ];
}

/** Fields joined by commas. Text that a spreadsheet would take for a formula gets an apostrophe in front; numbers are numbers. */
export function csvLine(fields: readonly (string | number | undefined)[]): string {
  return fields
    .map((field) => {
      if (field === undefined) return '';
      if (typeof field === 'number') return String(field);
      const safe = /^[=+\-@\t]/.test(field) ? `'${field}` : field;
      return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
    })
    .join(',');
}
