/**
 * A look at the begin of a stream, to learn what HAPI tables it holds: columns, precision and spacing of times (server-internals 6.4).
 *
 * Contract: bytes are pushed until `isFull` or the end. Packet types with the same columns are one table. No more than `RECORDS` times of
 * a table are kept, and no more tables than a stream has packet ids, whatever comes in a piece; `packetTooLarge` where they have more columns
 * together than one may have. Damage in the stream throws, as in every reader; what was seen before stays.
 */
import { Das2Error } from '../../error.js';
import type { PacketHeader, Plane, StreamHeader } from '../../stream/header.js';
import type { StreamException } from '../../stream/message.js';
import type { RecordRun } from '../../stream/record-run.js';
import { type StreamHandler, StreamReader } from '../../stream/stream-reader.js';
import { compareTimes, type TimePoint } from '../../stream/time.js';
import { COLUMN_LIMIT, type HapiParameter, valueCount } from './parameters.js';
import { type HapiDecimals, hapiTable, parametersOf, tableSignature, timePlane } from './table.js';
import { defaultDecimals, TimeColumnReader } from './time.js';

/** Records of a table that are looked at: a thousand for the sample, and one to tell where it ends. */
const RECORDS = 1001;
/** Records of all tables after which the look ends, though a rare table may not be full. */
const MOST_RECORDS = 200_000;
/** More than one for each packet id: then some are defined anew with other columns. */
const MOST_TABLES = 99;
const NANOSECONDS_PER_DAY = 86_400_000_000_000n;

/** What was seen of a table. */
export interface SampledTable {
  /** Packet ids, the first one first. */
  readonly packetIds: readonly number[];
  readonly parameters: readonly HapiParameter[];
  readonly decimals: HapiDecimals;
  /** Times of its records in the order of the stream, without fill; at most 1001. */
  readonly times: readonly TimePoint[];
  /** Median and least step between successive times that increase, in nanoseconds; undefined with less than two of them. */
  readonly medianStep: bigint | undefined;
  readonly leastStep: bigint | undefined;
  /** A packet id of it was defined anew with other columns: the channels of this source change. */
  readonly changes: boolean;
}

interface Seen {
  readonly header: PacketHeader;
  readonly stream: StreamHeader;
  readonly plane: Plane;
  readonly ids: Set<number>;
  readonly times: TimePoint[];
  changes: boolean;
}

export class HapiSample implements StreamHandler {
  /** The exception that the stream holds, if any. */
  fault: StreamException | undefined;
  readonly #reader = new StreamReader(this);
  readonly #range: { readonly begin: TimePoint; readonly end: TimePoint } | undefined;
  readonly #tables = new Map<string, Seen>();
  readonly #sources: ({ readonly seen: Seen; readonly reader: TimeColumnReader } | undefined)[] = [];
  #stream: StreamHeader | undefined;
  #count = 0;
  /** Columns of all tables. */
  #values = 0;

  /** Records outside of the range are not looked at. */
  constructor(range?: { readonly begin: TimePoint; readonly end: TimePoint }) {
    this.#range = range;
  }

  /** True when nothing more needs to be seen: each table is full, or the channels change, which no table can follow. */
  get isFull(): boolean {
    const tables = [...this.#tables.values()];
    if (this.#count >= MOST_RECORDS || tables.length > MOST_TABLES) return true;
    if (tables.some(({ changes, times }) => changes && times.length > 0)) return true;
    return tables.length > 0 && tables.every(({ times }) => times.length >= RECORDS);
  }

  push(bytes: Uint8Array): void {
    this.#reader.push(bytes);
  }

  /** To be called at the end of a stream that was not cut. */
  end(): void {
    this.#reader.end();
  }

  /** The tables with at least one record, in the order in which they were defined. */
  tables(): SampledTable[] {
    return [...this.#tables.values()].filter(({ times }) => times.length > 0).map(sampled);
  }

  streamHeader(header: StreamHeader): void {
    this.#stream = header;
  }

  packetHeader(id: number, header: PacketHeader): void {
    const before = this.#sources[id]?.seen;
    this.#sources[id] = undefined;
    const plane = timePlane(header);
    const stream = this.#stream;
    if (plane === undefined || stream === undefined) return;
    const columns = hapiTable(header, stream, 9);
    const signature = tableSignature(parametersOf(columns));
    let seen = this.#tables.get(signature);
    if (seen === undefined) {
      this.#values += valueCount(header);
      if (this.#values > COLUMN_LIMIT) {
        throw new Das2Error(
          'packetTooLarge',
          `the tables of the stream have ${this.#values} columns together, at most ${COLUMN_LIMIT} can be described`,
        );
      }
      seen = { header, stream, plane, ids: new Set(), times: [], changes: false };
      this.#tables.set(signature, seen);
    }
    if (before !== undefined && before !== seen) {
      before.changes = true;
      seen.changes = true;
    }
    seen.ids.add(id);
    const time = columns[0];
    if (time !== undefined) this.#sources[id] = { seen, reader: new TimeColumnReader(time.plane, time.offset) };
  }

  records(id: number, { bytes, view, offset, count, stride }: RecordRun): void {
    this.#count += count;
    const source = this.#sources[id];
    if (source === undefined) return;
    const { times } = source.seen;
    for (let i = 0; i < count && times.length < RECORDS; i++) {
      const time = source.reader.read(bytes, view, offset + i * stride);
      if (time !== undefined && this.#isInside(time)) times.push(time);
    }
  }

  #isInside(time: TimePoint): boolean {
    const range = this.#range;
    return range === undefined || (compareTimes(range.begin, time) <= 0 && compareTimes(time, range.end) < 0);
  }

  comment(): void {}

  exception(exception: StreamException): void {
    this.fault ??= exception;
  }
}

function sampled({ header, stream, plane, ids, times, changes }: Seen): SampledTable {
  const steps: bigint[] = [];
  let last: TimePoint | undefined;
  for (const time of times) {
    if (last !== undefined && compareTimes(time, last) > 0) steps.push(between(last, time));
    if (last === undefined || compareTimes(time, last) > 0) last = time;
  }
  steps.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const decimals = neededDecimals(plane, times);
  return {
    packetIds: [...ids],
    parameters: parametersOf(hapiTable(header, stream, decimals)),
    decimals,
    times,
    medianStep: steps[Math.floor(steps.length / 2)],
    leastStep: steps[0],
    changes,
  };
}

/** As many as the plane deserves, or as its times have: a double in us2000 may hold tenths of milliseconds, or whole seconds only. */
function neededDecimals(plane: Plane, times: readonly TimePoint[]): HapiDecimals {
  const least = defaultDecimals(plane);
  if (least > 3) return least;
  // Below microseconds doubles hold noise.
  const isFiner = times.some(({ nanosecond }) => Math.round(nanosecond / 1000) % 1000 !== 0);
  return isFiner ? 6 : 3;
}

function between(a: TimePoint, b: TimePoint): bigint {
  return BigInt(b.day - a.day) * NANOSECONDS_PER_DAY + BigInt(b.nanosecond - a.nanosecond);
}
