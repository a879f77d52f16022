/**
 * Results, records and series as JSON (browse-export 11).
 */

import { type FoundRecord, type FoundRecords, itemOf } from '../find/found-records.js';
import type { BrowseQuery } from '../find/query.js';
import type { Series } from '../naming/series.js';
import type { Interval } from '../record/interval.js';
import { triadName } from '../record/item-name.js';
import { recordLabel } from '../record/label.js';
import type { LeapTable } from '../time/leap-table.js';
import { civilOf, type Instant, isApproximate, isoText, isProvisional } from '../time/scales.js';
import { type Places, recordLinks } from './links.js';

export const JSON_VERSION = 1;

export interface JsonResult {
  readonly query: BrowseQuery;
  readonly interval: Interval;
  readonly found: FoundRecords;
  /** Rows of this answer. */
  readonly rows: readonly FoundRecord[];
  /** Address of the next part. */
  readonly next: string | undefined;
  /** When the naming table was made, in milliseconds. */
  readonly namesAsOf: number;
}

/** The answer to a question. */
export function jsonForm(
  { query, interval, found, rows, next, namesAsOf }: JsonResult,
  places: Places,
  table: LeapTable,
): unknown {
  const { choices } = query;
  const given = Object.entries(choices).filter(([, values]) => values.length > 0);
  const time = ({ civil, scale }: Interval['start']): string =>
    isoText(civil, 'TAI') + (scale === query.scale ? '' : `_${scale}`);
  return {
    version: JSON_VERSION,
    query: {
      start: time(interval.start),
      stop: time(interval.stop),
      scale: query.scale,
      ...Object.fromEntries(given),
      ...(query.series !== '' && { series: query.series }),
      order: query.order,
      show: query.show,
      edge: query.edge,
    },
    count: found.rows.length,
    bytes: found.bytes,
    withoutSize: found.withoutSize,
    truncated: next !== undefined,
    ...(next !== undefined && { next }),
    notes: found.notes.map(({ kind, text }) => ({ kind, text })),
    names: { asOf: new Date(namesAsOf).toISOString() },
    records: rows.map((row) => recordJson(row, places, table)),
    series: found.series.map(seriesJson),
  };
}

/** One record. */
export function recordJson(row: FoundRecord, places: Places, table: LeapTable): unknown {
  const { series, record } = row;
  return {
    item: itemOf(row),
    prog: series.prog,
    level: series.level,
    series: series.series,
    block: series.grid.block,
    rec: record,
    label: recordLabel(record, series.grid),
    start: bothScales(row.start, table),
    stop: bothScales(row.stop, table),
    state: row.state,
    bytes: row.bytes ?? null,
    ...(row.isEstimate && { estimate: true }),
    have: row.have ?? null,
    expected: row.expected ?? null,
    ...(row.digest !== undefined && { digest: row.digest }),
    ...(row.realm !== undefined && { realm: row.realm }),
    links: recordLinks(row, places, table),
  };
}

/** A moment on both scales. Says where the step from one to the other is not settled, or approximate. */
export function bothScales(instant: Instant, table: LeapTable): Record<string, unknown> {
  const utc = civilOf(instant, 'UTC', table);
  return {
    tai: isoText(civilOf(instant, 'TAI', table), 'TAI'),
    utc: isoText(utc, 'UTC'),
    ...(isProvisional(utc.day, table) && { provisional: true }),
    ...(isApproximate(utc.day, table) && { approximate: true }),
  };
}

/** What a series is, in words. */
export function seriesJson(series: Series): Record<string, unknown> {
  return {
    triad: triadName(series),
    label: series.label,
    ...member('observable', series.observable?.label),
    ...member('spatialCoverage', series.coverage?.label),
    ...(series.regions.length > 0 && { regions: series.regions }),
    ...member('spacecraft', series.spacecraft),
    ...member('instrument', series.instrument),
    ...member('cadence', series.cadence),
    ...member('imageSize', series.imageSize),
    ...member('resolution', series.resolution),
    ...(series.groups.length > 0 && { nicknames: series.groups.map(({ key }) => key) }),
    block: series.grid.block,
  };
}

function member(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value };
}
