/**
 * Push parser of das2 streams: bytes in, headers, messages and runs of records out.
 *
 *     stream  = "[00]" header { "[NN]" header | "[xx]" message | ":NN:" record | CR | LF }
 *     pipe    = "|Sx||N|" | "|Hx|ID|N|" | "|Pd|ID|N|" | "|Cx||N|" | "|Ex||N|"       tags of 2.3, freely mixed (stream-format 10.2)
 *
 * Contract
 * - Chunks are parsed in place. Only a packet that straddles two chunks is copied, so memory depends on the largest packet, never
 *   on the length of the stream. The results do not depend on where chunks end.
 * - Records are handed over in runs (record-run.ts).
 * - A deflated body is inflated on the way (stream-format 9).
 * - Faults throw `Das2Error` from `push` or `end`: codes by stream-format 11.4. There is no search for the next tag. A reader that
 *   has thrown, or whose handler has thrown, ignores everything after that.
 *
 * Rules: stream-format 1, 2, 9, 10.
 */
import { Das2Error } from '../error.js';
import { FAMILY_PREFIX, mayStartStream, refusal, streamFamily } from './family.js';
import { type PacketHeader, recordSize, type StreamHeader } from './header.js';
import { HeaderLimits } from './header-limits.js';
import { das3Error, parseMessage, parsePacketHeader, parseStreamHeader } from './header-parser.js';
import { Inflater } from './inflate.js';
import type { Comment, StreamException } from './message.js';
import { emptyRun, type RecordRun } from './record-run.js';
import { dataTagWord, idText } from './tag.js';
import { type PacketTag, readTag } from './tag-reader.js';

/**
 * What a reader tells its owner, in stream order. A handler may throw; the error leaves `push` or `end` as it is and the reader
 * then ignores everything.
 */
export interface StreamHandler {
  /** Once, first of all. */
  streamHeader(header: StreamHeader): void;
  /** Defines, or defines anew, the records of packet type `id` (1..99). */
  packetHeader(id: number, header: PacketHeader): void;
  /** Records of packet type `id`; the run is valid during the call only. */
  records(id: number, run: RecordRun, header: PacketHeader): void;
  comment(comment: Comment): void;
  exception(exception: StreamException): void;
}

/** `2.2` normally, the others are met in practice (stream-format 3.1). */
const KNOWN_VERSIONS: ReadonlySet<string> = new Set(['2.1', '2.2', '2.3']);

const COLON = 0x3a;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BLANK = 0x20;
const TAB = 0x09;

const NO_TAG = 'bytes that are no packet tag, or a tag with a bad length';

function isSpace(byte: number | undefined): boolean {
  return byte === BLANK || byte === TAB || byte === LINE_FEED || byte === CARRIAGE_RETURN;
}

export class StreamReader {
  private readonly headers: (PacketHeader | undefined)[] = new Array(100).fill(undefined);
  private readonly sizes = new Int32Array(100);
  private started = false;
  private stopped = false;
  /** A blank has been seen between packets: from here on only white space may follow. */
  private trailing = false;
  private inflater: Inflater | undefined;
  /** The packet that is not complete yet. */
  private tail = new Uint8Array(1024);
  private tailLength = 0;
  /** Bytes of the (inflated) stream before the chunk or tail that is being parsed; for messages. */
  private position = 0;
  private readonly limits = new HeaderLimits();
  private runWord = 0;
  private runId = 0;
  private readonly run = emptyRun();
  private readonly tag: PacketTag = { kind: 'data', id: 0, contentOffset: 0, contentLength: 0 };

  /** `notice` takes what people should know about a stream that can be read all the same. */
  constructor(
    private readonly handler: StreamHandler,
    private readonly notice: (text: string) => void = () => {},
  ) {}

  /** Takes the next bytes of the stream; does not look at them again afterwards. */
  push(chunk: Uint8Array): void {
    if (this.stopped) return;
    this.stopped = true;
    if (this.inflater === undefined) this.take(chunk);
    else this.inflater.push(chunk);
    this.stopped = false;
  }

