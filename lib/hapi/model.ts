/**
 * HAPI datasets as data: what a definition makes of one, and what a look at its stream has told (server-internals 6.4, 6.6).
 *
 * Contract: types alone. Datasets are found by hapi/dataset.ts, records of their headers kept by hapi/header.ts.
 */
import type { Coverage } from '../cache/coverage/coverage.js';
import type { HapiParameter } from '../filter/hapi/parameters.js';
import type { HapiDecimals } from '../filter/hapi/table.js';
import type { RequestSteps } from '../request/data-parameters.js';
import type { Source } from '../source/source.js';
import type { TimeRange } from '../source/time-range.js';
import type { SourceFile } from '../source/tree/source-tree.js';

/** A dataset; its packet types are told apart by its header. */
export interface HapiDataset {
  /** Without `:pktNN`. */
  readonly id: string;
  readonly file: SourceFile;
  readonly source: Source;
  /** What `source` is, with the macros of its commands filled in for a range. */
  sourceFor(range: TimeRange): Source;
  readonly title: string;
  /** For the reader. */
  readonly params: string;
  readonly words: readonly string[];
  readonly steps: RequestSteps;
  /** The times for which it has data, whoever asks. Never empty. */
  readonly validRange: TimeRange;
  /** Datasets of the same source, and what they are to this one. */
  readonly related: readonly RelatedDataset[];
  /** Set for `:coverage`: not the data, but how many there are on each day. */
  readonly coverage?: DatasetCoverage;
}

/** What another dataset is: bins of this one, what this one has bins of, the days of this one, what this one has the days of. */
export type Relation = 'reduced' | 'reducedFrom' | 'coverage' | 'coverageOf';

export interface RelatedDataset {
  readonly relation: Relation;
  /** Without `:pktNN`. */
  readonly dataset: string;
}

export interface DatasetCoverage {
  /** Undefined: nobody has counted the days yet. */
  readonly kept: Coverage | undefined;
  /** The datasets of the source. */
  readonly of: readonly HapiDataset[];
}

/** A table of the dataset's stream. */
export interface HapiTable {
  /** Two digits of `:pktNN`; undefined where the stream is one table. */
  readonly packet?: string;
  readonly parameters: readonly HapiParameter[];
  readonly decimals: HapiDecimals;
  /** Seconds between records. */
  readonly cadence?: number;
  readonly sampleStart: string;
  readonly sampleStop: string;
  /** Why the catalog does not list it, though it can be asked for. */
  readonly unlisted?: string;
}

/** The record of a dataset: its tables, or why there are none. */
export interface HeaderRecord {
  readonly key: string;
  /**
   * When a look at the data first gave this, in milliseconds since 1970: clients take it for a change of the dataset. 0 for a record that could
   * not be kept, which would be younger with every request.
   */
  readonly builtAt: number;
  readonly tables: readonly HapiTable[];
  readonly failure?: string;
}
