/**
 * `das2_csv`: delimited text for spreadsheets (stream-format 13.10; RFC 4180 quoting, UTF-8, rows end in LF).
 *
 * Contract: a head row for every packet header, then one row per record, in stream order. Head rows wait for the first record, so that
 * the column with the packet id is there from the start if more than one packet type is defined by then; should another type
 * turn up later, the column begins with the head row of that type. Comments are dropped; an exception ends the output with `exceptionReceived`, but
 * `NoDataInInterval` in a stream without records is no fault.
 */
import { Das2Error } from '../error.js';
import type { ByteFilter, ByteSink } from '../stream/byte-filter.js';
import { type PacketHeader, planeSize, type StreamHeader } from '../stream/header.js';
import type { StreamException } from '../stream/message.js';
import { planeFill } from '../stream/plane-fill.js';
import type { RecordRun } from '../stream/record-run.js';
import { type StreamHandler, StreamReader } from '../stream/stream-reader.js';
import { idText } from '../stream/tag.js';
import { parseCommandLine, wholeNumber } from './arguments.js';
import { type CsvColumn, csvColumn } from './csv-column.js';
import { columnHeads, csvTimeUnits } from './csv-head.js';
import { FaultGuard } from './fault-guard.js';
import type { FilterProgram } from './program.js';
import { TextOutput } from './text-output.js';

const NAME = 'das2_csv';
const NEWLINE = 0x0a;
/** Head rows of one packet type that wait for its first record. */
const MOST_WAITING = 100;
/** Most values of a row: a time and a million. */
const COLUMN_LIMIT = 1_000_001;

export interface CsvOptions {
  /** Significant digits of numbers, 2 to 18; without it 7 for 4-byte and 17 for 8-byte reals. */
  readonly digits?: number | undefined;
  /** Decimals of the second, 0 to 9; 6 without it. */
  readonly decimals?: number | undefined;
  /** One character; `;` without it. */
  readonly delimiter?: string | undefined;
}

/** The filter behind `das2_csv`. */
function createCsv(options: CsvOptions, sink: ByteSink): ByteFilter {
  return new CsvFilter(options, sink);
}

/** One packet type: its columns and its head row. */
interface CsvTable {
  readonly columns: readonly { readonly column: CsvColumn; readonly offset: number }[];
  readonly room: number;
  readonly header: PacketHeader;
  readonly idField: Uint8Array;
}

class CsvFilter implements ByteFilter, StreamHandler {
  private readonly reader = new StreamReader(this, (text) => this.sink.notice?.(text));
  private readonly delimiter: string;
  private readonly delimiterBytes: Uint8Array;
  private readonly tables: (CsvTable | undefined)[] = new Array(100).fill(undefined);
  /** Head rows that wait for the first record. */
  private waiting: CsvTable[] = [];
  private typeCount = 0;
  private header: StreamHeader | undefined;
  private hasRows = false;
  private readonly output: TextOutput;
  private readonly guard = new FaultGuard(() => this.leave());

  constructor(
    private readonly options: CsvOptions,
    private readonly sink: ByteSink,
  ) {
    // One byte in front stays free, see csv-column.ts.
    this.output = new TextOutput(sink, 1);
    this.delimiter = options.delimiter ?? ';';
    this.delimiterBytes = Buffer.from(this.delimiter);
  }

  push(chunk: Uint8Array): void {
    this.guard.run(() => this.reader.push(chunk));
  }

  end(): void {
    this.guard.end(() => {
      this.reader.end();
      this.writeHeads();
      this.output.flush();
    });
  }

  flush(): void {
    this.output.flush();
  }

  streamHeader(header: StreamHeader): void {
    this.header = header;
  }

  packetHeader(id: number, header: PacketHeader): void {
    if (this.tables[id] === undefined) this.typeCount++;
    const table = this.table(id, header, this.header as StreamHeader);
    this.tables[id] = table;
    this.waiting.push(table);
    // Nothing more can change the heads of several types; and a type that is defined over and over must not fill the memory.
    if (this.hasRows || this.typeCount > 1 || this.waiting.length === MOST_WAITING) this.writeHeads();
  }

  records(id: number, { bytes, view, offset, count, stride }: RecordRun): void {
    const { columns, room, idField } = this.tables[id] as CsvTable;
    if (!this.hasRows) this.writeHeads();
    this.hasRows = true;
    const several = this.typeCount > 1;
    const size = this.delimiterBytes.length;
    const { output } = this;
    for (let i = 0, record = offset; i < count; i++, record += stride) {
      if (output.length + room > output.bytes.length) output.makeRoom(room);
      const { bytes: buffer } = output;
      let at = output.length;
      if (several) {
        buffer.set(idField, at);
        at += idField.length;
      }
      for (let c = 0; c < columns.length; c++) {
        const { column, offset: place } = columns[c] as CsvTable['columns'][number];
        at = column.write(bytes, view, record + place, buffer, at);
      }
      // The delimiter behind the last field makes way for the end of the row.
      at -= size;
      buffer[at] = NEWLINE;
      output.length = at + 1;
    }
  }

