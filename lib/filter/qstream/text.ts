/**
 * Writes a QStream as text: every binary value becomes a decimal number or a time that people can read (stream-format 14.5).
 *
 * Contract
 * - Numbers in time units become `time24`, or what `subsecondDigits` says; 8-byte reals `ascii17`, 4-byte reals `ascii14`, or what
 *   `realDigits` says; integers the narrowest `asciiN` that holds their type, all digits kept.
 * - A time of a record that no text can tell ends the stream; elsewhere it is fill.
 * - Values that are text already, in-line data and messages are copied. `byte_order` leaves the header. One record in, one out.
 */
import type { ByteFilter, ByteSink } from '../../stream/byte-filter.js';
import { fillRange } from '../../stream/fill.js';
import { writeReal } from '../../stream/number-text.js';
import {
  isTextEncoding,
  parseQEncoding,
  type QEncoding,
  type QValueReader,
  us2000Reader,
  valueReader,
  writeText,
} from '../../stream/qstream/encoding.js';
import {
  fillOf,
  type QDataset,
  type QDescriptor,
  type QStreamHeader,
  timeAxis,
  unitsOf,
  withDatasets,
} from '../../stream/qstream/header.js';
import { qstreamPacket } from '../../stream/qstream/writer.js';
import type { RecordRun } from '../../stream/record-run.js';
import type { StreamWriter } from '../../stream/stream-writer.js';
import { addNanoseconds } from '../../stream/time.js';
import { TimeTextWriter } from '../../stream/time-text.js';
import { type TimeUnits, timeUnits } from '../../stream/units.js';
import type { XmlElement } from '../../stream/xml.js';
import { requireTimeText } from '../unreadable-time.js';
import { QStreamFilter, type QStreamTransform } from './filter.js';

export interface QStreamTextOptions {
  /** Significant digits of reals, 2 to 18; without it 10 for 8-byte and 7 for 4-byte reals. */
  readonly realDigits?: number;
  /** Decimals of the second, 0 to 9; 3 without it. */
  readonly subsecondDigits?: number;
  /** Leave out comments and exceptions. */
  readonly dropMessages?: boolean;
  /** Name of the program in error messages. */
  readonly program?: string;
}

/** The filter that writes the text form of a QStream. */
export function createQStreamText(options: QStreamTextOptions, sink: ByteSink): ByteFilter {
  return new QStreamFilter(sink, options.program ?? 'das2_ascii', (writer) => new TextForm(options, writer));
}

type FieldWriter = (source: RecordRun, from: number, bytes: Uint8Array, to: number) => void;

/** One data set: how its values go from an input to an output record. */
interface Column {
  readonly from: number;
  readonly to: number;
  readonly itemCount: number;
  readonly width: number;
  readonly textWidth: number;
  readonly write: FieldWriter;
}

interface TextPacket {
  /** The time of a record, where it is to become text. */
  readonly time: QValueReader | undefined;
  readonly columns: readonly Column[];
  readonly size: number;
}

class TextForm implements QStreamTransform {
  private littleEndian = false;
  private readonly packets: (TextPacket | undefined)[] = [];

  constructor(
    private readonly options: QStreamTextOptions,
    private readonly writer: StreamWriter,
  ) {}

  streamHeader(header: QStreamHeader, packet: Uint8Array): void {
    this.littleEndian = header.littleEndian;
    const attributes = new Map(header.root.attributes);
    if (attributes.delete('byte_order')) this.writer.raw(qstreamPacket(0, { ...header.root, attributes }));
    else this.writer.raw(packet);
    this.writer.started = true;
  }

  repeatedHeader(): void {}

  descriptor(id: number, descriptor: QDescriptor): void {
    const elements = descriptor.datasets.map((dataset) => withTextEncoding(dataset, this.options));
    const text = withDatasets(descriptor, elements);
    this.packets[id] = {
      time: this.timeReader(descriptor),
      columns: descriptor.datasets.flatMap((dataset, index) => {
        const target = text.datasets[index];
        return target === undefined ? [] : this.column(dataset, target);
      }),
      size: text.recordSize,
    };
    this.writer.raw(qstreamPacket(id, text.root));
  }

  records(id: number, run: RecordRun): void {
    const packet = this.packets[id];
    if (packet === undefined) return;
    const { writer } = this;
    const { time, size, columns } = packet;
    for (let i = 0, source = run.offset; i < run.count; i++, source += run.stride) {
      if (time !== undefined) requireTimeText(time(run.bytes, run.view, source));
      const target = writer.beginRecord(id, size);
      for (const { from, to, itemCount, width, textWidth, write } of columns) {
        let read = source + from;
        let at = target + to;
        for (let item = 0; item < itemCount; item++, read += width, at += textWidth) write(run, read, writer.bytes, at);
      }
      writer.bytes[target + size - 1] = 0x0a;
    }
  }

