/**
 * Records of DOIs as they were fetched, below CITE_ROOT (citation 11).
 *
 *     doi/<SHA-256 of the DOI>.record    the record, from where and when; and what came of the last attempt
 *
 * Contract: a record is good for 30 days; that there is none is believed for a day, a failure for a quarter of an hour. A record that is older is still used, for a
 * year, while a newer one is not to be had. The files may be removed at any time.
 */
import { takeLock, type Unlock } from '../../files/lock-file.js';
import { readChecked, writeChecked } from '../checked-file.js';
import type { DoiRecord } from '../metadata/doi-record.js';
import { makePrivateFolders } from '../private-files.js';
import { sha256OfText } from '../sha256.js';

export type DoiOutcome = 'good' | 'notFound' | 'failed';

/** What is known of a DOI. Times in milliseconds since 1970. */
export interface KnownDoi {
  readonly doi: string;
  readonly record?: DoiRecord;
  /** Which host gave the record, and when. */
  readonly source?: string;
  readonly recordTime?: number;
  /** What came of the last attempt, when it was made, and why it failed. */
  readonly outcome: DoiOutcome;
  readonly time: number;
  readonly reason?: string;
}

const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;
const BELIEVED_MS: Readonly<Record<DoiOutcome, number>> = {
  good: 30 * DAY_MS,
  notFound: DAY_MS,
  failed: 15 * MINUTE_MS,
};
const LONGEST_USE_MS = 365 * DAY_MS;
/** Longer than any attempt takes. */
const LOCK = { waitMs: 0, staleMs: MINUTE_MS };

export class DoiStore {
  constructor(private readonly root: string) {}

  /** What is known of a DOI; undefined if nothing is. */
  known(doi: string): KnownDoi | undefined {
    const found = readChecked(this.fileOf(doi, 'record'))?.[0] as KnownDoi | undefined;
    return found?.doi === doi ? found : undefined;
  }

  /** One attempt at a time; undefined while somebody else makes one. Throws what the system throws. */
  lock(doi: string): Unlock | undefined {
    makePrivateFolders(`${this.root}/doi`);
    return takeLock(this.fileOf(doi, 'lock'), LOCK);
  }

  /** Notes what came of an attempt. A record that was there stays where there is no new one. Throws what the system throws. */
  note(found: KnownDoi): KnownDoi {
    const before = this.known(found.doi);
    const { record, source, recordTime } = found.record === undefined && before !== undefined ? before : found;
    const whole: KnownDoi = {
      ...found,
      ...(record !== undefined && { record }),
      ...(source !== undefined && { source }),
      ...(recordTime !== undefined && { recordTime }),
    };
    makePrivateFolders(`${this.root}/doi`);
    writeChecked(this.fileOf(found.doi, 'record'), whole);
    return whole;
  }

  private fileOf(doi: string, extension: 'record' | 'lock'): string {
    return `${this.root}/doi/${sha256OfText(doi)}.${extension}`;
  }
}

/** Whether another attempt is due. */
export function isStale({ outcome, time }: KnownDoi, now: number): boolean {
  return now - time > BELIEVED_MS[outcome] || time > now;
}

/** The record, as long as it may be used. */
export function usableRecord(known: KnownDoi | undefined, now: number): DoiRecord | undefined {
  return known?.recordTime !== undefined && now - known.recordTime < LONGEST_USE_MS ? known.record : undefined;
}
