/**
 * `das2_bin_ratesec`: how many records, or how many bytes, a stream has in each bin of seconds (stream-format 13.3).
 *
 * Contract: all packet types count together. One packet type comes out: id 01, x in us2000 at the bin centre, `y` with the count of the
 * bin. Without `-m` everything is written at the end, gaps as 0; with it each bin is written when the stream leaves it, gaps not at
 * all, in flat memory. With `-e` only bins with records are written, as 1.
 *
 * Without `-m` memory is limited too: when there is no room for more bins the lower half of them is written, which is what the end
 * would have written first. A record that comes too late for that is refused.
 */
import { Das2Error } from '../error.js';
import type { ByteFilter, ByteSink } from '../stream/byte-filter.js';
import { parseEncoding } from '../stream/encoding.js';
import { type PacketHeader, type Plane, recordSize, type StreamHeader } from '../stream/header.js';
import type { StreamException } from '../stream/message.js';
import type { RecordRun } from '../stream/record-run.js';
import { StreamWriter } from '../stream/stream-writer.js';
import { parseCommandLine, positiveNumber } from './arguments.js';
import { binBegin, type SecondBins } from './bin/arguments.js';
import { BinCounts, PAGE_BINS, PAGE_LIMIT } from './bin/counts.js';
import { BinGrid } from './bin/grid.js';
import { type RateLabels, ratedStreamHeader, rateLabels, VOLUME_UNITS, type VolumeUnit } from './bin/ratesec-header.js';
import { TimeAxis } from './bin/time-axis.js';
import type { FilterProgram } from './program.js';
import { createStreamFilter, type FilterBody } from './stream-filter.js';

const NAME = 'das2_bin_ratesec';
const OUTPUT_ID = 1;
/** Bins that are held at one time where they follow each other. */
const BIN_LIMIT = PAGE_BINS * PAGE_LIMIT;
/** Rows that a stream may make without `-m`. Two records a century apart must not fill a disk with gaps. */
const ROW_LIMIT = 100_000_000;

export interface BinRatesecOptions extends SecondBins {
  /** Input is in time order: write each bin when it is left (`-m`). */
  readonly monotonic?: boolean;
  /** Write 1 for bins with records instead of a count (`-e`). */
  readonly events?: boolean;
  /** Count bytes of record content in this unit instead of records (`-v`). */
  readonly volume?: VolumeUnit | undefined;
  readonly title?: string | undefined;
  readonly yLabel?: string | undefined;
}

/** The filter behind `das2_bin_ratesec`. `pageLimit`, in pages of `PAGE_BINS` bins, limits what is held without `-m`. */
export function createBinRatesec(options: BinRatesecOptions, sink: ByteSink, pageLimit = PAGE_LIMIT): ByteFilter {
  const writer = new StreamWriter(sink);
  return createStreamFilter(NAME, writer, new RateCounter(options, writer, pageLimit));
}

class RateCounter implements FilterBody {
  private readonly grid: BinGrid;
  private readonly labels: RateLabels;
  private readonly axes: (TimeAxis | undefined)[] = new Array(100).fill(undefined);
  private readonly sizes = new Float64Array(100);
  private readonly counts: BinCounts;
  /** What has been written without `-m`: the first and the last bin. */
  private written: { readonly first: number; last: number } | undefined;
  /** There are more bins than may be written: those without records are left out, and the end is an error. */
  private tooMany: Das2Error | undefined;
  /** The open bin of a monotonic input; NaN if there is none. */
  private bin = Number.NaN;
  private count = 0;
  private headerWritten = false;

  constructor(
    private readonly options: BinRatesecOptions,
    private readonly writer: StreamWriter,
    pageLimit: number,
  ) {
    this.counts = new BinCounts(pageLimit);
    this.grid = BinGrid.ofSeconds(options.seconds, options.begin);
    this.labels = rateLabels(options);
  }

  streamHeader(header: StreamHeader): void {
    this.writer.streamHeader(ratedStreamHeader(header, NAME, this.options, this.labels));
  }

  packetHeader(id: number, header: PacketHeader): void {
    const index = header.planes.findIndex((plane) => plane.element === 'x');
    const x = header.planes[index];
    if (x === undefined) throw new Das2Error('packetHeader', `packet type ${id} has no <x> plane`);
    const offset = recordSize({ ...header, planes: header.planes.slice(0, index) });
    this.axes[id] = new TimeAxis(x, offset, id);
    const { volume } = this.options;
    this.sizes[id] = volume === undefined ? 1 : recordSize(header) / VOLUME_UNITS[volume];
    this.writeHeader();
  }

  records(id: number, run: RecordRun): void {
    const axis = this.axes[id] as TimeAxis;
    const weight = this.sizes[id] as number;
    for (let first = 0, count = 0; first < run.count; first += count) {
      count = axis.read(run, first);
      for (let i = 0; i < count; i++) this.add(axis.times[i] as number, weight);
    }
  }

  comment(): void {}

  exception(exception: StreamException): void {
    this.writer.exception(exception);
  }

  finish(): void {
    if (this.options.monotonic === true) {
      this.close();
      return;
    }
    this.lookAtSpan();
    this.counts.takeAll((bin, count) => this.writeInOrder(bin, count));
    if (this.tooMany !== undefined) throw this.tooMany;
  }

