/**
 * One das2 packet type as a HAPI table: CSV, JSON or binary (server-internals 6.5), or the text table of the old `das2_hapi`
 * (stream-format 13.7). Used by the program and, as a function, by a server.
 *
 * Contract: the first packet type, the one that was asked for, or the one that a server has described becomes the table; types with the same
 * columns are added to it, others are left out. In the HAPI formats times lie inside the range and strictly increase: what does not is dropped and counted. The old form keeps every record
 * inside the range and ends with the first one at END. A packet header that changes the columns behind the first record is a fault: a table
 * cannot follow; so is a packet id that never comes, and a description of nothing. An exception of the input throws `message` (status 20) with its type and text in `data`, after the rows before it.
 */
import { Das2Error } from '../error.js';
import type { ByteFilter, ByteSink } from '../stream/byte-filter.js';
import type { PacketHeader, StreamHeader } from '../stream/header.js';
import type { StreamException } from '../stream/message.js';
import type { RecordRun } from '../stream/record-run.js';
import { type StreamHandler, StreamReader } from '../stream/stream-reader.js';
import { compareTimes, type TimePoint } from '../stream/time.js';
import { FaultGuard } from './fault-guard.js';
import { commentLines, hapiInfo } from './hapi/info.js';
import { type HapiColumn, type HapiParameter, selectColumns } from './hapi/parameters.js';
import type { HapiFormat, RowWriter } from './hapi/row-writer.js';
import { rowWriter } from './hapi/rows.js';
import { type HapiDecimals, hapiTable, oldTable, parametersOf, tableSignature, timePlane } from './hapi/table.js';
import { TableRows } from './hapi/table-rows.js';
import { defaultDecimals, TimeColumnReader, TimeColumnWriter } from './hapi/time.js';
import { TextOutput } from './text-output.js';

export interface HapiOptions {
  /** `table` is the old form. */
  readonly format: HapiFormat | 'table';
  /** Packet id; without it the first one that is defined. */
  readonly packetId?: number | undefined;
  /** All parameters of the table as they were described: types with other columns are left out, and fill is written as told here. */
  readonly table?: readonly HapiParameter[];
  /** Records with begin <= t < end are kept. */
  readonly begin?: TimePoint | undefined;
  readonly end?: TimePoint | undefined;
  /** Parameters by name; none means all. */
  readonly parameters?: readonly string[];
  /**
   * `none`: data alone; `front`: the description in front of them (JSON always has it); `only`: no data; `rows`: nothing but the records,
   * also in JSON, where the caller writes what stands around them.
   */
  readonly header?: 'none' | 'front' | 'only' | 'rows';
  /** HAPI version of the description. */
  readonly version?: string;
  /** What the description says besides its parameters. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** Decimals of the second; without it 3, or more where the stream has them. */
  readonly timeDecimals?: HapiDecimals | undefined;
}

/** A running conversion, with what a server's log wants to know. */
export interface HapiFilter extends ByteFilter {
  readonly rowCount: number;
  /** Records that were left out because their time is not later than that of the row before. */
  readonly droppedCount: number;
  /** Records of packet types with other columns. */
  readonly otherCount: number;
}

/** The conversion of one stream. */
export function createHapi(options: HapiOptions, sink: ByteSink): HapiFilter {
  return new Conversion(options, sink);
}

/** A packet type that belongs to the table. */
interface Source {
  readonly times: TimeColumnReader;
  readonly rows: RowWriter;
}

class Conversion implements HapiFilter, StreamHandler {
  rowCount = 0;
  droppedCount = 0;
  otherCount = 0;
  private readonly reader = new StreamReader(this, (text) => this.sink.notice?.(text));
  private readonly sources: (Source | undefined)[] = new Array(100).fill(undefined);
  private stream: StreamHeader | undefined;
  private readonly seenIds = new Set<number>();
  private signature: string | undefined;
  private parameters: readonly HapiParameter[] = [];
  private chosenId: number | undefined;
  private timeWriter: TimeColumnWriter | undefined;
  private last: TimePoint | undefined;
  private pastEnd = false;
  private readonly output: TextOutput;
  /** A fault leaves with every row before it written. */
  private readonly guard = new FaultGuard(() => this.flush());

  constructor(
    private readonly options: HapiOptions,
    private readonly sink: ByteSink,
  ) {
    this.output = new TextOutput(sink);
  }

  push(chunk: Uint8Array): void {
    this.guard.run(() => this.reader.push(chunk));
  }

  flush(): void {
    this.output.flush();
  }

  end(): void {
    this.guard.end(() => {
      this.reader.end();
      const { format, header = 'none' } = this.options;
      if (this.signature === undefined) this.refuseMissing();
      else if (format === 'json' && (header === 'none' || header === 'front')) this.output.text('\n]}\n');
      this.flush();
    });
  }

  streamHeader(header: StreamHeader): void {
    this.stream = header;
  }

