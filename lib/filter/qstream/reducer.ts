/**
 * Reduces a QStream in time: every packet type with a time axis becomes one record a bin (stream-format 14.4).
 *
 * Contract
 * - Bins are whole multiples of the bin length from 2000-01-01T00:00, or from `begin`; a record exactly on an edge belongs to the
 *   later bin. Going back in time closes the bin. A redefinition and the end of the stream flush, ids in ascending order.
 * - Every value, the time included, becomes the mean over the records of the bin; fill and NaN are skipped; nominal values keep
 *   those of the first record. A record whose time is fill or cannot be read is dropped.
 * - CADENCE of the time axis and the resolution of CACHE_TAG follow the bin; nothing is added. Packet types without a time axis,
 *   in-line data and messages pass. Byte order and encodings stay.
 * - What is kept is limited over all packet types together (sum-limit.ts); more is `packetTooLarge`.
 */
import type { ByteFilter, ByteSink } from '../../stream/byte-filter.js';
import { fillRange } from '../../stream/fill.js';
import {
  isTextEncoding,
  type QEncoding,
  type QValueReader,
  type QValueWriter,
  us2000Reader,
  valueReader,
  valueWriter,
} from '../../stream/qstream/encoding.js';
import {
  fillOf,
  isNominal,
  type QDataset,
  type QDescriptor,
  type QStreamHeader,
  type TimeAxis,
  timeAxis,
  unitsOf,
  withDatasets,
} from '../../stream/qstream/header.js';
import {
  cacheTagResolution,
  formatCacheTag,
  parseCacheTag,
  widenCadence,
  withPropertyValue,
} from '../../stream/qstream/property.js';
import { qstreamPacket } from '../../stream/qstream/writer.js';
import type { RecordRun } from '../../stream/record-run.js';
import type { StreamWriter } from '../../stream/stream-writer.js';
import type { XmlElement } from '../../stream/xml.js';
import { checkSums } from '../sum-limit.js';
import { QStreamFilter, type QStreamTransform } from './filter.js';
import { TimeMean } from './time-mean.js';

export interface QStreamReducerOptions {
  /** Length of a bin; finite and positive. */
  readonly binSeconds: number;
  /** Where bin 0 begins in us2000; 2000-01-01T00:00 without it. */
  readonly begin?: number;
  /** Leave out `taskSize` and `taskProgress` comments. */
  readonly dropTaskComments?: boolean;
  /** Name of the program in error messages. */
  readonly program?: string;
}

/** The filter that reduces a QStream. */
export function createQStreamReducer(options: QStreamReducerOptions, sink: ByteSink): ByteFilter {
  const program = options.program ?? 'das2_bin_avgsec';
  return new QStreamFilter(sink, program, (writer) => new Reducer(options, writer));
}

class Reducer implements QStreamTransform {
  private littleEndian = false;
  private readonly binned: (BinnedPacket | undefined)[] = [];

  constructor(
    private readonly options: QStreamReducerOptions,
    private readonly writer: StreamWriter,
  ) {}

  streamHeader(header: QStreamHeader, packet: Uint8Array): void {
    this.littleEndian = header.littleEndian;
    this.writer.raw(packet);
    this.writer.started = true;
  }

  repeatedHeader(): void {}

  descriptor(id: number, descriptor: QDescriptor, packet: Uint8Array): void {
    this.binned[id]?.flush();
    const axis = timeAxis(descriptor);
    if (axis === undefined) {
      this.binned[id] = undefined;
      this.writer.raw(packet);
      return;
    }
    const { begin = 0, binSeconds } = this.options;
    this.binned[id] = undefined;
    const layout = layoutOf(descriptor, axis, this.littleEndian);
    checkSums(this.binned.reduce((sum, other) => sum + (other?.room ?? 0), roomOf(layout)));
    this.binned[id] = new BinnedPacket(layout, { id, start: begin, bin: binSeconds * 1e6, writer: this.writer });
    const reduced = reducedDescriptor(descriptor, axis.dataset, binSeconds);
    if (reduced === descriptor) this.writer.raw(packet);
    else this.writer.raw(qstreamPacket(id, reduced.root));
  }

  records(id: number, run: RecordRun): void {
    const binned = this.binned[id];
    if (binned !== undefined) binned.add(run);
    else this.writer.raw(run.bytes.subarray(run.offset - 4, run.offset - 4 + run.count * run.stride));
  }

  message(root: XmlElement, packet: Uint8Array): void {
    const type = root.attributes.get('type');
    const task = root.name === 'comment' && (type === 'taskSize' || type === 'taskProgress');
    if (!(task && this.options.dropTaskComments === true)) this.writer.raw(packet);
  }

  finish(): void {
    for (const binned of this.binned) binned?.flush();
  }
}

interface BinnedPacketOptions {
  readonly id: number;
  /** Begin of bin 0 in us2000. */
  readonly start: number;
  /** Length of a bin in microseconds. */
  readonly bin: number;
  readonly writer: StreamWriter;
}

/** The values of one data set in a record, and where their sums are kept. */
interface Column {
  readonly encoding: QEncoding;
  readonly offset: number;
  readonly itemCount: number;
  /** Index of the sum of the first item. */
  readonly first: number;
  readonly low: number;
  readonly high: number;
  readonly fill: number;
  readonly read: QValueReader;
  readonly write: QValueWriter;
}

