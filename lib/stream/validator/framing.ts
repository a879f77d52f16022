/**
 * Cuts a stream into packets for the validator and reports every fault of the framing (stream-format 1, 2, 9, 10.2).
 *
 * Contract
 * - It goes on after a fault only where the next packet is known: a wrong tag, a wrong length or a record of unknown size stops it
 *   for good (`stopped`), and the rest of the input is ignored.
 * - Memory is that of the largest packet of at most 16 MiB; larger ones are skipped.
 * - Offsets count from the begin of the stream, through a compressed part as if it were not compressed.
 *
 * The readers of the program are tolerant on purpose, so they cannot serve here.
 */
import { isDas2Error } from '../../error.js';
import { FAMILY_PREFIX, refusal, streamFamily } from '../family.js';
import { Inflater } from '../inflate.js';
import { PacketBuffer } from '../packet-buffer.js';
import type { RecordRun } from '../record-run.js';
import { HEADER_LIMIT, idText, RECORD_LIMIT } from '../tag.js';
import { type Findings, type Place, quoted } from './findings.js';

export type DocumentKind = 'stream' | 'packet' | 'message';

export interface PlacedRun extends RecordRun {
  /** Where the first value stands in the stream. */
  readonly streamOffset: number;
}

/** What the packets mean is the business of their visitor. */
export interface PacketVisitor {
  /** Bytes of a record of that id, or why there is no saying. */
  recordSize(id: number): number | string;
  /** True as an answer: all that follows is deflated. */
  document(kind: DocumentKind, id: number, content: Uint8Array, place: Place): boolean;
  records(id: number, run: PlacedRun): void;
  /** A data packet that is not looked into. */
  skipped(id: number, place: Place): void;
}

/** Tag and length of a header packet. */
const HEAD = 10;
/** `[`, `:` and `|`. */
const TAG_STARTS: ReadonlySet<number> = new Set([0x5b, 0x3a, 0x7c]);
/** `|Pd|`, ten digits, `|`, ten digits, `|`. */
const PIPE_TAG = 26;
const PIPE_KINDS: Readonly<Record<string, DocumentKind>> = { Sx: 'stream', Hx: 'packet', Cx: 'message', Ex: 'message' };

export class PacketSplitter {
  /** True after a fault that hides where the next packet begins. */
  stopped = false;
  /** True when that happened before the end of the input. */
  cutShort = false;
  packets = 0;
  private readonly buffer = new PacketBuffer();
  private skip = 0;
  private inflater: Inflater | undefined;
  private bodyHead: number[] | undefined;
  /** White space between packets that has gone by. */
  private white: { readonly offset: number; newlines: boolean } | undefined;
  /** The packet that has just ended, if it was one of data. */
  private lastRecord: { readonly id: number; readonly size: number } | undefined;
  private pipeTagSeen = false;

  constructor(
    private readonly visitor: PacketVisitor,
    private readonly findings: Findings,
  ) {}

  /** Bytes that were looked at, inflated: up to the fault at which checking stopped, or to the end. */
  get bytes(): number {
    return this.buffer.offset + (this.cutShort ? 0 : this.buffer.length);
  }

  push(chunk: Uint8Array): void {
    if (this.stopped) return;
    if (this.inflater !== undefined) this.inflate(chunk);
    else {
      this.buffer.append(chunk);
      this.parse();
    }
  }

  /** Says that the stream ends here. */
  end(): void {
    if (this.stopped) return;
    try {
      this.inflater?.end();
    } catch (error) {
      this.brokenDeflate(error);
    }
    if (this.stopped) return;
    const first = this.buffer.at(0);
    if (first !== undefined && this.skip === 0 && !TAG_STARTS.has(first)) this.unknownTag();
    if (this.stopped) return;
    this.stopped = true;
    const { length, offset } = this.buffer;
    const place = { offset, packet: '' };
    if (length > 0 || this.skip > 0) {
      const message =
        length > 0
          ? `the stream ends ${length} bytes after the begin of a packet`
          : `the stream ends ${this.skip} bytes before the end of a packet`;
      this.findings.add('truncated-packet', place, message);
    } else if (this.packets === 0) this.findings.add('empty-stream', place, 'the input has no packet');
    else if (this.white !== undefined) {
      const message = 'white space behind the last packet';
      this.findings.add('trailing-white-space', { offset: this.white.offset, packet: '' }, message);
      this.findings.add('client-trailing-bytes', { offset: this.white.offset, packet: '' }, message);
    }
  }

  /** Ignores all that follows, where the visitor knows that it cannot be understood. */
  stopHere(): void {
    this.stopped = true;
    this.cutShort = true;
  }