  packetHeader(id: number, header: PacketHeader): void {
    const { options } = this;
    this.seenIds.add(id);
    const isChosen = this.isChosen(id);
    if (!isChosen && this.signature === undefined && options.table === undefined) return;
    // Another type may be no table at all: that is no fault of this one.
    if (!isChosen && timePlane(header) === undefined) return;
    const all = this.columnsOf(header);
    const same = tableSignature(parametersOf(all));
    const wanted = this.signature ?? (options.table === undefined ? same : tableSignature(options.table));
    if (wanted !== same) {
      this.sources[id] = undefined;
      if (!isChosen) return;
      throw new Das2Error(
        'packetHeader',
        `packet type ${id} is defined anew with other planes, which one table cannot hold`,
      );
    }
    if (this.signature === undefined) this.begin(id, all);
    // One table has one description: fill of a later type is written as that of the first.
    const described = this.parameters;
    const told = all.map((column, i) => ({ ...column, parameter: described[i] ?? column.parameter }));
    const columns = selectColumns(told, options.parameters ?? []);
    const time = columns[0] as HapiColumn;
    this.sources[id] = {
      times: new TimeColumnReader(time.plane, time.offset),
      rows:
        options.format === 'table'
          ? new TableRows(columns)
          : rowWriter(options.format, columns, this.timeWriter as TimeColumnWriter),
    };
  }

  /** The type whose columns are the table, if the stream or the caller says which. */
  private isChosen(id: number): boolean {
    const { packetId, table } = this.options;
    if (table !== undefined) return false;
    return packetId === undefined ? this.signature === undefined || id === this.chosenId : id === packetId;
  }

  private columnsOf(header: PacketHeader): HapiColumn[] {
    const { format, timeDecimals } = this.options;
    const stream = this.stream as StreamHeader;
    return format === 'table' ? oldTable(header, stream) : hapiTable(header, stream, timeDecimals);
  }

  /** At the end of a stream without a table: a fault where somebody asked for more than all there is. */
  private refuseMissing(): void {
    const { packetId, header } = this.options;
    const ids = [...this.seenIds].join(', ');
    const has = ids === '' ? 'it has none' : `it has ${ids}`;
    if (packetId !== undefined) {
      throw new Das2Error('packetHeader', `the stream has no packet type ${packetId}; ${has}`);
    }
    if (header === 'only') throw new Das2Error('packetHeader', 'the stream has no packet type to describe');
  }

  records(id: number, { bytes, view, offset, count, stride }: RecordRun): void {
    const source = this.sources[id];
    if (source === undefined) this.otherCount += count;
    if (source === undefined || this.pastEnd || this.options.header === 'only') return;
    const { output } = this;
    for (let i = 0, record = offset; i < count; i++, record += stride) {
      const time = source.times.read(bytes, view, record);
      if (time === undefined) continue;
      const printed = this.rowTime(time);
      if (this.pastEnd) return;
      if (printed === undefined) continue;
      output.makeRoom(source.rows.room + 2);
      if (this.options.format === 'json') output.text(this.rowCount === 0 ? '\n' : ',\n');
      output.length = source.rows.write({ bytes, view, record }, printed, output.bytes, output.length);
      this.rowCount++;
    }
  }

  comment(): void {}

  exception({ type, message }: StreamException): void {
    throw new Das2Error('message', `the stream holds an exception: ${type}: ${message}`, {
      data: { exceptionType: type, exceptionMessage: message },
    });
  }

  /** The time to print, undefined for a record that is left out. Notes the end of the table. */
  private rowTime(time: TimePoint): TimePoint | undefined {
    const { begin, end, format } = this.options;
    if (begin !== undefined && compareTimes(time, begin) < 0) return undefined;
    const isPast = end !== undefined && compareTimes(time, end) >= 0;
    if (format === 'table') {
      this.pastEnd = isPast;
      return isPast ? undefined : time;
    }
    if (isPast) return undefined;
    const printed = (this.timeWriter as TimeColumnWriter).printed(time);
    if (this.last !== undefined && compareTimes(printed, this.last) <= 0) {
      this.droppedCount++;
      return undefined;
    }
    this.last = printed;
    return printed;
  }

  /** The first header of the table: what stands in front of the rows. */
  private begin(id: number, columns: readonly HapiColumn[]): void {
    const { options } = this;
    this.parameters = options.table ?? parametersOf(columns);
    this.signature = tableSignature(this.parameters);
    this.chosenId = id;
    if (options.format !== 'table') {
      const decimals = options.timeDecimals ?? defaultDecimals((columns[0] as HapiColumn).plane);
      this.timeWriter = new TimeColumnWriter(decimals, options);
    }
    const header = options.header ?? 'none';
    if (header === 'rows') return;
    const format = options.format === 'table' ? 'csv' : options.format;
    const { version, facts } = options;
    const info = hapiInfo(parametersOf(selectColumns(columns, options.parameters ?? [])), {
      ...(version === undefined ? {} : { version }),
      ...(facts === undefined ? {} : { facts }),
      ...(header === 'only' ? {} : { format }),
    });
    if (header === 'only') this.output.text(`${JSON.stringify(info, undefined, 1)}\n`);
    else if (options.format === 'json') this.output.text(`${JSON.stringify(info).slice(0, -1)},"data":[`);
    else if (header === 'front') this.output.text(commentLines(info, options.format === 'table' ? '# ' : '#'));
  }
}
