/**
 * The content digest of a das2 stream, `d2c/1`: the same for the same values, whatever bytes they came in (citation 4.3, 4.4).
 *
 * Contract: a handler of stream-reader.ts. It throws for streams that have no canonical form; whoever drives it then takes the stream as one
 * without a digest. An exception other than "no data" is kept in `fault`: such a stream has no digest either.
 */
import { type PacketHeader, type Plane, planeSize, type StreamHeader } from '../../stream/header.js';
import { isNoData, type StreamException } from '../../stream/message.js';
import { planeFill } from '../../stream/plane-fill.js';
import type { RecordRun } from '../../stream/record-run.js';
import type { StreamHandler } from '../../stream/stream-reader.js';
import { CanonicalHash, type CanonicalStructure } from './canonical-hash.js';
import { structureText, tooLarge } from './canonical-structure.js';
import { type CanonicalPlane, canonicalPlane } from './canonical-values.js';
import { LabelDigest } from './label.js';
import { OrderFreeDigest } from './order-free.js';
import { Span } from './span.js';

/** An index has two bytes. */
const MOST_STRUCTURES = 65535;
/** Characters of all structures: a stream that defines new ones without end must not fill the memory. */
const STRUCTURE_ROOM = 16 * 1024 * 1024;

/** A packet type as it is defined now; its structure is known from its first record on. */
interface PacketType {
  /** Undefined: none of its planes is selected. */
  readonly structure: CanonicalStructure | undefined;
}

export class ContentDigest implements StreamHandler {
  /** The exception that the stream holds, unless it only says that there are no data. */
  fault: StreamException | undefined;
  readonly span = new Span();
  private readonly hash: CanonicalHash;
  private readonly orderFree: OrderFreeDigest;
  private readonly labels = new LabelDigest();
  private readonly indexes = new Map<string, number>();
  private readonly types: (PacketType | undefined)[] = new Array(100).fill(undefined);
  private stream: StreamHeader | undefined;
  private room = STRUCTURE_ROOM;

  /** `planes`: names of those that count besides x; packets that have none of them do not count. Undefined: all do. `checkAt`: see CanonicalHash. */
  constructor(
    private readonly selected?: ReadonlySet<string> | undefined,
    checkAt = 0,
  ) {
    this.hash = new CanonicalHash(checkAt);
    this.orderFree = new OrderFreeDigest(this.hash, () => new CanonicalHash());
  }

  /** Data packets so far. */
  get packetCount(): number {
    return this.hash.packetCount;
  }

  streamHeader(header: StreamHeader): void {
    this.stream = header;
    this.labels.add('stream', header.properties);
  }

  packetHeader(id: number): void {
    this.types[id] = undefined;
  }

  records(id: number, run: RecordRun, header: PacketHeader): void {
    let type = this.types[id];
    if (type === undefined) {
      type = { structure: this.structureOf(header) };
      this.types[id] = type;
    }
    if (type.structure === undefined) return;
    this.hash.records(type.structure, run);
    this.orderFree.records(type.structure, run);
    this.span.records(header, run);
  }

  comment(): void {}

  exception(exception: StreamException): void {
    if (!isNoData(exception.type)) this.fault ??= exception;
  }

  /** The digests of the stream that has ended. */
  finish(): {
    readonly d2c1: string;
    readonly orderFree: string | undefined;
    readonly m: string | undefined;
    readonly atCheck: string | undefined;
  } {
    return {
      d2c1: this.hash.finish(),
      orderFree: this.orderFree.finish(),
      m: this.labels.finish(),
      atCheck: this.hash.atCheck,
    };
  }

  private structureOf(header: PacketHeader): CanonicalStructure | undefined {
    const { selected } = this;
    const counts = ({ element, name }: Plane): boolean =>
      element === 'x' || selected === undefined || selected.has(name ?? '');
    if (selected !== undefined && !header.planes.some((plane) => plane.element !== 'x' && counts(plane)))
      return undefined;
    const text = structureText({ ...header, planes: header.planes.filter(counts) }, STRUCTURE_ROOM);
    let index = this.indexes.get(text);
    if (index === undefined) {
      index = this.indexes.size + 1;
      this.room -= text.length;
      if (index > MOST_STRUCTURES || this.room < 0) throw tooLarge();
      this.indexes.set(text, index);
      this.orderFree.structure(index, text);
      this.hash.structure(text);
    }
    this.addLabels(index, header);
    let offset = 0;
    let valueBytes = 0;
    const planes: CanonicalPlane[] = [];
    for (const plane of header.planes) {
      if (counts(plane)) {
        const fill = plane.element === 'x' ? Number.NaN : planeFill(plane, header, this.stream as StreamHeader);
        const column = canonicalPlane(plane, offset, fill);
        valueBytes += plane.itemCount * column.width;
        planes.push(column);
      }
      offset += planeSize(plane);
    }
    return { index, planes, valueBytes };
  }

  private addLabels(index: number, header: PacketHeader): void {
    this.labels.add(`${index}`, header.properties);
    for (const [at, plane] of header.planes.entries()) this.labels.add(`${index}/${at + 1}`, plane.properties);
  }
}
