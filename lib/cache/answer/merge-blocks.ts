/**
 * Makes one das2 stream of the files of a cache level: a header, the records of a time range, nothing twice (stream-format 13.8).
 *
 * Contract: `file` is called for each block in time order with its chunks, then `end` once. The stream header is made from the first
 * file's, files that have no properties and no packets aside; a packet header is written when its id is new, or with the first record for
 * which it means something else than before (a definition without records would part the bins of a reducer behind us); records are copied
 * byte for byte if their x lies in [begin, end). Comments in files are dropped, exceptions ignored (those of a live part are handed on). A
 * stream without any record ends with the exception `NoDataInInterval`. A damaged file throws, after what came before it has gone to the sink.
 */
import { datumText } from '../../filter/print-number.js';
import type { CacheLevel } from '../../source/cache-level.js';
import type { ByteSink } from '../../stream/byte-filter.js';
import { type PropertyLine, propertyLine, streamHeaderOfLines } from '../../stream/header-lines.js';
import type { StreamException } from '../../stream/message.js';
import { type Property, SOURCE_ID, sourceId } from '../../stream/properties.js';
import { StreamWriter } from '../../stream/stream-writer.js';
import { formatTime, type TimePoint, us2000FromTime } from '../../stream/time.js';
import type { PartCutter, PartTaker } from './cut-part.js';
import { plainHead } from './plain-head.js';

/** Runs of records of this length are handed on as they are; headers and shorter ones are gathered. */
const SHORTEST_RUN_BYTES = 8192;

export interface MergeOptions {
  readonly program: string;
  readonly level: Pick<CacheLevel, 'seconds' | 'directory'>;
  /** Records with begin <= x < end are sent. */
  readonly begin: TimePoint;
  readonly end: TimePoint;
  /** The range as the client wrote it, for `xCacheRange`: `BEGIN to END`. */
  readonly rangeText: string;
  /**
   * The stream stands in for one of a reader, in front of the reducer of a level: its header is left as it is in the first file, and a definition
   * that comes again between records of its type in a file is written again, because it parts bins there (stream-format 12.2).
   */
  readonly plain?: boolean;
}

/** Part of the time axis that a block or a run of the reader answers for. */
export interface MergeBounds {
  readonly begin: TimePoint;
  readonly end: TimePoint;
}

export class BlockMerger implements PartTaker {
  /** Takes the records of parts that are cut. */
  readonly writer: StreamWriter;
  private beginUs2000: number;
  private endUs2000: number;
  private part: PartCutter | undefined;
  private isLive = false;
  /** An exception that the client must see has gone out. */
  private raised = false;
  /** Text of the definition last written, per packet id. */
  private readonly written = new Map<number, string>();
  /** Definitions to be written with the next record of their packet type. */
  private readonly waiting = new Map<number, string>();
  /** Packet types of which the part has sent a record. */
  private readonly begun = new Set<number>();
  /** Packet types that the part has defined so far. */
  private readonly defined = new Set<number>();
  private sent = 0;

  /** `cutter` is what reads parts, `PartCutter`; who leaves it out calls `prepare` before the first `push`. */
  constructor(
    private readonly options: MergeOptions,
    sink: ByteSink,
    private cutter?: typeof PartCutter,
  ) {
    this.writer = new StreamWriter(sink, SHORTEST_RUN_BYTES);
    this.beginUs2000 = us2000FromTime(options.begin);
    this.endUs2000 = us2000FromTime(options.end);
  }

  /** Records sent so far. */
  get recordCount(): number {
    return this.sent;
  }

  /** Takes the next block. Throws the stream's fault if it is damaged. */
  file(chunks: Iterable<Uint8Array>, bounds?: MergeBounds): void {
    this.begin(bounds);
    for (const chunk of chunks) this.push(chunk);
    this.close();
  }

  /**
   * Begins the next part, whose chunks follow by `push`, and which `close` ends. Of a part with bounds only the records inside them are
   * sent. A `live` part comes from a reader just now: what it has to say to the client is handed on.
   */
  begin(bounds?: MergeBounds, live = false): void {
    const { begin, end } = this.options;
    this.beginUs2000 = us2000FromTime(begin);
    this.endUs2000 = us2000FromTime(end);
    if (bounds !== undefined) {
      this.beginUs2000 = Math.max(this.beginUs2000, us2000FromTime(bounds.begin));
      this.endUs2000 = Math.min(this.endUs2000, us2000FromTime(bounds.end));
    }
    this.isLive = live;
    this.part = undefined;
    this.begun.clear();
    this.defined.clear();
  }

  /** Loads what reads parts. Blocks that are sent whole need none of it, and it is half of what a hit would have to load. */
  async prepare(): Promise<void> {
    this.cutter ??= (await import('./cut-part.js')).PartCutter;
  }

  push(chunk: Uint8Array): void {
    this.guard(() => this.openPart().push(chunk));
  }

  close(): void {
    this.guard(() => this.openPart().end());
    this.part = undefined;
  }

