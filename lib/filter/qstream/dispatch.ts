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
  private held: PacketBuffer | undefined = new PacketBuffer();
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
    this.held?.append(chunk);
    const family = this.held === undefined ? undefined : familyOf(this.held);
    if (family !== undefined) this.choose(family);
  }

  flush(): void {
    this.chosen?.flush();
  }

  end(): void {
    if (this.chosen === undefined) this.choose('das2');
    this.chosen?.end();
  }

  private choose(family: keyof FamilyFilters): void {
    const held = this.held;
    this.held = undefined;
    // Stays when the filter cannot be made: whoever has thrown ignores further calls.
    this.chosen = IGNORING;
    const filter = this.filters[family](this.sink);
    this.chosen = filter;
    if (held !== undefined && held.length > 0) filter.push(held.bytes.subarray(held.start, held.end));
  }
}

/** The family of the bytes so far; undefined when more are needed. */
function familyOf(held: PacketBuffer): keyof FamilyFilters | undefined {
  const head = String.fromCharCode(...held.bytes.subarray(held.start, held.start + Math.min(held.length, HEAD)));
  if (!'[00]'.startsWith(head.slice(0, 4))) return 'das2';
  if (head.length < HEAD) return undefined;
  if (!/^ *\d+ *$/.test(head.slice(4))) return 'das2';
  const end = HEAD + Number(head.slice(4));
  if (held.length < end) return undefined;
  return isQStreamHeader(held.bytes.subarray(held.start + HEAD, held.start + end)) ? 'qstream' : 'das2';
}
