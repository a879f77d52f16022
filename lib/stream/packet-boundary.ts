/**
 * Follows a stream that is passed through untouched and knows whether it stands at a packet boundary (server-protocol 2.3).
 *
 * Contract
 * - `push` looks at tags and headers only and steps over values, so it costs next to nothing. It changes nothing, keeps no chunk and
 *   never throws: what it cannot follow (das1, a compressed body, damage) makes it `lost` for good, and then nobody may append a packet.
 * - It follows das2, QStream and das 3 framing. For das2 and QStream the size of records comes from the packet headers.
 * - An exception packet may be appended exactly when `mayAppendException`; if `endsWithException`, there is nothing to add.
 */
import { FAMILY_PREFIX, streamFamily } from './family.js';
import { PacketBuffer } from './packet-buffer.js';
import { recordSizeOfHeader } from './record-size.js';
import { dataTagWord, HEADER_LIMIT } from './tag.js';
import { type PacketTag, readTag } from './tag-reader.js';

/** Longest tag: `|Pd|`, two numbers of ten digits. */
const LONGEST_TAG = 26;
const COLON = 0x3a;

export class PacketBoundary {
  /** True when the stream cannot be followed any more. */
  lost = false;
  /** True once a whole stream header has passed. */
  started = false;
  /** True when the last whole packet was an exception. */
  endsWithException = false;
  /** True for das 3 tags: exceptions must then have the form `|Ex||N|`. */
  das3 = false;
  /** Bytes seen. */
  total = 0;

  private readonly sizes = new Int32Array(100).fill(-1);
  /** Values or uninteresting content still to be stepped over. */
  private skip = 0;
  /** A tag or header that is not complete yet, once there has been one. */
  private held: PacketBuffer | undefined;
  /** Bytes of it, from its begin on, without which nothing more can be said. */
  private needed = 0;
  private readonly tag: PacketTag = { kind: 'data', id: 0, contentOffset: 0, contentLength: 0 };

  /** True when every byte so far belongs to a whole packet. Also true before the first byte. */
  get atBoundary(): boolean {
    return !this.lost && this.skip === 0 && (this.held === undefined || this.held.length === 0);
  }

  /** True when an `[xx]` exception packet makes a well-formed stream of what has passed. */
  get mayAppendException(): boolean {
    return this.atBoundary && this.started && !this.das3 && !this.endsWithException;
  }

  push(chunk: Uint8Array): void {
    this.total += chunk.length;
    if (this.lost) return;
    if (this.skip >= chunk.length) {
      this.skip -= chunk.length;
      return;
    }
    const start = this.skip;
    this.skip = 0;
    if (this.held !== undefined && this.held.length > 0) {
      this.pushBehind(this.held, chunk);
      return;
    }
    const rest = this.follow(chunk, start, chunk.length);
    if (rest > chunk.length) this.skip = rest - chunk.length;
    else if (rest < chunk.length && !this.lost) {
      this.held ??= new PacketBuffer();
      this.held.append(chunk.subarray(rest));
    }
  }

  /** Takes a chunk behind an incomplete tag or header. A long header may come in thousands of pieces. */
  private pushBehind(held: PacketBuffer, chunk: Uint8Array): void {
    held.append(chunk);
    if (held.length < this.needed) return;
    const rest = this.follow(held.bytes, held.start, held.end);
    if (rest > held.end) this.skip = rest - held.end;
    held.consume(Math.min(rest, held.end) - held.start);
  }