  message(_: XmlElement, packet: Uint8Array): void {
    if (this.options.dropMessages !== true) this.writer.raw(packet);
  }

  finish(): void {}

  /** Reads the times of records that have one, unless they are text already; NaN for fill. */
  private timeReader(descriptor: QDescriptor): QValueReader | undefined {
    const axis = timeAxis(descriptor);
    if (axis === undefined || isTextEncoding(axis.encoding)) return undefined;
    return us2000Reader(axis.encoding, this.littleEndian, axis.units, fillOf(axis.dataset));
  }

  private column(source: QDataset, target: QDataset): Column[] {
    if (source.content.kind !== 'streamed' || target.content.kind !== 'streamed') return [];
    const { encoding, offset, itemCount } = source.content;
    const { width } = target.content.encoding;
    return [
      {
        from: offset,
        to: target.content.offset,
        itemCount,
        width: encoding.width,
        textWidth: width,
        write: fieldWriter(source, encoding, width, this.littleEndian),
      },
    ];
  }
}

function withTextEncoding(dataset: QDataset, options: QStreamTextOptions): XmlElement {
  const { content, element } = dataset;
  if (content.kind !== 'streamed' || isTextEncoding(content.encoding)) return element;
  const encoding = textEncoding(dataset, content.encoding, options).name;
  const children = element.children.map((child) =>
    child.name === 'values' ? { ...child, attributes: new Map([...child.attributes, ['encoding', encoding]]) } : child,
  );
  return { ...element, children };
}

function textEncoding(dataset: QDataset, encoding: QEncoding, options: QStreamTextOptions): QEncoding {
  const { realDigits, subsecondDigits = 3 } = options;
  if (timeUnits(unitsOf(dataset)) !== undefined) {
    return parseQEncoding(`time${subsecondDigits === 0 ? 20 : 21 + subsecondDigits}`);
  }
  switch (encoding.kind) {
    case 'int2':
      return parseQEncoding('ascii7');
    case 'int4':
      return parseQEncoding('ascii12');
    case 'int8':
      return parseQEncoding('ascii21');
    default:
      return parseQEncoding(`ascii${(realDigits ?? (encoding.kind === 'real8' ? 10 : 7)) + 7}`);
  }
}

function fieldWriter(dataset: QDataset, encoding: QEncoding, width: number, littleEndian: boolean): FieldWriter {
  if (isTextEncoding(encoding)) {
    return (source, from, bytes, to) => bytes.set(source.bytes.subarray(from, from + width), to);
  }
  const read = valueReader({ encoding, littleEndian, units: '' });
  const units = timeUnits(unitsOf(dataset));
  if (units !== undefined) return timeWriter(encoding, units, width, littleEndian, fillOf(dataset));
  switch (encoding.kind) {
    case 'int8':
      return ({ view }, from, bytes, to) => writeText(bytes, to, width, String(view.getBigInt64(from, littleEndian)));
    case 'int4':
    case 'int2':
      return (source, from, bytes, to) => writeText(bytes, to, width, String(read(source.bytes, source.view, from)));
    default: {
      const fill = fillOf(dataset);
      return (source, from, bytes, to) => writeReal(bytes, to, width, read(source.bytes, source.view, from), fill);
    }
  }
}

function timeWriter(
  encoding: QEncoding,
  units: TimeUnits,
  width: number,
  littleEndian: boolean,
  fill: number,
): FieldWriter {
  const writer = new TimeTextWriter(width);
  const { low, high } = fillRange(fill);
  if (encoding.kind === 'int8' && units.intervalSeconds === 1e-9) {
    // Nanoseconds of our days need 60 bits: the low ten go past the double.
    return ({ view }, from, bytes, to) => {
      const value = view.getBigInt64(from, littleEndian);
      const nearest = Number(value);
      if (!(nearest < low || nearest > high)) {
        writer.writeUs2000(bytes, to, Number.NaN);
        return;
      }
      const rest = value & 1023n;
      const { day, nanosecond } = addNanoseconds(units.toTime(Number(value - rest)), Number(rest));
      writer.write(bytes, to, day, nanosecond);
    };
  }
  const read = valueReader({ encoding, littleEndian, units: units.name });
  return ({ bytes: input, view }, from, bytes, to) => {
    const value = read(input, view, from);
    if ((value < low || value > high) && Number.isFinite(value)) {
      const { day, nanosecond } = units.toTime(value);
      writer.write(bytes, to, day, nanosecond);
    } else writer.writeUs2000(bytes, to, Number.NaN);
  };
}