  /** Says that the stream ends here: throws `framing` unless that is at a packet boundary after a stream header. */
  end(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.inflater?.end();
    if (!this.started) {
      const start = this.tail.subarray(0, Math.min(this.tailLength, FAMILY_PREFIX));
      if (!mayStartStream(start)) throw this.framing(refusal(streamFamily(start, 0)), 0);
      const what = this.tailLength + this.position === 0 ? 'is empty' : 'ends inside the stream header';
      throw new Das2Error('framing', `the input ${what}`);
    }
    if (this.tailLength > 0) throw this.framing('the stream ends inside a packet', 0);
  }

  private take(chunk: Uint8Array): void {
    const wasInflating = this.inflater !== undefined;
    let used = 0;
    while (this.tailLength > 0 && used < chunk.length) used = this.completeTail(chunk, used);
    if (!wasInflating && this.inflater !== undefined) {
      this.inflater.push(chunk.subarray(used));
      return;
    }
    if (used === chunk.length) return;
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const base = this.position;
    // Offsets in messages count from the start of the stream.
    this.position = base - used;
    const end = this.parse(chunk, view, used, chunk.length);
    this.position = base + (end - used);
    if (!wasInflating && this.inflater !== undefined) {
      this.inflater.push(chunk.subarray(end));
      return;
    }
    this.keep(chunk, end);
  }

  /** Moves bytes from the chunk behind the tail, as far as the packet there needs them, and parses it when it is whole. */
  private completeTail(chunk: Uint8Array, from: number): number {
    let used = from;
    while (used < chunk.length) {
      const need = this.packetSize(this.tail, 0, this.tailLength);
      const count = Math.min(need - this.tailLength, chunk.length - used);
      this.reserveTail(this.tailLength + count, need);
      this.tail.set(chunk.subarray(used, used + count), this.tailLength);
      this.tailLength += count;
      used += count;
      if (this.tailLength < need) return used;
      if (this.packetSize(this.tail, 0, this.tailLength) > this.tailLength) continue;
      const length = this.tailLength;
      this.parse(this.tail, new DataView(this.tail.buffer), 0, length);
      this.position += length;
      this.tailLength = 0;
      return used;
    }
    return used;
  }

  private keep(chunk: Uint8Array, from: number): void {
    this.reserveTail(chunk.length - from, chunk.length - from);
    this.tail.set(chunk.subarray(from));
    this.tailLength = chunk.length - from;
  }

  /** Makes the tail large enough for what is there, and then for the whole packet if that is not much more than what has come. */
  private reserveTail(atLeast: number, need: number): void {
    if (atLeast <= this.tail.length) return;
    const larger = new Uint8Array(Math.max(atLeast, Math.min(need, atLeast * 2 + 65536)));
    larger.set(this.tail.subarray(0, this.tailLength));
    this.tail = larger;
  }

  /** Parses whole packets and returns where the first incomplete one begins. */
  private parse(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    const { run } = this;
    run.bytes = bytes;
    run.view = view;
    let at = start;
    while (at < end) {
      const first = bytes[at];
      if (this.trailing || (this.started && isSpace(first))) {
        if (!isSpace(first)) throw this.framing('blanks between packets', at);
        if (first !== LINE_FEED && first !== CARRIAGE_RETURN) this.trailing = true;
        at++;
        continue;
      }
      if (first === COLON && this.started) {
        if (end - at < 4) return at;
        const word = view.getUint32(at);
        if (word !== this.runWord) this.selectRun(word, at);
        const id = this.runId;
        const stride = 4 + (this.sizes[id] as number);
        let next = at + stride;
        if (next > end) return at;
        let count = 1;
        while (next + stride <= end && view.getUint32(next) === word) {
          next += stride;
          count++;
        }
        run.offset = at + 4;
        run.count = count;
        run.stride = stride;
        this.handler.records(id, run, this.headers[id] as PacketHeader);
        at = next;
        continue;
      }
      const size = this.packetSize(bytes, at, end);
      if (size > end - at) return at;
      this.packet(bytes, at);
      at += size;
      if (this.inflater !== undefined && this.tag.kind === 'stream') return at;
    }
    return at;
  }