  private add(time: number, weight: number): void {
    if (Number.isNaN(time)) return;
    const { grid } = this;
    if (Number.isNaN(grid.start)) grid.start = time;
    const bin = grid.number(time);
    if (!Number.isSafeInteger(bin)) {
      throw new Das2Error(
        'outputLimit',
        'a record lies too far from the first bin to be counted in bins of this length',
      );
    }
    if (this.options.monotonic !== true) {
      this.hold(bin, weight);
      return;
    }
    if (bin !== this.bin) this.close();
    this.bin = bin;
    this.count += weight;
  }

  /** Adds to a bin of an input in any order. */
  private hold(bin: number, weight: number): void {
    const { counts, written } = this;
    if (written !== undefined && bin <= written.last) {
      throw new Das2Error(
        'outputLimit',
        `a record belongs to a bin that is written already, since ${BIN_LIMIT} bins at most are held; ` +
          'put the input in order, or take a larger BIN_SECONDS',
      );
    }
    if (counts.add(bin, weight)) return;
    this.lookAtSpan();
    if (this.tooMany !== undefined) throw this.tooMany;
    counts.takeLowest((lower, count) => this.writeInOrder(lower, count));
    // Once more, since the bin may be among those that had to go.
    this.hold(bin, weight);
  }

  /** Sees whether all bins up to the last record may be written. */
  private lookAtSpan(): void {
    const range = this.counts.range();
    if (range === undefined || this.options.events === true) return;
    const span = range.last - (this.written?.first ?? range.first) + 1;
    if (span <= ROW_LIMIT) return;
    this.tooMany ??= new Das2Error(
      'outputLimit',
      `${span} bins lie between the first and the last record, at most ${ROW_LIMIT} are written; ` +
        'take a larger BIN_SECONDS, or -m for bins with records only',
    );
  }

  /** Writes a bin of an input in any order, and those without records before it. */
  private writeInOrder(bin: number, count: number): void {
    const { options, written } = this;
    if (options.events !== true && this.tooMany === undefined) {
      for (let empty = (written?.last ?? bin - 1) + 1; empty < bin; empty++) this.write(empty, 0);
    }
    this.write(bin, options.events === true ? 1 : count);
    if (written === undefined) this.written = { first: bin, last: bin };
    else written.last = bin;
  }

  /** Writes the open bin of a monotonic input. */
  private close(): void {
    if (Number.isNaN(this.bin)) return;
    this.write(this.bin, this.options.events === true ? 1 : this.count);
    this.bin = Number.NaN;
    this.count = 0;
  }

  private writeHeader(): void {
    if (this.headerWritten) return;
    this.headerWritten = true;
    const { name, units } = this.labels;
    const plane = (element: 'x' | 'y', rest: Pick<Plane, 'name' | 'encoding' | 'units'>): Plane => ({
      element,
      itemCount: 1,
      attributes: new Map(),
      properties: [],
      ...rest,
    });
    this.writer.packetHeader(OUTPUT_ID, {
      group: undefined,
      properties: [],
      planes: [
        plane('x', { name: '', encoding: parseEncoding('little_endian_real8'), units: 'us2000' }),
        plane('y', { name, encoding: parseEncoding('little_endian_real4'), units }),
      ],
    });
  }

  private write(bin: number, value: number): void {
    const at = this.writer.beginRecord(OUTPUT_ID, 12);
    this.writer.view.setFloat64(at, this.grid.centre(bin), true);
    this.writer.view.setFloat32(at + 8, value, true);
  }
}

export const binRatesec: FilterProgram = {
  name: NAME,
  usageStatus: 100,
  help: `Usage: ${NAME} [-m] [-e] [-v UNITS] [-b BEGIN] [-t TITLE] [-y YLABEL] BIN_SECONDS

Counts the records of a das2 stream, all packet types together, in bins of BIN_SECONDS seconds.
Reads the stream from standard input and writes a stream of one line plot to standard output.

  -m, --monotonic        the input is in time order: write each bin as soon as it is left, and no
                         bins without records. Without -m everything is written at the end, with 0
                         in the gaps.
  -e, --events           write 1 for every bin that has records, and nothing for the others
  -v, --vol-units UNITS  count bytes of data instead of records: bytes, kB (1024), MB or GB (also
                         --volume)
  -b BEGIN               the first bin starts at this time instead of at the first record
  -t TITLE               title of the output
  -y YLABEL              label of the y axis
  -h, --help             print this text
      --version          print version and commit

Example: where does a source have data, hour by hour, in the year 2013?

  my_reader 2013-001 2014-001 | ${NAME} -m -e -b 2013-001 3600 > coverage.d2s
`,
  create(args, sink) {
    const line = parseCommandLine(args, {
      options: {
        monotonic: { takes: 'flag', short: 'm' },
        events: { takes: 'flag', short: 'e' },
        'vol-units': { takes: 'value', short: 'v' },
        volume: { takes: 'value' },
        b: { takes: 'value' },
        t: { takes: 'value' },
        y: { takes: 'value' },
      },
      words: ['BIN_SECONDS'],
    });
    const begin = line.value('b');
    const volume = line.value('vol-units') ?? line.value('volume');
    if (volume !== undefined && !Object.hasOwn(VOLUME_UNITS, volume)) {
      throw new Das2Error('usage', `option -v takes bytes, kB, MB or GB, not '${volume.slice(0, 40)}'`);
    }
    return createBinRatesec(
      {
        seconds: positiveNumber(line.words[0] as string, 'BIN_SECONDS'),
        begin: begin === undefined ? undefined : binBegin(begin),
        monotonic: line.has('monotonic'),
        events: line.has('events'),
        volume: volume as VolumeUnit | undefined,
        title: line.value('t'),
        yLabel: line.value('y'),
      },
      sink,
    );
  },
};
