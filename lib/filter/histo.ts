/**
 * `das2_histo`: how often each value occurs, per data plane and item (stream-format 13.5).
 *
 * Contract: every data plane of the input becomes a packet type of its own, numbered in the order of appearance: x is the value, the
 * second plane its count (or the share of values at or below, at or above). Header and records of a plane are written at the end of the stream or
 * when its packet type is defined anew. Fill is not counted, zero is. Memory grows with the number of distinct values, which
 * is limited (`DISTINCT_LIMIT`).
 */
import { Das2Error } from '../error.js';
import type { ByteFilter, ByteSink } from '../stream/byte-filter.js';
import { type Encoding, parseEncoding } from '../stream/encoding.js';
import { fillRange } from '../stream/fill.js';
import { type PacketHeader, type Plane, planeSize, type StreamHeader } from '../stream/header.js';
import type { Comment, StreamException } from '../stream/message.js';
import { planeFill } from '../stream/plane-fill.js';
import { effectiveProperty, findProperty, type Property, withProperty } from '../stream/properties.js';
import type { RecordRun } from '../stream/record-run.js';
import { StreamWriter } from '../stream/stream-writer.js';
import { parseCommandLine } from './arguments.js';
import { withSourceId } from './bin/stream-header.js';
import { PlaneValues } from './plane-values.js';
import type { FilterProgram } from './program.js';
import { createStreamFilter, type FilterBody } from './stream-filter.js';
import { TimeTextCheck } from './unreadable-time.js';

const NAME = 'das2_histo';

/** Distinct values times items that are kept at one time: about 150 MB. */
const DISTINCT_LIMIT = 2_000_000;

/** Counts above this are not exact in 4-byte reals. */
const REAL4_EXACT = 2 ** 24;

const MAXIMUM_ID = 99;

export type HistogramKind = 'count' | 'below' | 'above';

const TEXTS: Readonly<Record<HistogramKind, { readonly title: string; readonly label: string }>> = {
  count: { title: 'Histogram', label: 'Value Count' },
  below: { title: 'Normalized Cumulative Histogram', label: 'Fraction at or below' },
  above: { title: 'Normalized Reverse Cumulative Histogram', label: 'Fraction at or above' },
};

/** The filter behind `das2_histo`. */
function createHisto(kind: HistogramKind, sink: ByteSink): ByteFilter {
  const writer = new StreamWriter(sink);
  return createStreamFilter(NAME, writer, new HistogramBody(kind, writer));
}

/** The histogram of one plane. */
class Histogram {
  /** Value -> number of times it occurred, per item. */
  readonly counts = new Map<number, Float64Array>();
  readonly low: number;
  readonly high: number;

  constructor(
    readonly input: PlaneValues,
    fill: number,
    /** Label of the plane's values, for the x axis of the histogram. */
    readonly label: Property | undefined,
  ) {
    const range = fillRange(fill);
    this.low = range.low;
    this.high = range.high;
  }

  /** Adds a record; returns how many places it needs more. It ends early where these are more than `most`. */
  add(bytes: Uint8Array, view: DataView, record: number, most: number): number {
    const { counts, low, high } = this;
    const values = this.input.read(bytes, view, record);
    let added = 0;
    for (let item = 0; item < values.length; item++) {
      const value = values[item] as number;
      if (!(value < low || value > high)) continue;
      let row = counts.get(value);
      if (row === undefined) {
        added += values.length;
        if (added > most) return added;
        row = new Float64Array(values.length);
        counts.set(value, row);
      }
      row[item] = (row[item] as number) + 1;
    }
    return added;
  }
}

class HistogramBody implements FilterBody {
  private readonly types: Histogram[][] = Array.from({ length: 100 }, () => []);
  private readonly times: (TimeTextCheck | undefined)[] = new Array(100).fill(undefined);
  private readonly order: number[] = [];
  private header: StreamHeader | undefined;
  private nextId = 1;
  private kept = 0;

  constructor(
    private readonly kind: HistogramKind,
    private readonly writer: StreamWriter,
  ) {}

  streamHeader(header: StreamHeader): void {
    this.header = header;
    const title = findProperty(header.properties, 'title');
    const summary = findProperty(header.properties, 'summary');
    const { title: suffix } = TEXTS[this.kind];
    const properties: Property[] = [
      { type: '', name: 'title', value: title === undefined ? suffix : `${title.value} - ${suffix}` },
      ...(summary === undefined ? [] : [summary]),
      { type: 'double', name: 'yFill', value: '0' },
      { type: 'double', name: 'zFill', value: '0' },
    ];
    this.writer.streamHeader({ ...withSourceId({ ...header, properties }, NAME), version: '2.2', compressed: false });
  }

  packetHeader(id: number, header: PacketHeader): void {
    this.write(id);
    if (!this.order.includes(id)) this.order.push(id);
    const stream = this.header as StreamHeader;
    const histograms: Histogram[] = [];
    let times: TimeTextCheck | undefined;
    let offset = 0;
    for (const plane of header.planes) {
      if (plane.element !== 'x') {
        const label = effectiveProperty(valueLabel(plane), plane, header, stream);
        histograms.push(new Histogram(new PlaneValues(plane, offset), planeFill(plane, header, stream), label));
      }
      if (plane.element === 'x' && plane.encoding.kind === 'time') times = new TimeTextCheck(plane, offset);
      offset += planeSize(plane);
    }
    this.types[id] = histograms;
    this.times[id] = times;
  }

