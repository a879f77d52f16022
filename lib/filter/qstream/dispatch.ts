/**
 * Chooses between a das2 filter and a QStream filter by the first packet of the input (stream-format 1, 14.5).
 *
 * Contract: bytes are held back until the first packet is complete, or cannot be a QStream header; then they go, with everything
 * that follows, to the filter that was made for them. Anything but a QStream header, broken input included, goes to the das2 filter,
 * which knows what to say about it.
 */
import type { ByteFilter, ByteSink } from '../../stream/byte-filter.js';
import { PacketBuffer } from '../../stream/packet-buffer.js';
import { isQStreamHeader } from '../../stream/qstream/header.js';

export interface FamilyFilters {
  /** Makes the filter of das2 streams. */
  das2(sink: ByteSink): ByteFilter;
  /** Makes the filter of QStreams. */
  qstream(sink: ByteSink): ByteFilter;
}

const IGNORING: ByteFilter = { push() {}, flush() {}, end() {} };

/** Tag and length of a header packet. */
const HEAD = 10;

/** A filter that decides by the first packet which of the two it is. */
export function dispatchByFirstPacket(sink: ByteSink, filters: FamilyFilters): ByteFilter {
  return new Dispatcher(sink, filters);
}

class Dispatcher implements ByteFilter {
  /** Bytes that do not tell yet, once there have been some. */
  private held: PacketBuffer | undefined;
  private chosen: ByteFilter | undefined;

  constructor(
    private readonly sink: ByteSink,
    private readonly filters: FamilyFilters,
  ) {}

  push(chunk: Uint8Array): void {
    if (this.chosen !== undefined) {
      this.chosen.push(chunk);
      return;
    }
    const { held } = this;
    held?.append(chunk);
    const bytes = held === undefined ? chunk : held.bytes.subarray(held.start, held.end);
    const family = familyOf(bytes);
    if (family !== undefined) this.choose(family, bytes);
    else if (held === undefined) {
      this.held = new PacketBuffer();
      this.held.append(chunk);
    }
  }

  flush(): void {
    this.chosen?.flush();
  }

  end(): void {
    const { held } = this;
    if (this.chosen === undefined) this.choose('das2', held?.bytes.subarray(held.start, held.end));
    this.chosen?.end();
  }

  /** `bytes`: all that has come so far. */
  private choose(family: keyof FamilyFilters, bytes?: Uint8Array): void {
    this.held = undefined;
    // Stays when the filter cannot be made: whoever has thrown ignores further calls.
    this.chosen = IGNORING;
    const filter = this.filters[family](this.sink);
    this.chosen = filter;
    if (bytes !== undefined && bytes.length > 0) filter.push(bytes);
  }
}

/** The family of the bytes so far; undefined when more are needed. */
function familyOf(bytes: Uint8Array): keyof FamilyFilters | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, HEAD));
  if (!'[00]'.startsWith(head.slice(0, 4))) return 'das2';
  if (head.length < HEAD) return undefined;
  if (!/^ *\d+ *$/.test(head.slice(4))) return 'das2';
  const end = HEAD + Number(head.slice(4));
  if (bytes.length < end) return undefined;
  return isQStreamHeader(bytes.subarray(HEAD, end)) ? 'qstream' : 'das2';
}
