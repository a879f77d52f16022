/**
 * `das1_ascii`: prints a plain das1 stream as lines of text, a time and its values (stream-format 13.9).
 *
 * Contract: a record is an offset in seconds from START followed by the values, all big-endian 4-byte reals. Lines are
 * `YYYY-MM-DDThh:mm:ss.sssZ` and each value as C's `%11.3e` behind a blank.
 */
import type { ByteFilter, ByteSink } from '../stream/byte-filter.js';
import { writeReal } from '../stream/number-text.js';
import { us2000FromTime } from '../stream/time.js';
import { TimeTextWriter } from '../stream/time-text.js';
import { parseCommandLine, timeArgument, wholeNumber } from './arguments.js';
import { createDas1Filter, type Das1Body } from './das1/records.js';
import { MAXIMUM_DAS1_ITEMS } from './das1-bin-avg.js';
import type { FilterProgram } from './program.js';

const NAME = 'das1_ascii';
const OUTPUT_BYTES = 64 * 1024;
/** `time24` without its blank. */
const TIME_BYTES = 23;
/** A blank, then 11 characters. */
const VALUE_BYTES = 12;
/** `ascii11` is `%10.3e` and a blank; what is a character longer has one blank less in front. */
const NUMBER_WIDTH = 11;

export interface Das1AsciiOptions {
  /** Offset 0 in us2000. */
  readonly start: number;
  /** Values per record, the offset not counted. */
  readonly items: number;
}

/** The filter behind `das1_ascii`. */
function createDas1Ascii(options: Das1AsciiOptions, sink: ByteSink): ByteFilter {
  return createDas1Filter(new Das1Ascii(options, sink));
}

class Das1Ascii implements Das1Body {
  readonly size: number;
  private readonly lineSize: number;
  private readonly time = new TimeTextWriter(TIME_BYTES + 1);
  private readonly output: Uint8Array;
  private length = 0;

  constructor(
    private readonly options: Das1AsciiOptions,
    private readonly sink: ByteSink,
  ) {
    this.size = 4 * (options.items + 1);
    this.lineSize = TIME_BYTES + 1 + VALUE_BYTES * options.items + 1;
    this.output = new Uint8Array(Math.max(OUTPUT_BYTES, this.lineSize + 1));
  }

  flush(): void {
    if (this.length === 0) return;
    const bytes = this.output.subarray(0, this.length);
    this.length = 0;
    this.sink.write(bytes);
  }

  finish(): void {}

  add(view: DataView, offset: number, count: number): void {
    const { output } = this;
    const { start, items } = this.options;
    for (let record = 0, at = offset; record < count; record++, at += this.size) {
      // One byte more: the last number has a blank behind it until the newline comes.
      if (this.length + this.lineSize + 1 > output.length) this.flush();
      let to = this.length;
      this.time.writeUs2000(output, to, start + view.getFloat32(at) * 1e6);
      to += TIME_BYTES;
      output[to++] = 0x5a;
      for (let item = 0, place = at + 4; item < items; item++, place += 4) {
        output[to] = 0x20;
        output[to + 1] = 0x20;
        writeReal(output, to + 2, NUMBER_WIDTH, view.getFloat32(place), Number.NaN);
        to += VALUE_BYTES;
      }
      output[to] = 0x0a;
      this.length = to + 1;
    }
  }
}

export const das1Ascii: FilterProgram = {
  name: NAME,
  usageStatus: 100,
  input: 'a plain das1 stream',
  help: `Usage: ${NAME} [-y ITEMS] START

Prints a plain das1 stream as text: one line per record with the time and the values. Reads records
of big-endian 4-byte reals from standard input, each an offset in seconds from START followed by the
values.

  -y ITEMS       values per record (default: 1)
  -h, --help     print this text
  -v, --version  print version and commit

Example:

  my_das1_reader 1997-01-01 1997-01-02 | ${NAME} -y 3 1997-01-01 | head
`,
  create(args, sink) {
    const line = parseCommandLine(args, { options: { y: { takes: 'value' } }, words: ['START'] });
    const items = line.value('y');
    return createDas1Ascii(
      {
        start: us2000FromTime(timeArgument(line.words[0] as string, 'START')),
        items: items === undefined ? 1 : wholeNumber(items, 'option -y', { lowest: 1, highest: MAXIMUM_DAS1_ITEMS }),
      },
      sink,
    );
  },
};