  private selectRun(word: number, at: number): void {
    const id = ((word >>> 16) & 0xff) * 10 + ((word >>> 8) & 0xff) - 0x30 * 11;
    if (id < 1 || id > 99 || dataTagWord(id) !== word) throw this.framing(NO_TAG, at);
    this.definedHeader(id, at);
    this.runWord = word;
    this.runId = id;
  }

  private definedHeader(id: number, at: number): PacketHeader {
    const header = this.headers[id];
    if (header === undefined) throw this.framing(`a data packet of id ${idText(id)} without a packet header`, at);
    return header;
  }

  /** Bytes of the packet at `at` with its tag; or how many are needed to know more, which is more than there are. */
  private packetSize(bytes: Uint8Array, at: number, end: number): number {
    if (!this.started) {
      if (end - at < FAMILY_PREFIX) return FAMILY_PREFIX;
      const family = streamFamily(bytes, at);
      if (family !== 'das2' && family !== 'pipe') throw this.framing(refusal(family), at);
    }
    const { tag } = this;
    const need = readTag(bytes, at, end, tag);
    if (need > 0) return need;
    if (need < 0) {
      const das3 = tag.kind === 'das3';
      throw das3 ? das3Error() : this.framing(NO_TAG, at);
    }
    if (tag.kind === 'data') {
      this.definedHeader(tag.id, at);
      const size = this.sizes[tag.id] as number;
      if (tag.contentLength < 0) tag.contentLength = size;
      if (tag.contentLength !== size) {
        throw this.framing(`a data packet of ${tag.contentLength} bytes where the packet header defines ${size}`, at);
      }
    }
    return tag.contentOffset - at + tag.contentLength;
  }

  /** Handles the whole packet at `at` whose tag has just been read. */
  private packet(bytes: Uint8Array, at: number): void {
    const { kind, id, contentOffset, contentLength } = this.tag;
    const content = bytes.subarray(contentOffset, contentOffset + contentLength);
    switch (kind) {
      case 'stream': {
        if (this.started) throw this.framing('a second stream header', at);
        const header = parseStreamHeader(content);
        this.started = true;
        if (header.compressed) this.inflater = new Inflater((inflated) => this.take(inflated));
        this.checkVersion(header);
        this.handler.streamHeader(header);
        break;
      }
      case 'packet': {
        const header = parsePacketHeader(id, content);
        this.limits.count(id, header, contentLength);
        this.headers[id] = header;
        this.sizes[id] = recordSize(header);
        this.handler.packetHeader(id, header);
        break;
      }
      case 'data':
        // Only pipe tags come here: their length makes each record a run of its own.
        this.run.offset = contentOffset;
        this.run.count = 1;
        this.run.stride = contentLength;
        this.handler.records(id, this.run, this.headers[id] as PacketHeader);
        break;
      default: {
        const message = parseMessage(content);
        if (message?.kind === 'comment') this.handler.comment(message.comment);
        else if (message?.kind === 'exception') this.handler.exception(message.exception);
      }
    }
  }

  private framing(what: string, at: number): Das2Error {
    const offset = this.position + at;
    return new Das2Error('framing', `${what} (at byte ${offset})`, { data: { offset } });
  }

  /** Other versions are read as far as they are alike (stream-format 3.1). */
  private checkVersion({ version }: StreamHeader): void {
    if (version === '' || KNOWN_VERSIONS.has(version)) return;
    this.notice(`the stream says that it is of version ${JSON.stringify(version.slice(0, 40))}; it is read as 2.2`);
  }
}
