/**
 * Runs of records: how every reader of streams hands data to its handler.
 *
 * Contract: a reader has one run and sets it anew for each call, so a run and the memory behind it are valid during the call only.
 * Loops over the values belong into the handler, which makes nothing per record.
 */

/** Consecutive whole records of one packet type: values of record i start at `offset + i * stride` of `bytes` and of `view`. */
export interface RecordRun {
  readonly bytes: Uint8Array;
  /** The same memory as `bytes`. */
  readonly view: DataView;
  /** Where the first value of the first record stands. */
  readonly offset: number;
  readonly count: number;
  /** Bytes from one record to the next, tags included. */
  readonly stride: number;
}

/** The run as its reader sees it. */
export type ReusedRun = { -readonly [Field in keyof RecordRun]: RecordRun[Field] };

const NOTHING = new Uint8Array(0);

/** The run of a reader that has not met records yet. */
export function emptyRun(): ReusedRun {
  return { bytes: NOTHING, view: new DataView(NOTHING.buffer), offset: 0, count: 0, stride: 0 };
}
