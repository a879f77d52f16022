/**
 * Leaves of a das2 stream the planes that somebody asks for (browse-export 10): x planes stay, the others stay if they are named.
 *
 * Contract: planes keep their order and their bytes. Packet types that have none of the planes are left out, comments and exceptions stay. A name that
 * no packet type has is a fault, `illegalArgument`, at the end of the stream; until all names have been met, up to `MOST_HELD` bytes are held back, so
 * that the fault is mostly told before anything has gone. A stream without packet types, or with an exception, has no such fault.
 */
import { Das2Error } from '../error.js';
import type { ByteFilter, ByteSink } from '../stream/byte-filter.js';
import { isText } from '../stream/encoding.js';
import { type PacketHeader, type Plane, planeSize, recordSize, type StreamHeader } from '../stream/header.js';
import type { Comment, StreamException } from '../stream/message.js';
import type { RecordRun } from '../stream/record-run.js';
import { StreamWriter } from '../stream/stream-writer.js';
import { createStreamFilter, type FilterBody } from './stream-filter.js';

export interface PlaneSelection extends ByteFilter {
  /** What is wrong with the names, once the stream has ended. */
  readonly complaint: string | undefined;
}

const NAME = 'planes';
const MOST_HELD = 256 * 1024;
/** Names that a complaint lists. */
const MOST_LISTED = 20;
/** Fewer bytes are copied sooner than a view of them is made. */
const LONG = 64;
const BLANK = 0x20;
const NEWLINE = 0x0a;

/** The filter; `names`: of planes besides x. */
export function createPlaneSelection(names: readonly string[], sink: ByteSink): PlaneSelection {
  const held = new HoldingSink(sink);
  const writer = new StreamWriter(held);
  const body = new SelectionBody(names, writer, () => held.release());
  const filter = createStreamFilter(NAME, writer, body);
  return {
    push: (chunk) => filter.push(chunk),
    flush: () => {
      if (!held.isHolding) filter.flush();
    },
    end: () => filter.end(),
    get complaint() {
      return body.complaint;
    },
  };
}

/** Holds the first bytes back until it is told to let them go, or until they are many. */
class HoldingSink implements ByteSink {
  #held: Uint8Array[] | undefined = [];
  #bytes = 0;
  readonly tellsFaults?: true;

  constructor(private readonly sink: ByteSink) {
    if (sink.tellsFaults) this.tellsFaults = true;
  }

  get isHolding(): boolean {
    return this.#held !== undefined;
  }

  write(bytes: Uint8Array): void {
    if (this.#held === undefined) {
      this.sink.write(bytes);
      return;
    }
    this.#held.push(new Uint8Array(bytes));
    this.#bytes += bytes.length;
    if (this.#bytes > MOST_HELD) this.release();
  }

  notice(text: string): void {
    this.sink.notice?.(text);
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const bytes of held) this.sink.write(bytes);
  }
}

/** Bytes of a record that stay: of consecutive planes together. */
interface Piece {
  readonly from: number;
  readonly length: number;
}

interface KeptPacket {
  readonly size: number;
  readonly pieces: readonly Piece[];
  readonly endsInText: boolean;
}

class SelectionBody implements FilterBody {
  /** Undefined for packet types without any of the planes. */
  readonly #packets: (KeptPacket | undefined)[] = new Array(100).fill(undefined);
  readonly #wanted: ReadonlySet<string>;
  readonly #missing: Set<string>;
  readonly #met = new Set<string>();
  #hasTypes = false;
  #hasException = false;
  complaint: string | undefined;

  constructor(
    names: readonly string[],
    private readonly writer: StreamWriter,
    private readonly release: () => void,
  ) {
    this.#wanted = new Set(names);
    this.#missing = new Set(names);
  }

  streamHeader(header: StreamHeader): void {
    this.writer.streamHeader({ ...header, version: '2.2', compressed: false });
  }

  packetHeader(id: number, header: PacketHeader): void {
    this.#hasTypes = true;
    for (const { element, name } of header.planes) {
      if (element === 'x' || !name) continue;
      this.#missing.delete(name);
      this.#met.add(name);
    }
    if (this.#missing.size === 0) this.release();
    const planes = header.planes.filter((plane) => this.#isKept(plane));
    this.#packets[id] = undefined;
    if (planes.every(({ element }) => element === 'x')) return;
    const output = { ...header, planes };
    const last = planes.at(-1);
    this.#packets[id] = {
      size: recordSize(output),
      pieces: piecesOf(header.planes, (plane) => this.#isKept(plane)),
      endsInText: last !== undefined && isText(last.encoding),
    };
    this.writer.packetHeader(id, output);
  }

  #isKept({ element, name }: Plane): boolean {
    return element === 'x' || (name !== undefined && this.#wanted.has(name));
  }

  records(id: number, { bytes, offset, stride, count }: RecordRun): void {
    const packet = this.#packets[id];
    if (packet === undefined) return;
    const { size, pieces, endsInText } = packet;
    const { writer } = this;
    for (let i = 0, record = offset; i < count; i++, record += stride) {
      const begin = writer.beginRecord(id, size);
      let to = begin;
      for (const { from, length } of pieces) {
        const at = record + from;
        if (length > LONG) writer.bytes.set(bytes.subarray(at, at + length), to);
        else for (let j = 0; j < length; j++) writer.bytes[to + j] = bytes[at + j] as number;
        to += length;
      }
      // The line end of a text record went with its last plane.
      if (endsInText && writer.bytes[to - 1] === BLANK) writer.bytes[to - 1] = NEWLINE;
    }
  }

  comment(comment: Comment): void {
    this.writer.comment(comment);
  }

  exception(exception: StreamException): void {
    this.#hasException = true;
    this.writer.exception(exception);
  }

  finish(): void {
    if (this.#missing.size > 0 && this.#hasTypes && !this.#hasException) {
      const has = this.#met.size === 0 ? 'its planes have no names' : `it has ${listed(this.#met)}`;
      this.complaint = `planes: there is no plane ${listed(this.#missing)} in this answer; ${has}`;
      throw new Das2Error('illegalArgument', this.complaint);
    }
    this.writer.flush();
    this.release();
  }
}

function piecesOf(planes: readonly Plane[], isKept: (plane: Plane) => boolean): Piece[] {
  const pieces: { from: number; length: number }[] = [];
  let at = 0;
  for (const plane of planes) {
    const length = planeSize(plane);
    const last = pieces.at(-1);
    if (isKept(plane)) {
      if (last !== undefined && last.from + last.length === at) last.length += length;
      else pieces.push({ from: at, length });
    }
    at += length;
  }
  return pieces;
}

function listed(names: ReadonlySet<string>): string {
  const some = [...names].slice(0, MOST_LISTED).map((name) => `'${name}'`);
  return `${some.join(', ')}${names.size > MOST_LISTED ? ', …' : ''}`;
}
