/**
 * `das1_bin_avg`: means of a plain das1 stream over bins of x (stream-format 13.9).
 *
 * Contract: a record is an offset followed by ITEMS values, all big-endian 4-byte reals, in and out. Bins are aligned to offset 0; the offset
 * of a bin is its centre. Records with a negative or unreadable offset are dropped. Fill values do not count; a bin
 * without any value of an item gets the fill value there.
 */
import type { ByteFilter, ByteSink } from '../stream/byte-filter.js';
import { fillRange } from '../stream/fill.js';
import { finiteNumber, parseCommandLine, positiveNumber, wholeNumber } from './arguments.js';
import { createDas1Filter, type Das1Body } from './das1/records.js';
import type { FilterProgram } from './program.js';

const NAME = 'das1_bin_avg';
const OUTPUT_BYTES = 64 * 1024;
/** Most values of a record. */
export const MAXIMUM_DAS1_ITEMS = 1_000_000;

export interface Das1BinAvgOptions {
  /** Values per record, the offset not counted. */
  readonly items: number;
  /** Length of a bin in the units of the offset: finite and positive. */
  readonly period: number;
  readonly fill: number;
}

/** The filter behind `das1_bin_avg`. */
function createDas1BinAvg(options: Das1BinAvgOptions, sink: ByteSink): ByteFilter {
  return createDas1Filter(new Das1BinAvg(options, sink));
}

class Das1BinAvg implements Das1Body {
  readonly size: number;
  private readonly low: number;
  private readonly high: number;
  private readonly sums: Float64Array;
  private readonly counts: Float64Array;
  private readonly output: DataView;
  private length = 0;
  /** The open bin; NaN if there is none. */
  private bin = Number.NaN;

  constructor(
    private readonly options: Das1BinAvgOptions,
    private readonly sink: ByteSink,
  ) {
    this.size = 4 * (options.items + 1);
    const { low, high } = fillRange(options.fill);
    this.low = low;
    this.high = high;
    this.sums = new Float64Array(options.items);
    this.counts = new Float64Array(options.items);
    this.output = new DataView(new ArrayBuffer(Math.max(OUTPUT_BYTES, this.size)));
  }

  flush(): void {
    if (this.length === 0) return;
    const bytes = new Uint8Array(this.output.buffer, 0, this.length);
    this.length = 0;
    this.sink.write(bytes);
  }

  add(view: DataView, offset: number, count: number): void {
    const { sums, counts, low, high } = this;
    const { items, period } = this.options;
    for (let record = 0, at = offset; record < count; record++, at += this.size) {
      const x = view.getFloat32(at);
      if (!(x >= 0 && x < Number.POSITIVE_INFINITY)) continue;
      const bin = Math.floor(x / period);
      if (bin !== this.bin) {
        this.finish();
        this.bin = bin;
      }
      for (let item = 0, place = at + 4; item < items; item++, place += 4) {
        const value = view.getFloat32(place);
        if (!(value < low || value > high)) continue;
        sums[item] = (sums[item] as number) + value;
        counts[item] = (counts[item] as number) + 1;
      }
    }
  }

  /** Writes the open bin. */
  finish(): void {
    if (Number.isNaN(this.bin)) return;
    if (this.length + this.size > this.output.byteLength) this.flush();
    const { output, sums, counts } = this;
    const { items, period, fill } = this.options;
    output.setFloat32(this.length, (this.bin + 0.5) * period);
    for (let item = 0, at = this.length + 4; item < items; item++, at += 4) {
      const count = counts[item] as number;
      output.setFloat32(at, count === 0 ? fill : (sums[item] as number) / count);
    }
    this.length += this.size;
    this.bin = Number.NaN;
    sums.fill(0);
    counts.fill(0);
  }
}

export const das1BinAvg: FilterProgram = {
  name: NAME,
  usageStatus: 100,
  input: 'a plain das1 stream',
  help: `Usage: ${NAME} ITEMS PERIOD [FILL]

Averages a plain das1 stream: records of big-endian 4-byte reals, each an offset followed by ITEMS
values. Bins are PERIOD long in the units of the offset and begin at offset 0. Reads the stream from
standard input and writes the averages, in the same form, to standard output.

  FILL           value that means "no measurement" (default: 0)
  -h, --help     print this text
  -v, --version  print version and commit

Example: two-minute averages of three values

  my_das1_reader 1997-01-01 1997-01-02 | ${NAME} 3 120 1e-32 > averages.d1s
`,
  create(args, sink) {
    const { words } = parseCommandLine(args, { options: {}, words: ['ITEMS', 'PERIOD'], furtherWords: 1 });
    const [items, period, fill] = words as [string, string, string?];
    return createDas1BinAvg(
      {
        items: wholeNumber(items, 'ITEMS', { lowest: 1, highest: MAXIMUM_DAS1_ITEMS }),
        period: positiveNumber(period, 'PERIOD'),
        fill: fill === undefined ? 0 : finiteNumber(fill, 'FILL'),
      },
      sink,
    );
  },
};