  records(id: number, run: RecordRun): void {
    const { bytes, view, offset, count, stride } = run;
    const readable = this.times[id]?.readable(run) ?? count;
    for (const histogram of this.types[id] as Histogram[]) {
      for (let i = 0, record = offset; i < readable; i++, record += stride) {
        const added = histogram.add(bytes, view, record, DISTINCT_LIMIT - this.kept);
        if (this.kept + added > DISTINCT_LIMIT) {
          throw new Das2Error(
            'outputLimit',
            `plane '${histogram.input.plane.name ?? ''}' of packet type ${id} has too many distinct values for a histogram of values`,
          );
        }
        this.kept += added;
      }
    }
    if (readable < count) throw (this.times[id] as TimeTextCheck).fault(run, readable);
  }

  comment(comment: Comment): void {
    this.writer.comment(comment);
  }

  exception(exception: StreamException): void {
    this.writer.exception(exception);
  }

  finish(): void {
    for (const id of this.order) this.write(id);
  }

  /** Writes and forgets the histograms of a packet type. */
  private write(id: number): void {
    const histograms = this.types[id] as Histogram[];
    this.types[id] = [];
    for (const histogram of histograms) {
      this.kept -= histogram.counts.size * histogram.input.values.length;
      if (histogram.counts.size > 0) this.writeHistogram(histogram);
    }
  }

  private writeHistogram(histogram: Histogram): void {
    if (this.nextId > MAXIMUM_ID) {
      throw new Das2Error('planeLimit', `the stream has more than ${MAXIMUM_ID} planes, each needs a packet type`);
    }
    const { writer, kind } = this;
    const { plane } = histogram.input;
    const values = Float64Array.from(histogram.counts.keys()).sort();
    const totals = new Float64Array(plane.itemCount);
    for (const row of histogram.counts.values()) for (let i = 0; i < row.length; i++) totals[i]! += row[i] as number;
    const wide = kind === 'count' && [...histogram.counts.values()].some((row) => row.some((n) => n > REAL4_EXACT));
    const encoding = parseEncoding(wide ? 'little_endian_real8' : 'little_endian_real4');
    const id = this.nextId++;
    writer.packetHeader(id, histogramHeader(histogram, encoding, TEXTS[kind].label));
    const { width } = encoding;
    const sums = new Float64Array(plane.itemCount);
    if (kind === 'above') sums.set(totals);
    for (const value of values) {
      const row = histogram.counts.get(value) as Float64Array;
      let at = writer.beginRecord(id, 8 + width * plane.itemCount);
      const { view } = writer;
      view.setFloat64(at, value, true);
      at += 8;
      for (let i = 0; i < row.length; i++, at += width) {
        const count = row[i] as number;
        if (kind === 'below') sums[i]! += count;
        const shown = kind === 'count' ? count : share(sums[i] as number, totals[i] as number);
        if (kind === 'above') sums[i]! -= count;
        if (wide) view.setFloat64(at, shown, true);
        else view.setFloat32(at, shown, true);
      }
    }
  }
}

/** An item without any value has no share. */
function share(part: number, total: number): number {
  return total === 0 ? 0 : part / total;
}

/** Name of the property that labels the values of a plane. */
function valueLabel(plane: Plane): 'yLabel' | 'zLabel' {
  return plane.element === 'y' || plane.element === 'xscan' ? 'yLabel' : 'zLabel';
}

function histogramHeader(histogram: Histogram, encoding: Encoding, label: string): PacketHeader {
  const { plane } = histogram.input;
  const x: Plane = {
    element: 'x',
    name: '',
    encoding: parseEncoding('little_endian_real8'),
    units: plane.encoding.kind === 'time' ? 'us2000' : (plane.units ?? ''),
    itemCount: 1,
    attributes: new Map(),
    properties: histogram.label === undefined ? [] : [{ ...histogram.label, name: 'xLabel' }],
  };
  const counts: Plane = {
    ...plane,
    // Beside x alone a line is what it is.
    element: plane.element === 'z' ? 'y' : plane.element,
    name: `${plane.name ?? ''}_hist`,
    encoding,
    units: '',
    properties: withProperty(withoutValueProperties(plane), {
      type: '',
      name: plane.element === 'z' ? 'yLabel' : valueLabel(plane),
      value: label,
    }),
  };
  return { group: undefined, properties: [], planes: [x, counts] };
}

/** Label, fill, range and limits of the values are not those of their counts. */
function withoutValueProperties(plane: Plane): Plane['properties'] {
  const axis = valueLabel(plane)[0] as string;
  const own = new RegExp(`^(?:fill|${axis}(?:Fill|Label|Range|ScaleType|ValidMin|ValidMax))$`);
  return plane.properties.filter(({ name }) => !own.test(name));
}

export const histo: FilterProgram = {
  name: NAME,
  usageStatus: 100,
  help: `Usage: ${NAME} [-b | -a]

Counts how often each value occurs in a das2 stream, for every data plane and every item of a scan
by itself. Reads the stream from standard input and writes a stream of histograms, one packet type
per plane, to standard output.

  -b             fraction of the values at or below each value (cumulative histogram)
  -a             fraction of the values at or above each value
  -h, --help     print this text
  -v, --version  print version and commit

Fill values are not counted.

Example: which values does a 4-bit receiver really produce?

  my_reader 1979-060T12:26 1979-060T12:27 | ${NAME} | das2_ascii
`,
  create(args, sink) {
    const line = parseCommandLine(args, { options: { a: { takes: 'flag' }, b: { takes: 'flag' } }, words: [] });
    if (line.has('a') && line.has('b')) throw new Das2Error('usage', 'options -a and -b exclude each other');
    return createHisto(line.has('b') ? 'below' : line.has('a') ? 'above' : 'count', sink);
  },
};
