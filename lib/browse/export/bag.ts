/**
 * The files of a BagIt bag around the data (RFC 8493; browse-export 9.3): declaration, facts, manifests, a list of items, and words for people.
 *
 * Contract: pure text. Whatever failed has no file, and is named in the list and in the words.
 */
import { createHash } from 'node:crypto';
import { type FoundRecord, itemOf } from '../find/found-records.js';
import { csvLine } from '../forms/csv.js';
import { fileStem } from '../forms/text.js';
import { recordLabel } from '../record/label.js';
import type { LeapTable } from '../time/leap-table.js';
import { civilOf, isoText } from '../time/scales.js';

/** An item in words, as they stay whatever becomes of its series. */
export interface ItemWords {
  /** Its name. */
  readonly item: string;
  readonly label?: string;
  /** UTC, ISO 8601. */
  readonly start?: string;
  readonly stop?: string;
  /** Digest of the content, where an inventory knows it. */
  readonly digest?: string;
}

/** What became of one item. */
export interface BagItem extends ItemWords {
  readonly url: string;
  /** Path in the bag, size and digest; undefined if it failed. */
  readonly file?: { readonly path: string; readonly bytes: number; readonly sha256: string };
  /** Why it failed. */
  readonly error?: string;
}

export interface BagFacts {
  readonly id: string;
  readonly site: string;
  /** Where it was asked for. */
  readonly address: string;
  /** Milliseconds. */
  readonly made: number;
  readonly software: string;
}

const BAG_DECLARATION = 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n';

/** The words about a record. */
export function itemWords(row: FoundRecord, table: LeapTable): ItemWords {
  const { series, record, start, stop, digest } = row;
  return {
    item: itemOf(row),
    label: recordLabel(record, series.grid),
    start: isoText(civilOf(start, 'UTC', table), 'UTC'),
    stop: isoText(civilOf(stop, 'UTC', table), 'UTC'),
    ...(digest !== undefined && { digest }),
  };
}

/** The path of an item in the bag, without its ending. */
export function bagPath(row: FoundRecord): string {
  const { prog, level, series } = row.series;
  return `data/${prog}/${level}/${series}/${fileStem(row).slice(series.length + 1)}`;
}

/** The folder in the bag for a record of files, all of it or a part. */
export function bagFolder({ series, record }: Pick<FoundRecord, 'series' | 'record'>): string {
  return `data/${series.prog}/${series.level}/${series.series}/${fileStem({ series, record }).slice(series.series.length + 1)}`;
}

/** All files around the data, the one with the digests of the others last. `request`: what was asked for; `more`: further files, such as citations. */
export function bagTags(
  facts: BagFacts,
  items: readonly BagItem[],
  request: unknown,
  more: readonly (readonly [path: string, text: string])[] = [],
): [path: string, text: string][] {
  const tags: [path: string, text: string][] = [
    ['bagit.txt', BAG_DECLARATION],
    ['bag-info.txt', bagInfo(facts, items)],
    ['manifest-sha256.txt', bagManifest(items.flatMap(({ file }) => file ?? []))],
    ['README.txt', bagReadme(facts, items, more)],
    ['request.json', `${JSON.stringify(request, undefined, 2)}\n`],
    ['items.csv', bagItems(items)],
    ...more.map(([path, text]): [string, string] => [path, text]),
  ];
  const digests = tags.map(([path, text]) => ({ path, sha256: createHash('sha256').update(text).digest('hex') }));
  return [...tags, ['tagmanifest-sha256.txt', bagManifest(digests)]];
}

/** `bag-info.txt`. */
function bagInfo({ id, site, made, software }: BagFacts, items: readonly BagItem[]): string {
  const files = items.flatMap(({ file }) => (file === undefined ? [] : [file]));
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return [
    `Source-Organization: ${oneLine(site)}`,
    `Bagging-Date: ${new Date(made).toISOString().slice(0, 10)}`,
    `External-Identifier: ${id}`,
    `Payload-Oxum: ${bytes}.${files.length}`,
    `Bag-Software-Agent: ${software}`,
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** A manifest: digests and paths, as check sum programs read them. */
function bagManifest(files: readonly { readonly path: string; readonly sha256: string }[]): string {
  return files.map(({ path, sha256 }) => `${sha256}  ${path}\n`).join('');
}

/** `items.csv`. */
function bagItems(items: readonly BagItem[]): string {
  const head = 'item,label,utc_start,utc_stop,bytes,sha256,content_digest,state,url,file,error';
  const rows = items.map(({ item, label, start, stop, digest, url, file, error }) =>
    csvLine([
      item,
      label,
      start,
      stop,
      file?.bytes,
      file?.sha256,
      digest,
      file === undefined ? 'failed' : 'delivered',
      url,
      file?.path,
      error,
    ]),
  );
  return [head, ...rows].map((line) => `${line}\r\n`).join('');
}

/** `README.txt`. */
function bagReadme(
  { id, site, address, made }: BagFacts,
  items: readonly BagItem[],
  more: readonly (readonly [path: string, text: string])[],
): string {
  const isEmpty = more.some(([path]) => path === 'fetch.txt');
  const others = more
    .map(([path]) => path)
    .filter((path) => path !== 'fetch.txt')
    .join(', ');
  const failed = items.filter(({ file }) => file === undefined);
  return `${id}: ${items.length - failed.length} of ${items.length} items from ${oneLine(site)}, ${new Date(made).toISOString().slice(0, 19)}Z

Each file below data/ is one record, named by its series, time and record number. items.csv has a row for each item with the
address it came from; that address gives the same record again. request.json is what was asked for; ask again at

  ${address}

To check the files: sha256sum -c manifest-sha256.txt, or any program for BagIt bags (RFC 8493).
${isEmpty ? '\nThe files themselves are not here: fetch.txt says where they are, and programs for BagIt bags fetch them.\n' : ''}${others === '' ? '' : `\nTo cite them: ${others}.\n`}${failed.length === 0 ? '' : `\nNot delivered:\n${failed.map(({ item, error }) => `  ${item}: ${oneLine(error ?? '')}\n`).join('')}`}`;
}

function oneLine(text: string): string {
  return text.replace(/[\0-\x1f\x7f]+/g, ' ').trim();
}
