/**
 * What has to be fetched for the items of an export (browse-export 9, 10): for a record of a stream the answer to one data request, for a record of files each
 * of its files, or those that are asked for.
 *
 * Contract: a unit ends as one file, whole, or as nothing with a reason. What an item has not is a unit that says so.
 */
import { bagFolder, bagPath, type ItemWords, itemWords } from '../../../browse/export/bag.js';
import type { FetchItem } from '../../../browse/export/fetch-scripts.js';
import type { BrowseFacts } from '../../../browse/facts/facts.js';
import type { FoundRecord } from '../../../browse/find/found-records.js';
import { itemOf } from '../../../browse/find/found-records.js';
import { DATA_FORM_ENDINGS, type DataForm, dataAddress } from '../../../browse/forms/data-forms.js';
import { fileAddress, type Places, seriesAddress } from '../../../browse/forms/links.js';
import { fileStem } from '../../../browse/forms/text.js';
import {
  filesOfPart,
  memberWord,
  plainNames,
  type RecordFile,
  recordFiles,
} from '../../../browse/inventory/record-files.js';
import { itemName } from '../../../browse/record/item-name.js';
import { parsePart } from '../../../browse/record/part.js';
import type { LeapTable } from '../../../browse/time/leap-table.js';
import { Das2Error } from '../../../error.js';
import { type FetchedRecord, type FetchOptions, fetchFile, fetchRecord } from './fetch.js';

export interface Unit {
  readonly row: FoundRecord;
  readonly words: ItemWords;
  /** Where anybody can have the same. */
  readonly url: string;
  /** In the bag; the ending of a data request is known when it is answered. */
  readonly path: string;
  /** Name of a file for those who fetch it themselves. */
  readonly fileName: string;
  readonly bytes?: number;
  readonly file?: RecordFile;
  /** Why there is nothing to fetch. */
  readonly error?: string;
}

/** The units of an item. `places`: addresses for whoever fetches them himself. */
export function unitsOf(row: FoundRecord, data: DataForm, places: Places, table: LeapTable): Unit[] {
  const words = itemWords(row, table);
  if (row.series.kind !== 'files') {
    const url = dataAddress(row, data, places, table);
    if (url === undefined) {
      const error = data === 'hapi-csv' ? 'its source is no table for HAPI clients' : 'there are no data of it';
      return [{ row, words, url: seriesAddress(row.series, places), path: '', fileName: '', error }];
    }
    const { bytes } = row;
    return [
      {
        row,
        words,
        url,
        path: bagPath(row),
        fileName: `${fileStem(row)}.${DATA_FORM_ENDINGS[data]}`,
        ...(bytes !== undefined && { bytes }),
      },
    ];
  }
  const { series, record } = row;
  const none = (item: string, error: string): Unit => ({
    row,
    words: { ...words, item },
    url: fileAddress(series, record, places),
    path: '',
    fileName: '',
    error,
  });
  const all = recordFiles(series, record) ?? [];
  const part = row.part === undefined ? undefined : parsePart(row.part);
  const { files, missing } = part === undefined ? { files: all, missing: [] } : filesOfPart(all, part);
  const names = plainNames(all);
  if (files.length === 0 && missing.length === 0) return [none(words.item, 'there are no files of it here')];
  return [
    ...files.map((file): Unit => {
      const member = memberWord(file, all);
      const name = names.get(file) ?? member;
      return {
        row,
        words: { ...words, item: itemName(series, record, member) },
        url: fileAddress(series, record, places, member),
        path: `${bagFolder(row)}/${name}`,
        fileName: `${fileStem({ series, record })}_${name}`,
        bytes: file.bytes,
        file,
      };
    }),
    ...missing.map((name) => none(itemName(series, record, name), 'the record has no such file')),
  ];
}

/** What somebody fetches himself to have these records: nothing for those that give nothing. */
export function fetchItems(
  rows: Iterable<FoundRecord>,
  data: DataForm,
  { places, table }: Pick<BrowseFacts, 'places' | 'table'>,
): FetchItem[] {
  return [...rows]
    .flatMap((row) => unitsOf(row, data, places, table))
    .flatMap(({ fileName, url, error }) => (error === undefined ? [{ file: fileName, url }] : []));
}

/** Fetches a unit; `path`: where it belongs in the bag. Throws what speaks against it. */
export async function fetchUnit(
  facts: BrowseFacts,
  unit: Unit,
  options: FetchOptions,
): Promise<{ readonly fetched: FetchedRecord; readonly path: string }> {
  const { file, path, url, error, row } = unit;
  if (error !== undefined) throw new Das2Error('notFound', error);
  if (row.series.kind === 'files') {
    if (file === undefined) throw new Das2Error('notFound', `there is no file of ${itemOf(row)}`);
    return { fetched: await fetchFile(file, options), path };
  }
  const fetched = await fetchRecord(facts, url, options);
  return { fetched, path: `${path}.${fetched.extension}` };
}