  private parse(): void {
    while (!this.stopped && this.step());
  }

  /** Handles the next packet or run of records; false when more bytes are needed. */
  private step(): boolean {
    const { buffer } = this;
    if (this.skip > 0) {
      const count = Math.min(this.skip, buffer.length);
      buffer.consume(count);
      this.skip -= count;
      return this.skip === 0;
    }
    this.skipWhite();
    const first = buffer.at(0);
    if (first === undefined) return false;
    if (this.white !== undefined) this.reportWhite(this.white);
    if (this.stopped) return false;
    if (buffer.length < FAMILY_PREFIX) return false;
    const tag = this.text(0, 4);
    if (/^:\d\d:$/.test(tag) && tag !== ':00:') return this.data(Number(tag.slice(1, 3)));
    const bracket = /^\[(\d\d|[xX][xX])\]$/.exec(tag);
    if (bracket !== null) return this.bracket(bracket[1] ?? '');
    return /^\|[A-Z][a-z]\|$/.test(tag) ? this.pipe(tag.slice(1, 3)) : this.unknownTag();
  }

  private skipWhite(): void {
    const { buffer } = this;
    for (let byte = buffer.at(0); byte !== undefined && isWhite(byte); byte = buffer.at(0)) {
      this.white ??= { offset: buffer.offset, newlines: true };
      if (byte !== 0x0a && byte !== 0x0d) this.white.newlines = false;
      buffer.consume(1);
    }
  }

  private reportWhite({ offset, newlines }: { readonly offset: number; readonly newlines: boolean }): void {
    this.white = undefined;
    if (newlines) this.findings.add('stray-newline', { offset, packet: '' }, 'a newline between two packets');
    else this.stop('unknown-tag', offset, 'blanks where a packet tag is expected');
  }

  private unknownTag(): boolean {
    const { buffer } = this;
    const shown = this.text(0, Math.min(4, buffer.length));
    if (this.packets > 0) {
      const last = this.lastRecord;
      const doubt =
        last === undefined
          ? ''
          : `; by packet header ${idText(last.id)} the record before it has ${last.size} bytes: does the reader write so many?`;
      return this.stop('unknown-tag', buffer.offset, `${quoted(shown)} is no packet tag${doubt}`);
    }
    const family = buffer.length < FAMILY_PREFIX ? 'unknown' : streamFamily(buffer.bytes, buffer.start);
    const reason = family === 'das2' || family === 'pipe' ? 'unknown' : family;
    return this.stop('not-a-stream', buffer.offset, `${refusal(reason)}; it begins with ${quoted(shown)}`);
  }

  private bracket(id: string): boolean {
    const { buffer } = this;
    if (buffer.length < HEAD) return false;
    const place = { offset: buffer.offset, packet: id.toLowerCase() };
    const digits = this.text(4, HEAD);
    const length = /^ *\d+ *$/.test(digits) ? Number(digits) : 0;
    if (length === 0)
      return this.stop('length-field', place.offset, `the length of packet [${id}] is ${quoted(digits)}`, id);
    if (buffer.length < HEAD + length) return false;
    if (!/^\d{6}$/.test(digits)) {
      this.findings.add('length-form', place, `the length is written ${quoted(digits)}, not with six digits`);
    }
    if (id !== place.packet) this.findings.add('message-id', place, `the id is written [${id}]`);
    const message = place.packet === 'xx';
    const kind = message ? 'message' : id === '00' ? 'stream' : 'packet';
    return this.document(kind, message ? 0 : Number(id), HEAD, length, place);
  }

  private pipe(name: string): boolean {
    const { buffer } = this;
    const kind = PIPE_KINDS[name];
    if (kind === undefined && name !== 'Pd') {
      return this.stop('das3-stream', buffer.offset, `|${name}| is a packet of das 3`);
    }
    const text = this.text(0, Math.min(PIPE_TAG, buffer.length));
    const match = /^\|..\|(\d{0,10})\|(\d{1,10})\|/.exec(text);
    if (match === null) {
      if (buffer.length < PIPE_TAG && /^\|..\|\d{0,10}(?:\|\d{0,10})?$/.test(text)) return false;
      return this.unknownTag();
    }
    const id = Number(match[1] ?? '');
    const length = Number(match[2] ?? '');
    const place = { offset: buffer.offset, packet: kind === 'message' ? 'xx' : idText(id) };
    if (length === 0) return this.stop('length-field', place.offset, 'the length of a packet is 0', place.packet);
    const head = match[0].length;
    const numbered = kind === 'packet' || name === 'Pd';
    if (length > (kind === undefined ? RECORD_LIMIT : HEADER_LIMIT)) {
      this.findings.add('packet-too-large', place, `the packet has ${length} bytes`);
      return this.skipOver(head + length);
    }
    if (numbered && (id < 1 || id > 99)) {
      this.findings.add('packet-id', place, `the packet id is ${quoted(match[1] ?? '')}`);
      return this.skipOver(head + length);
    }
    if (buffer.length < head + length) return false;
    if (!this.pipeTagSeen) this.findings.add('client-pipe-tags', place, `the packet has the tag |${name}|`);
    this.pipeTagSeen = true;
    return kind === undefined ? this.pipeData(id, head, length, place) : this.document(kind, id, head, length, place);
  }

