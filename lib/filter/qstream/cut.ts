/**
 * Cuts a QStream to a time range without understanding more of it than the time axis (stream-format 14.3).
 *
 * Contract: records of a time series are copied byte for byte when BEGIN <= t < END; records of other packet types, descriptors,
 * comments and exceptions are always copied. A time that cannot be read is in no range.
 */
import type { ByteFilter, ByteSink } from '../../stream/byte-filter.js';
import { valueReader } from '../../stream/qstream/encoding.js';
import { type QDescriptor, type QStreamHeader, timeAxis, withDatasets } from '../../stream/qstream/header.js';
import { formatCacheTag, parseCacheTag, withPropertyValue } from '../../stream/qstream/property.js';
import { qstreamPacket } from '../../stream/qstream/writer.js';
import type { RecordRun } from '../../stream/record-run.js';
import type { StreamWriter } from '../../stream/stream-writer.js';
import { compareTimes, type TimePoint } from '../../stream/time.js';
import type { XmlElement } from '../../stream/xml.js';
import { QStreamFilter, type QStreamTransform } from './filter.js';

export interface QStreamCutOptions {
  /** First moment that is kept. */
  readonly begin: TimePoint;
  /** First moment behind the range. */
  readonly end: TimePoint;
  /** New range of CACHE_TAG, as text (`2010-01-01 to 2010-01-02`); without it the tag stays. */
  readonly cacheRange?: string;
  /** Name of the program in error messages. */
  readonly program?: string;
}

/** The filter that cuts a QStream to [begin, end). */
export function createQStreamCut(options: QStreamCutOptions, sink: ByteSink): ByteFilter {
  return new QStreamFilter(sink, options.program ?? 'das2srv', (writer) => new Cut(options, writer));
}

/** True when the record whose values start at `offset` is wanted. */
type Wanted = (run: RecordRun, offset: number) => boolean;

class Cut implements QStreamTransform {
  private header: QStreamHeader | undefined;
  private readonly wanted: (Wanted | undefined)[] = [];

  constructor(
    private readonly options: QStreamCutOptions,
    private readonly writer: StreamWriter,
  ) {}

  streamHeader(header: QStreamHeader, packet: Uint8Array): void {
    this.header = header;
    this.copy(packet);
    this.writer.started = true;
  }

  repeatedHeader(packet: Uint8Array): void {
    this.copy(packet);
  }

  descriptor(id: number, descriptor: QDescriptor, packet: Uint8Array): void {
    this.wanted[id] = this.test(descriptor);
    const { cacheRange } = this.options;
    const tagged = descriptor.datasets.some(({ properties }) => properties.has('CACHE_TAG'));
    if (cacheRange === undefined || !tagged) this.copy(packet);
    else this.copy(qstreamPacket(id, withCacheRange(descriptor, cacheRange).root));
  }

  records(id: number, run: RecordRun): void {
    const wanted = this.wanted[id];
    const { bytes, stride } = run;
    for (let i = 0, at = run.offset; i < run.count; i++, at += stride) {
      if (wanted === undefined || wanted(run, at)) this.copy(bytes.subarray(at - 4, at - 4 + stride));
    }
  }

  message(_: XmlElement, packet: Uint8Array): void {
    this.copy(packet);
  }

  finish(): void {}

  private copy(packet: Uint8Array): void {
    this.writer.raw(packet);
  }

  private test(descriptor: QDescriptor): Wanted | undefined {
    const axis = timeAxis(descriptor);
    if (axis === undefined) return undefined;
    const { begin, end } = this.options;
    const { encoding, units } = axis;
    const read = valueReader({ encoding, units: units.name, littleEndian: this.header?.littleEndian === true });
    return ({ bytes, view }, offset) => {
      const value = read(bytes, view, offset);
      if (!Number.isFinite(value)) return false;
      const time = units.toTime(value);
      return compareTimes(time, begin) >= 0 && compareTimes(time, end) < 0;
    };
  }
}

function withCacheRange(descriptor: QDescriptor, range: string): QDescriptor {
  const elements = descriptor.datasets.map(({ element, properties }) => {
    const tag = parseCacheTag(properties.get('CACHE_TAG')?.value ?? '');
    return tag === undefined ? element : withPropertyValue(element, 'CACHE_TAG', formatCacheTag({ ...tag, range }));
  });
  return withDatasets(descriptor, elements);
}
