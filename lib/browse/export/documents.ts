/**
 * What the files of an export hold (browse-export 9.4, 9.5), and whether a document that was read is one of them: files may be damaged, or written by
 * other hands.
 *
 * Contract: pure. What is not of its form in every part is none.
 */
import { isEntryName } from '../archive/entry.js';
import { DATA_FORMS, type DataForm } from '../forms/data-forms.js';
import type { ItemWords } from './bag.js';

/** The numbers that older clients know the states by. */
export const STATE_NUMBERS = {
  done: 0,
  'done-with-errors': 0,
  running: 1,
  queued: 2,
  failed: 4,
  refused: 4,
  cancelled: 4,
  expired: 5,
} as const;

export type ExportState = keyof typeof STATE_NUMBERS;

/** Addresses or paths of the programs, as the client knows them. */
export interface ExportPlaces {
  readonly main: string;
  readonly browse: string;
}

/** What was asked for. */
export interface ExportRequest {
  readonly id: string;
  /** Milliseconds. */
  readonly made: number;
  /** Names of single records, in order. */
  readonly items: readonly string[];
  readonly method: 'url' | 'url-tar';
  /** Form of the data. */
  readonly data: DataForm;
  readonly places: ExportPlaces;
  readonly paths: ExportPlaces;
  /** The export that this one repeats. */
  readonly repeats?: string;
}

export interface ExportStatus {
  readonly state: ExportState;
  readonly done: number;
  readonly errors: number;
  readonly bytes: number;
  /** Milliseconds. */
  readonly begin?: number;
  readonly end?: number;
  readonly message?: string;
  /** Kept for a second term. */
  readonly extended?: true;
  /** Times that a worker has begun. */
  readonly tries?: number;
}

/** What became of one item. */
export interface ExportItem extends ItemWords {
  /** The item that was asked for, where this is one file of several that it has. */
  readonly of?: string;
  readonly url: string;
  /** Below the folder of files; nothing leads out of it. */
  readonly path?: string;
  readonly bytes?: number;
  readonly sha256?: string;
  readonly error?: string;
}

/** The item of the request that a file belongs to. */
export function askedItem({ of, item }: ExportItem): string {
  return of ?? item;
}

/** The request that a document is; undefined if it is none. */
export function asExportRequest(value: unknown): ExportRequest | undefined {
  if (!isObject(value)) return undefined;
  const { id, made, items, method, data, places, paths, repeats } = value;
  const isGood =
    isText(id) &&
    isCount(made) &&
    Array.isArray(items) &&
    items.every(isText) &&
    (method === 'url' || method === 'url-tar') &&
    DATA_FORMS.some((form) => form === data) &&
    [places, paths].every((one) => isObject(one) && isText(one.main) && isText(one.browse)) &&
    isNoneOr(isText, repeats);
  return isGood ? (value as unknown as ExportRequest) : undefined;
}

/** The status that a document is; undefined if it is none. */
export function asExportStatus(value: unknown): ExportStatus | undefined {
  if (!isObject(value)) return undefined;
  const { state, done, errors, bytes, begin, end, message, extended, tries } = value;
  const isGood =
    isText(state) &&
    Object.hasOwn(STATE_NUMBERS, state) &&
    [done, errors, bytes].every(isCount) &&
    [begin, end, tries].every((one) => isNoneOr(isCount, one)) &&
    isNoneOr(isText, message) &&
    (extended === undefined || extended === true);
  return isGood ? (value as unknown as ExportStatus) : undefined;
}

/** The items of a document; those that are none are left out. */
export function asExportItems(value: unknown): readonly ExportItem[] {
  return Array.isArray(value) ? value.filter(isExportItem) : [];
}

function isExportItem(value: unknown): value is ExportItem {
  if (!isObject(value)) return false;
  const { item, of, url, path, bytes, sha256, error, label, start, stop, digest } = value;
  return (
    [item, url].every(isText) &&
    [of, sha256, error, label, start, stop, digest].every((one) => isNoneOr(isText, one)) &&
    isNoneOr(isCount, bytes) &&
    isNoneOr((one) => isText(one) && isEntryName(one), path)
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isNoneOr(check: (value: unknown) => boolean, value: unknown): boolean {
  return value === undefined || check(value);
}