  private pipeData(id: number, head: number, length: number, place: Place): boolean {
    const size = this.visitor.recordSize(id);
    if (size === length) return this.run(id, head, length, false);
    this.packets++;
    this.visitor.skipped(id, place);
    if (typeof size === 'string') this.findings.add('undefined-packet', place, size);
    else this.findings.add('pipe-data-length', place, `the packet has ${length} bytes, a record of its id has ${size}`);
    this.buffer.consume(head + length);
    return true;
  }

  private data(id: number): boolean {
    const { buffer } = this;
    const place = { offset: buffer.offset, packet: idText(id) };
    const size = this.visitor.recordSize(id);
    if (typeof size === 'string') return this.stop('undefined-packet', place.offset, size, place.packet);
    if (size <= RECORD_LIMIT) return this.run(id, 4, size, true);
    this.visitor.skipped(id, place);
    return this.skipOver(4 + size);
  }

  /** Leaves a packet out whose end is known. */
  private skipOver(size: number): boolean {
    this.packets++;
    this.skip = size;
    return true;
  }

  /** Hands over one record, or all that are there with the same tag in front. */
  private run(id: number, head: number, size: number, repeat: boolean): boolean {
    const { buffer } = this;
    const { bytes, view, start } = buffer;
    const stride = head + size;
    if (buffer.length < stride) return false;
    const tag = view.getUint32(start);
    let count = 1;
    let end = start + stride;
    while (repeat && end + stride <= buffer.end && view.getUint32(end) === tag) {
      end += stride;
      count++;
    }
    this.packets += count;
    this.lastRecord = { id, size };
    this.visitor.records(id, { bytes, view, offset: start + head, count, stride, streamOffset: buffer.offset + head });
    buffer.consume(count * stride);
    return true;
  }

  private document(kind: DocumentKind, id: number, head: number, length: number, place: Place): boolean {
    const { buffer } = this;
    const from = buffer.start + head;
    const content = buffer.bytes.subarray(from, from + length);
    this.packets++;
    this.lastRecord = undefined;
    const deflated = this.visitor.document(kind, id, content, place);
    buffer.consume(head + length);
    if (!deflated || this.inflater !== undefined) return true;
    this.startInflating();
    return false;
  }

  private startInflating(): void {
    const { buffer } = this;
    const rest = buffer.bytes.slice(buffer.start, buffer.end);
    buffer.end = buffer.start;
    this.bodyHead = [];
    this.inflater = new Inflater((piece) => {
      if (this.stopped) return;
      buffer.append(piece);
      this.parse();
    });
    this.inflate(rest);
  }

  private inflate(chunk: Uint8Array): void {
    this.lookAtWrapper(chunk);
    try {
      this.inflater?.push(chunk);
    } catch (error) {
      this.brokenDeflate(error);
    }
  }

  private brokenDeflate(error: unknown): void {
    if (!isDas2Error(error, 'compression')) throw error;
    if (!this.stopped) this.stop('deflate-broken', this.bytes, error.message);
  }

  private lookAtWrapper(chunk: Uint8Array): void {
    if (this.bodyHead === undefined) return;
    this.bodyHead.push(...chunk.subarray(0, 2 - this.bodyHead.length));
    const [method, flags] = this.bodyHead;
    if (method === undefined || flags === undefined) return;
    this.bodyHead = undefined;
    if ((method & 0x0f) === 8 && (method * 256 + flags) % 31 === 0) return;
    this.findings.add(
      'deflate-raw',
      { offset: this.bytes, packet: '' },
      'the compressed part begins without a zlib header',
    );
  }

  private stop(
    code: 'unknown-tag' | 'not-a-stream' | 'length-field' | 'undefined-packet' | 'das3-stream' | 'deflate-broken',
    offset: number,
    message: string,
    packet = '',
  ): false {
    this.stopHere();
    this.findings.add(code, { offset, packet }, message);
    return false;
  }

  private text(from: number, to: number): string {
    const { bytes, start } = this.buffer;
    return String.fromCharCode(...bytes.subarray(start + from, start + to));
  }
}

function isWhite(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}
