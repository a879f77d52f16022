/**
 * Counts the records of a stream by day, while its bytes go by (server-internals 7.2): das2 streams of all packet types together, and
 * the time series of QStreams.
 *
 * Contract: memory depends on the number of days, not of records; days outside the range are not kept. What is wrong with the stream,
 * or an exception in it that says more than "no data", is the `fault` and ends the counting.
 */
import { isDas2Error } from '../../error.js';
import { TimeAxis } from '../../filter/bin/time-axis.js';
import { type PacketHeader, recordSize } from '../../stream/header.js';
import { isNoData } from '../../stream/message.js';
import { us2000Reader } from '../../stream/qstream/encoding.js';
import { fillOf, type QStreamHeader, timeAxis } from '../../stream/qstream/header.js';
import { QStreamReader } from '../../stream/qstream/reader.js';
import { StreamReader } from '../../stream/stream-reader.js';
import { MICROSECONDS_PER_DAY } from '../../stream/time.js';
import type { DayRange } from './coverage.js';

export class DayCounter {
  /** Records by day; days without any are absent. */
  readonly counts = new Map<number, number>();
  /** Why the counts cannot be trusted. */
  fault: string | undefined;
  readonly #range: DayRange;
  readonly #reader: { push(chunk: Uint8Array): void; end(): void };

  constructor(kind: 'das2' | 'qstream', range: DayRange) {
    this.#range = range;
    this.#reader = kind === 'qstream' ? this.#qstreamReader() : this.#das2Reader();
  }

  push(chunk: Uint8Array): void {
    this.#attempt(() => this.#reader.push(chunk));
  }

  /** The end of the stream. */
  end(): void {
    this.#attempt(() => this.#reader.end());
  }

  #attempt(step: () => void): void {
    if (this.fault !== undefined) return;
    try {
      step();
    } catch (error) {
      if (!isDas2Error(error)) throw error;
      this.fault = error.message;
    }
  }

  #add(us2000: number): void {
    const day = Math.floor(us2000 / MICROSECONDS_PER_DAY);
    // A record without a time is on no day.
    if (day >= this.#range.begin && day < this.#range.end) this.counts.set(day, (this.counts.get(day) ?? 0) + 1);
  }

  #exception(type: string, message: string): void {
    if (!isNoData(type)) this.fault ??= `the stream holds an exception: ${type}: ${message}`;
  }

  #das2Reader(): StreamReader {
    const axes: (TimeAxis | undefined)[] = [];
    return new StreamReader({
      streamHeader() {},
      packetHeader: (id, header) => {
        axes[id] = axisOf(id, header);
      },
      records: (id, run) => {
        const axis = axes[id];
        for (let first = 0, count = 0; axis !== undefined && first < run.count; first += count) {
          count = axis.read(run, first);
          for (let i = 0; i < count; i++) this.#add(axis.times[i] as number);
        }
      },
      comment() {},
      exception: ({ type, message }) => this.#exception(type, message),
    });
  }

  #qstreamReader(): QStreamReader {
    let header: QStreamHeader | undefined;
    const times: (ReturnType<typeof us2000Reader> | undefined)[] = [];
    return new QStreamReader({
      streamHeader: (found) => {
        header = found;
      },
      repeatedHeader() {},
      descriptor: (id, descriptor) => {
        const axis = timeAxis(descriptor);
        times[id] =
          axis && us2000Reader(axis.encoding, header?.littleEndian === true, axis.units, fillOf(axis.dataset));
      },
      records: (id, { bytes, view, offset, count, stride }) => {
        const read = times[id];
        for (let i = 0; read !== undefined && i < count; i++) this.#add(read(bytes, view, offset + i * stride));
      },
      message: (root) => {
        if (root.name === 'exception')
          this.#exception(root.attributes.get('type') ?? '', root.attributes.get('message') ?? '');
      },
    });
  }
}

/** The time axis of a packet type; undefined if it has no x, and so no place in time. */
function axisOf(id: number, header: PacketHeader): TimeAxis | undefined {
  const index = header.planes.findIndex(({ element }) => element === 'x');
  const x = header.planes[index];
  return x && new TimeAxis(x, recordSize({ ...header, planes: header.planes.slice(0, index) }), id);
}
