/**
 * What a DRMS client asks and is told, the same for all operations (browse-export 9.6).
 */
import type { SeriesNames } from '../../../browse/drms/series-names.js';
import type { BrowseFacts } from '../../../browse/facts/facts.js';

/** What an operation of a client asks. */
export interface DrmsQuestion {
  readonly facts: BrowseFacts;
  readonly parameters: ReadonlyMap<string, string>;
  readonly names: SeriesNames;
}

/** What it answers, as JSON. */
export type DrmsAnswer = Readonly<Record<string, unknown>>;

/** From this state on an export has failed. */
export const FAILED = 4;