  /** Steps from packet to packet. Returns where the next one begins (behind the end when values are still to come). */
  private follow(bytes: Uint8Array, start: number, end: number): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = start;
    while (at < end && !this.lost) {
      const first = bytes[at];
      if (this.started && (first === 0x0a || first === 0x0d)) {
        at++;
      } else if (this.started && first === COLON && end - at >= 4) {
        at = this.followRun(bytes, view, at, end);
      } else {
        const next = this.followPacket(bytes, at, end);
        if (next === at) return at;
        at = next;
      }
    }
    return at;
  }

  /** A run of records with the same tag. */
  private followRun(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    const word = view.getUint32(start);
    const id = ((bytes[start + 1] as number) - 0x30) * 10 + (bytes[start + 2] as number) - 0x30;
    const size = id >= 1 && id <= 99 && dataTagWord(id) === word ? (this.sizes[id] as number) : -1;
    if (size < 0) {
      this.lost = true;
      return start;
    }
    this.endsWithException = false;
    const stride = size + 4;
    let at = start + stride;
    while (at + 4 <= end && view.getUint32(at) === word) at += stride;
    return at;
  }

  /** Any other packet. Returns `at` when it is not complete. */
  private followPacket(bytes: Uint8Array, at: number, end: number): number {
    const { tag } = this;
    if (!this.started) {
      if (end - at < FAMILY_PREFIX) return this.wait(at, FAMILY_PREFIX);
      const family = streamFamily(bytes, at);
      if (family !== 'das2' && family !== 'pipe') return this.giveUp(at);
    }
    const need = this.das3 ? readAnyPipeTag(bytes, at, end, tag) : readTag(bytes, at, end, tag);
    if (need > 0) return this.wait(at, need);
    if (need < 0) {
      if (tag.kind !== 'das3' || this.das3) return this.giveUp(at);
      this.das3 = true;
      return this.followPacket(bytes, at, end);
    }
    const { kind, id, contentOffset, contentLength } = tag;
    if (kind === 'data' || this.das3) {
      const size = contentLength < 0 ? (this.sizes[id] as number) : contentLength;
      if (size < 0) return this.giveUp(at);
      this.started = true;
      this.endsWithException = this.das3 && bytes[at + 1] === 0x45;
      return contentOffset + size;
    }
    if (contentLength > HEADER_LIMIT) return this.giveUp(at);
    const next = contentOffset + contentLength;
    if (next > end) return this.wait(at, next - at);
    this.takeHeader(bytes.subarray(contentOffset, next));
    return next;
  }

  /** So many bytes are needed of the packet at `at`. */
  private wait(at: number, needed: number): number {
    this.needed = needed;
    return at;
  }

  private takeHeader(content: Uint8Array): void {
    const { kind, id } = this.tag;
    this.endsWithException = false;
    if (kind === 'message') {
      this.endsWithException = rootName(content) === 'exception';
    } else if (kind === 'stream') {
      this.started = true;
      const text = documentHead(content);
      this.endsWithException = rootName(content) === 'exception';
      if (/\scompression\s*=\s*["']\s*(?:deflate|zlib)/.test(text)) this.lost = true;
      if (/^[^>]*\s(?:version\s*=\s*["']\s*3(?:\.|\s*["'])|type\s*=\s*["']das-basic-stream)/.test(text))
        this.das3 = true;
    } else {
      const size = recordSizeOfHeader(content);
      if (size === undefined) this.lost = true;
      else this.sizes[id] = size;
    }
  }

  private giveUp(at: number): number {
    this.lost = true;
    return at;
  }
}

/** Any `|Tx|ID|LEN|` tag; das 3 has types of its own, all with a length. */
function readAnyPipeTag(bytes: Uint8Array, at: number, end: number, tag: PacketTag): number {
  const text = String.fromCharCode(...bytes.subarray(at, Math.min(end, at + LONGEST_TAG)));
  const match = /^\|[A-Z][a-z]\|\d{0,10}\|(\d{1,10})\|/.exec(text);
  if (match === null) {
    if (end - at < LONGEST_TAG && /^\|?[A-Z]?[a-z]?\|?\d*\|?\d*$/.test(text)) return end - at + 1;
    tag.kind = 'data';
    return -1;
  }
  tag.kind = 'data';
  tag.id = 0;
  tag.contentOffset = at + match[0].length;
  tag.contentLength = Number(match[1]);
  return 0;
}

/** The start tag of the root element, without declarations and comments in front. */
function documentHead(content: Uint8Array): string {
  const text = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('utf8');
  return text.replace(/^(?:\s+|<\?[\s\S]*?\?>|<!--[\s\S]*?-->)*/, '');
}

function rootName(content: Uint8Array): string | undefined {
  return /^<([^\s/>]+)/.exec(documentHead(content))?.[1];
}
