/**
 * The forms in which the data of a stream can be taken home (browse-export 9.2): which there are, which a site and a series have, and their addresses.
 *
 * Contract: pure. Records of files have none of them: they come as they lie there.
 */
import type { Configuration } from '../../conf/configuration.js';
import type { FoundRecord } from '../find/found-records.js';
import type { Series } from '../naming/series.js';
import type { LeapTable } from '../time/leap-table.js';
import { type Places, pictureAddress, recordLinks, tableAddress } from './links.js';

/** Binary das2 streams, das2 streams as text, delimited text, tables for HAPI clients, plots. */
export const DATA_FORMS = ['d2s', 'd2t', 'csv', 'hapi-csv', 'png'] as const;
export type DataForm = (typeof DATA_FORMS)[number];

/** The forms in words. */
export const DATA_FORM_WORDS: Readonly<Record<DataForm, string>> = {
  d2s: 'das2 stream',
  d2t: 'das2 stream as text',
  csv: 'CSV',
  'hapi-csv': 'HAPI table (CSV)',
  png: 'plot (PNG)',
};

/** Behind the name of a file. */
export const DATA_FORM_ENDINGS: Readonly<Record<DataForm, string>> = {
  d2s: 'd2s',
  d2t: 'd2t',
  csv: 'csv',
  'hapi-csv': 'csv',
  png: 'png',
};

/** Why this site makes nothing of a form; undefined if it does. */
export function formFault(configuration: Configuration, form: DataForm): string | undefined {
  if (form === 'png' && !configuration.has('PNG_MAKER')) return 'this site makes no plots';
  if (form === 'hapi-csv' && !configuration.flag('ENABLE_HAPI_SUBSYS'))
    return 'this site makes no tables for HAPI clients';
  return undefined;
}

/** The forms that there are of a series on this site. */
export function formsOf({ kind, dataset, hasTable }: Series, configuration: Configuration): readonly DataForm[] {
  if (kind === 'files' || dataset === undefined) return [];
  return DATA_FORMS.filter(
    (form) => formFault(configuration, form) === undefined && (form !== 'hapi-csv' || hasTable === true),
  );
}

type Place = Pick<FoundRecord, 'series' | 'record' | 'part' | 'start' | 'stop' | 'state'>;

/** Where the data of a record are in this form; undefined where there are none. */
export function dataAddress(row: Place, form: DataForm, places: Places, table: LeapTable): string | undefined {
  if (form === 'png') return pictureAddress(row, places, table);
  if (form === 'hapi-csv') return tableAddress(row, places, table);
  const { data } = recordLinks(row, places, table);
  return data === undefined ? undefined : `${data}${form === 'd2t' ? '&ascii=1' : form === 'csv' ? '&csv=1' : ''}`;
}