  comment(): void {}

  exception({ type, message }: StreamException): void {
    if (type === 'NoDataInInterval' && !this.hasRows) return;
    throw new Das2Error('exceptionReceived', `the stream holds an exception: ${type}: ${message}`);
  }

  private table(id: number, header: PacketHeader, stream: StreamHeader): CsvTable {
    const values = header.planes.reduce((sum, { itemCount }) => sum + itemCount, 0);
    if (values > COLUMN_LIMIT) {
      throw new Das2Error('packetTooLarge', `a record of ${values} values is no row, at most ${COLUMN_LIMIT} are`);
    }
    const { digits, decimals = 6 } = this.options;
    let next = 0;
    const columns = header.planes.map((plane) => {
      const offset = next;
      next += planeSize(plane);
      const timeUnits = csvTimeUnits(plane);
      const column = csvColumn({
        encoding: plane.encoding,
        itemCount: plane.itemCount,
        // <x> has no fill of its own; what is no time at all must not print as one.
        fill: planeFill(plane, header, stream),
        timeUnits,
        stopsAtUnreadable: plane.element === 'x',
        digits,
        decimals,
        delimiter: this.delimiterBytes,
      });
      return { column, offset };
    });
    const idField = Buffer.from(`${idText(id)}${this.delimiter}`);
    const room = columns.reduce((sum, { column }) => sum + column.room, idField.length + 32);
    return { columns, room, header, idField };
  }

  private writeHeads(): void {
    for (const { header } of this.waiting) {
      let before = '';
      const write = (head: string): void => {
        this.output.text(`${before}${head}`);
        before = this.delimiter;
      };
      if (this.typeCount > 1) write('packet');
      for (const head of columnHeads(header, this.delimiter)) write(head);
      this.output.text('\n');
    }
    this.waiting = [];
  }

  /** A fault leaves with every row before it written; text has no place to say more (stream-format 11.4). */
  private leave(): void {
    if (this.header !== undefined) this.writeHeads();
    this.output.flush();
  }
}

/** Characters that cannot divide fields: they occur in numbers and times, or end rows. */
const NO_DELIMITER = /["\r\n0-9A-Za-z+\-.:]/;

function delimiterArgument(text: string): string {
  const delimiter = text === '\\t' ? '\t' : text;
  if ([...delimiter].length !== 1 || NO_DELIMITER.test(delimiter)) {
    throw new Das2Error(
      'usage',
      `option -d takes one character that does not occur in numbers, not '${text.slice(0, 20)}'`,
    );
  }
  return delimiter;
}

export const csv: FilterProgram = {
  name: NAME,
  usageStatus: 100,
  help: `Usage: ${NAME} [-r DIGITS] [-s DECIMALS] [-d DELIMITER]

Writes a das2 stream as delimited text for spreadsheets: one row per record, below a row of column
heads. Reads the stream from standard input and writes UTF-8 text to standard output.

  -r DIGITS      significant digits of numbers, 2 to 18 (default: 7 for 4-byte reals, 17 for 8-byte
                 reals)
  -s DECIMALS    decimals of the second in times, 0 to 9 (default: 6)
  -d DELIMITER   one character between the fields, '\\t' for a tab (default: ;)
  -h, --help     print this text
  -v, --version  print version and commit

Fill values are empty fields. Streams with several packet types get the packet id as the first
column.

Example: hourly averages for a spreadsheet that wants commas

  my_reader 2013-001 2013-032 | das2_bin_avgsec 3600 | ${NAME} -d , -s 0 > january.csv
`,
  create(args, sink) {
    const line = parseCommandLine(args, {
      options: { r: { takes: 'value' }, s: { takes: 'value' }, d: { takes: 'value' } },
      words: [],
    });
    const digits = line.value('r');
    const decimals = line.value('s');
    const delimiter = line.value('d');
    return createCsv(
      {
        digits: digits === undefined ? undefined : wholeNumber(digits, 'option -r', { lowest: 2, highest: 18 }),
        decimals: decimals === undefined ? undefined : wholeNumber(decimals, 'option -s', { lowest: 0, highest: 9 }),
        delimiter: delimiter === undefined ? undefined : delimiterArgument(delimiter),
      },
      sink,
    );
  },
};
