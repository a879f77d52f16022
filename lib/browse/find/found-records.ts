/**
 * What a question about records finds: rows, the series they belong to, and notes for whoever reads them (browse-export 5, 7).
 */

import type { Series } from '../naming/series.js';
import { itemName } from '../record/item-name.js';
import type { Instant } from '../time/scales.js';

/** What is known of a record. `assumed`: inside the valid range of its source, and nobody has looked. */
export type RecordState = 'present' | 'partial' | 'absent' | 'assumed' | 'offline' | 'restricted';

export interface FoundRecord {
  readonly series: Series;
  readonly record: number;
  /** The part of it that is meant, as in the name of an item; undefined for the whole record. */
  readonly part?: string;
  readonly start: Instant;
  readonly stop: Instant;
  readonly state: RecordState;
  readonly bytes?: number;
  /** `bytes` is the mean of records that are known. */
  readonly isEstimate?: true;
  /** Images or rows that it has, and should have. */
  readonly have?: number;
  readonly expected?: number;
  readonly digest?: string;
  /** Where one has to sign in (`restricted`). */
  readonly realm?: string;
}

/** The name of the item that a row is. */
export function itemOf({ series, record, part }: Pick<FoundRecord, 'series' | 'record' | 'part'>): string {
  return itemName(series, record, part);
}

/** Something that the reader of a result must know. */
export interface Note {
  readonly kind: 'edge' | 'unavailable' | 'restricted' | 'names' | 'provisional';
  readonly text: string;
  /** Changes of the question that show what the note is about, and words for a link. */
  readonly show?: { readonly text: string; readonly changes: Readonly<Record<string, string>> };
}

export interface FoundRecords {
  /** In the order that was asked for; all of them. */
  readonly rows: readonly FoundRecord[];
  /** In order of their first rows. */
  readonly series: readonly Series[];
  readonly notes: readonly Note[];
  /** Sum of what is known, and of estimates. */
  readonly bytes: number;
  /** Rows whose size is not known at all, or estimated. */
  readonly withoutSize: number;
  readonly estimated: number;
}
