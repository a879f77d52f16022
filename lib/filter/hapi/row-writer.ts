/**
 * What writes the rows of a HAPI table, whatever their format.
 *
 * Contract: `write` puts one record into `target`, which has room for `room` bytes behind `at`, and returns where it ends.
 */
import type { TimePoint } from '../../stream/time.js';

export type HapiFormat = 'csv' | 'json' | 'binary';

/** Where the values of a record stand: `record` is the place of the first one in `bytes` and `view`, which are the same memory. */
export interface RecordPlace {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly record: number;
}

export interface RowWriter {
  readonly room: number;
  write(source: RecordPlace, time: TimePoint, target: Uint8Array, at: number): number;
}