  private openPart(): PartCutter {
    if (this.cutter === undefined) throw new Error('parts can be read when prepare has ended');
    const { beginUs2000, endUs2000 } = this;
    this.part ??= new this.cutter(this, { beginUs2000, endUs2000 });
    return this.part;
  }

  /**
   * Takes the headers in front of a part's records, in place of `push` and `close`, if they are in the form in which we write them; false if
   * they have to be read. In the first steps of a process reading and writing them again takes longer than all the rest of a hit.
   */
  takeHead(text: string): boolean {
    if (this.options.plain) return false;
    const head = plainHead(text);
    if (head === undefined) return false;
    this.guard(() => {
      this.streamHeader(head.properties);
      for (const { id, content } of head.packets) this.packetHeader(id, content);
    });
    return true;
  }

  /** True if all records of a part between these times, in us2000, are sent. To be asked behind `begin`. */
  takesAll({ first, last }: { readonly first: number; readonly last: number }): boolean {
    return first >= this.beginUs2000 && last < this.endUs2000;
  }

  /** `count` records of the part, in place of `push`: whole packets, all of them sent. Behind all headers of the part, and in front of `close`. */
  pass(bytes: Uint8Array, count: number): void {
    this.sent += count;
    this.guard(() => {
      for (const id of this.defined) this.define(id);
      this.defined.clear();
      this.writer.raw(bytes);
    });
  }

  private guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.flush();
      throw error;
    }
  }

  flush(): void {
    this.writer.flush();
  }

  /** The end where a block is damaged, for a program: what came before it is kept, and the stream says what broke (stream-format 11.4). */
  fault(error: unknown): void {
    this.writer.fault(this.options.program, error);
  }

  /** The end of the last block. */
  end(): void {
    this.startBare();
    if (this.sent === 0 && !this.raised) {
      const { begin, end, level } = this.options;
      const [from, to] = [begin, end].map((time) => formatTime(time, { decimals: 6 }));
      const resolution = level.seconds === 0 ? 'native' : resolutionWords(level.directory);
      const message = `No data in the interval ${from} to ${to} at ${resolution} resolution`;
      this.writer.exception({ type: 'NoDataInInterval', message });
    }
    this.flush();
  }

  /** The properties of a part's stream header. A block without any may be an empty one, and knows nothing of the source. */
  streamHeader(lines: readonly PropertyLine[]): void {
    if (!this.writer.started && lines.length > 0) this.start(lines);
  }

  /** Writes a header of our own if none has come so far: packets follow. */
  startBare(): void {
    if (!this.writer.started) this.start([]);
  }

  private start(lines: readonly PropertyLine[]): void {
    this.writer.headerText(0, streamHeaderOfLines(this.options.plain ? lines : this.headerLines(lines)));
  }

  /** A definition of a part, in the canonical form. */
  packetHeader(id: number, content: string): void {
    this.startBare();
    this.defined.add(id);
    const before = this.written.get(id);
    this.waiting.delete(id);
    const partsBins = this.options.plain && this.begun.has(id);
    if (content === before && !partsBins) return;
    this.waiting.set(id, content);
    if (before === undefined) this.define(id);
  }

  /** So many records of a packet type of a part are about to be sent. */
  count(id: number, records: number): void {
    this.sent += records;
    this.begun.add(id);
    this.define(id);
  }

  /** Writes a definition that waits for its first record. */
  private define(id: number): void {
    const content = this.waiting.get(id);
    if (content === undefined) return;
    this.waiting.delete(id);
    this.written.set(id, content);
    this.writer.headerText(id, content);
  }

  /** An exception in a part. */
  exception(exception: StreamException): void {
    if (!this.isLive || exception.type === 'NoDataInInterval') return;
    this.startBare();
    this.raised = true;
    this.writer.exception(exception);
  }

  /** The header of the answer, of what the first part's says. */
  private headerLines(first: readonly PropertyLine[]): PropertyLine[] {
    const lines: PropertyLine[] = [];
    for (const property of this.ownProperties()) lines.push(propertyLine(property));
    let hasSource = false;
    for (const line of first) {
      if (!this.isReplaced(line.name)) lines.push(line);
      hasSource ||= line.name === SOURCE_ID;
    }
    if (!hasSource) lines.push(propertyLine(sourceId(this.options.program)));
    return lines;
  }

  /** What the answer says of itself. */
  private ownProperties(): Property[] {
    const { rangeText, level } = this.options;
    const properties = [{ type: 'DatumRange', name: 'xCacheRange', value: `${rangeText} UTC` }];
    if (level.seconds > 0) {
      properties.push({ type: 'Datum', name: 'xCacheResolution', value: `${datumText(level.seconds)} s` });
    }
    return properties;
  }

  private isReplaced(name: string): boolean {
    return name === 'xCacheRange' || (name === 'xCacheResolution' && this.options.level.seconds > 0);
  }
}

/** `60 s` of `bin-60s`. */
function resolutionWords(directory: string): string {
  return directory.replace(/^bin-(\d+)(\D+)$/, '$1 $2');
}
