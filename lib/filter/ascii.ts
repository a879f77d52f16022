/**
 * `das2_ascii`: writes every value of a das2 stream as text (stream-format 13.4); QStreams get their own text form (14.5).
 *
 * Contract: `ascii` is the program with its command line; `createAscii` is the same filter for callers in the process.
 * One record in, one record out, with the same packet id. Which plane becomes what: ascii-plan; the loops: ascii-column.
 */
import { asDas2Error } from '../error.js';
import type { ByteFilter, ByteSink } from '../stream/byte-filter.js';
import type { PacketHeader, StreamHeader } from '../stream/header.js';
import { type Comment, exceptionPacket, type StreamException } from '../stream/message.js';
import { type StreamHandler, StreamReader } from '../stream/stream-reader.js';
import { StreamWriter } from '../stream/stream-writer.js';
import { parseCommandLine, wholeNumber } from './arguments.js';
import { AsciiPacket } from './ascii-packet.js';
import type { AsciiFormat } from './ascii-plan.js';
import { withSourceId } from './bin-stream-header.js';
import type { FilterProgram } from './program.js';
import { dispatchByFirstPacket } from './qstream-dispatch.js';
import { createQStreamText } from './qstream-text.js';

const NAME = 'das2_ascii';

export interface AsciiOptions extends AsciiFormat {
  /** Drop comments and exceptions (`-c`). */
  readonly dropMessages?: boolean;
}

/** The filter behind `das2_ascii`, for das2 streams and QStreams. */
export function createAscii(options: AsciiOptions, sink: ByteSink): ByteFilter {
  return dispatchByFirstPacket(sink, {
    das2: (output) => new AsciiFilter(options, output),
    qstream: (output) => createQStreamText({ ...options, program: NAME }, output),
  });
}

class AsciiFilter implements ByteFilter, StreamHandler {
  private readonly writer: StreamWriter;
  private readonly reader: StreamReader;
  private readonly packets: (AsciiPacket | undefined)[] = new Array(100).fill(undefined);
  private header: StreamHeader | undefined;
  private failed = false;

  constructor(
    private readonly options: AsciiOptions,
    sink: ByteSink,
  ) {
    this.writer = new StreamWriter(sink);
    this.reader = new StreamReader(this);
  }

  push(chunk: Uint8Array): void {
    if (!this.failed) this.guarded(() => this.reader.push(chunk));
  }

  flush(): void {
    if (!this.failed) this.writer.flush();
  }

  end(): void {
    if (this.failed) return;
    this.guarded(() => {
      this.reader.end();
      this.writer.flush();
    });
  }

  streamHeader(header: StreamHeader): void {
    this.header = header;
    this.writer.streamHeader(withSourceId(header, NAME));
  }

  packetHeader(id: number, header: PacketHeader): void {
    const packet = new AsciiPacket(id, header, this.header as StreamHeader, this.options);
    this.writer.packetHeader(id, packet.output);
    this.packets[id] = packet;
  }

  records(
    id: number,
    _header: PacketHeader,
    bytes: Uint8Array,
    view: DataView,
    offset: number,
    count: number,
    stride: number,
  ): void {
    this.packets[id]?.write(this.writer, { bytes, view, offset, count, stride });
  }

  comment(comment: Comment): void {
    if (this.options.dropMessages !== true) this.writer.comment(comment);
  }

  exception(exception: StreamException): void {
    if (this.options.dropMessages !== true) this.writer.exception(exception);
  }

  /** A fault leaves with everything before it written, and says so inside the stream (stream-format 11.4). */
  private guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.failed = true;
      const { writer } = this;
      if (writer.started && !writer.failed) {
        writer.raw(exceptionPacket('ServerError', `${NAME}: ${asDas2Error(error).message}`));
        writer.flush();
      }
      throw error;
    }
  }
}

/** Reads the command line. Throws `usage`. */
export function parseAsciiArguments(args: readonly string[]): AsciiOptions {
  const line = parseCommandLine(args, {
    options: { r: { takes: 'value' }, s: { takes: 'value' }, c: { takes: 'flag' } },
    words: [],
  });
  const digits = line.value('r');
  const decimals = line.value('s');
  return {
    dropMessages: line.has('c'),
    ...(digits === undefined ? {} : { realDigits: wholeNumber(digits, 'option -r', { lowest: 2, highest: 18 }) }),
    ...(decimals === undefined
      ? {}
      : { subsecondDigits: wholeNumber(decimals, 'option -s', { lowest: 0, highest: 9 }) }),
  };
}

export const ascii: FilterProgram = {
  name: NAME,
  usageStatus: 13,
  help: `Usage: ${NAME} [-r DIGITS] [-s DECIMALS] [-c]

Writes the values of a das2 stream as text, so that people can read it and so can programs that know no binary
numbers. Reads the stream from standard input and writes the text form, a das2 stream too, to standard output.
QStreams are written in their own text form.

  -r DIGITS      significant digits of numbers, 2 to 18 (7 for 4-byte reals and 10 for 8-byte reals without it)
  -s DECIMALS    decimals of the second in times, 0 to 9 (3 without it)
  -c             drop comments and exceptions
  -h, --help     print this text
  -v, --version  print the version

Numbers and times that are text already keep their width; ordinal dates become calendar dates.

Example: look at the first records of a stream

  ${NAME} -s 0 < minutes.d2s | head
`,
  create: (args, sink) => createAscii(parseAsciiArguments(args), sink),
};