/** What reducing needs to know of a packet type. The descriptor itself, which may be long, is not kept. */
interface Layout {
  readonly columns: readonly Column[];
  /** Values in all columns. */
  readonly itemCount: number;
  readonly recordSize: number;
  /** A record ends with a text, and so with a newline. */
  readonly textEnd: boolean;
  readonly readTime: QValueReader;
  readonly time: TimeMean;
}

function layoutOf(descriptor: QDescriptor, axis: TimeAxis, littleEndian: boolean): Layout {
  let total = 0;
  const columns: Column[] = [];
  for (const dataset of descriptor.datasets) {
    const { content } = dataset;
    if (content.kind !== 'streamed' || dataset === axis.dataset || isNominal(dataset)) continue;
    const value = { encoding: content.encoding, littleEndian, units: unitsOf(dataset) };
    const fill = fillOf(dataset);
    columns.push({
      encoding: content.encoding,
      offset: content.offset,
      itemCount: content.itemCount,
      first: total,
      ...fillRange(fill),
      // No time stands for the fill value, whatever number that is.
      fill: content.encoding.kind === 'time' ? Number.NaN : fill,
      read: valueReader(value),
      write: valueWriter(value),
    });
    total += content.itemCount;
  }
  const last = descriptor.datasets.findLast(({ content }) => content.kind === 'streamed')?.content;
  return {
    columns,
    itemCount: total,
    recordSize: descriptor.recordSize,
    textEnd: last?.kind === 'streamed' && isTextEncoding(last.encoding),
    readTime: us2000Reader(axis.encoding, littleEndian, axis.units, fillOf(axis.dataset)),
    time: new TimeMean(axis, littleEndian),
  };
}

/** What a packet type takes of the memory for sums: a sum and a count for each value, and the first record of a bin. */
function roomOf({ itemCount, recordSize }: Layout): number {
  return itemCount * 16 + recordSize;
}

/** The open bin of one packet type. */
class BinnedPacket {
  /** See `roomOf`. */
  readonly room: number;
  private readonly sums: Float64Array;
  private readonly counts: Float64Array;
  /** First record of the open bin; nominal values are taken from it. */
  private readonly firstRecord: Uint8Array;
  private openBin: number | undefined;

  constructor(
    private readonly layout: Layout,
    private readonly options: BinnedPacketOptions,
  ) {
    this.room = roomOf(layout);
    this.sums = new Float64Array(layout.itemCount);
    this.counts = new Float64Array(layout.itemCount);
    this.firstRecord = new Uint8Array(layout.recordSize);
  }

  add({ bytes, view, offset, count, stride }: RecordRun): void {
    const { start, bin } = this.options;
    const { columns, readTime, recordSize, time: mean } = this.layout;
    for (let i = 0, at = offset; i < count; i++, at += stride) {
      const time = readTime(bytes, view, at);
      if (!Number.isFinite(time)) continue;
      const number = Math.floor((time - start) / bin);
      if (number !== this.openBin) {
        this.flush();
        this.openBin = number;
        this.firstRecord.set(bytes.subarray(at, at + recordSize));
      }
      mean.add(bytes, view, at);
      for (const column of columns) this.addColumn(column, bytes, view, at);
    }
  }

  private addColumn(column: Column, bytes: Uint8Array, view: DataView, record: number): void {
    const { sums, counts } = this;
    const { read, low, high, first, itemCount } = column;
    const { width } = column.encoding;
    let at = record + column.offset;
    for (let item = first; item < first + itemCount; item++, at += width) {
      const value = read(bytes, view, at);
      if (value < low || value > high) {
        sums[item] = (sums[item] as number) + value;
        counts[item] = (counts[item] as number) + 1;
      }
    }
  }

  /** Writes the open bin, if there is one. */
  flush(): void {
    if (this.openBin === undefined) return;
    this.openBin = undefined;
    const { writer, id } = this.options;
    const { columns, recordSize, textEnd, time } = this.layout;
    time.require();
    const record = writer.beginRecord(id, recordSize);
    const { bytes, view } = writer;
    bytes.set(this.firstRecord, record);
    time.write(bytes, view, record);
    for (const column of columns) {
      const { first, itemCount, write, fill, encoding } = column;
      let at = record + column.offset;
      for (let item = first; item < first + itemCount; item++, at += encoding.width) {
        const count = this.counts[item] as number;
        write(bytes, view, at, count === 0 ? fill : (this.sums[item] as number) / count);
      }
    }
    if (textEnd) bytes[record + recordSize - 1] = 0x0a;
    this.sums.fill(0);
    this.counts.fill(0);
  }
}

/** The descriptor with CADENCE and CACHE_TAG of the bin; the same one when it has neither. */
function reducedDescriptor(descriptor: QDescriptor, axis: QDataset, binSeconds: number): QDescriptor {
  let changed = false;
  const elements = descriptor.datasets.map((dataset) => {
    let { element } = dataset;
    const cadence = dataset === axis ? dataset.properties.get('CADENCE')?.value : undefined;
    if (cadence !== undefined) {
      element = withPropertyValue(element, 'CADENCE', widenCadence(cadence, binSeconds));
      changed = true;
    }
    const tag = parseCacheTag(dataset.properties.get('CACHE_TAG')?.value ?? '');
    if (tag !== undefined) {
      const resolution = cacheTagResolution(binSeconds);
      element = withPropertyValue(element, 'CACHE_TAG', formatCacheTag({ ...tag, resolution }));
      changed = true;
    }
    return element;
  });
  return changed ? withDatasets(descriptor, elements) : descriptor;
}
