/**
 * SHA-256 over the frames of the canonical form `d2c/1` (citation 4.3), written through one buffer.
 *
 *     frame = tag (1 byte) length (4 bytes, big-endian) payload
 *     V "d2c/1"   P structure text   D index (2 bytes) values   E number of data packets (8 bytes)
 *
 * Contract: memory does not depend on the length of the stream or of a packet. After `finish` nothing more may be written.
 */
import { createHash, type Hash } from 'node:crypto';
import { utf8Bytes } from '../../bytes.js';
import type { RecordRun } from '../../stream/record-run.js';
import type { CanonicalPlane } from './canonical-values.js';

const FORM = 'd2c/1';
const CAPACITY = 128 * 1024;
/** Tag, length and index of a data frame. */
const DATA_HEAD = 7;
const TWO_32 = 2 ** 32;
const END_FRAME = 13;

/** What is known of a structure once it has been given an index. */
export interface CanonicalStructure {
  readonly index: number;
  readonly planes: readonly CanonicalPlane[];
  /** Bytes of all values of one record. */
  readonly valueBytes: number;
}

/** The buffer of one that has finished, for the next: answers come by the hundred, and one after the other. */
let spare: Uint8Array | undefined;

function takeBuffer(): Uint8Array {
  const buffer = spare ?? new Uint8Array(CAPACITY);
  spare = undefined;
  return buffer;
}

export class CanonicalHash {
  private hash: Hash = createHash('sha256');
  private readonly bytes = takeBuffer();
  private readonly view = new DataView(this.bytes.buffer);
  private length = 0;
  private packets = 0;

  private checked: string | undefined;

  /** `checkAt`: number of packets behind which the digest so far is wanted, too; 0: none. */
  constructor(private readonly checkAt = 0) {
    this.frame('V', FORM);
  }

  /** One that goes on by itself from what has been written so far. */
  copy(): CanonicalHash {
    this.drain();
    const other = new CanonicalHash();
    other.length = 0;
    other.hash = this.hash.copy();
    other.packets = this.packets;
    return other;
  }

  /** Data packets so far. */
  get packetCount(): number {
    return this.packets;
  }

  structure(text: string): void {
    this.frame('P', text);
  }

  /** The digest of the stream as if it had ended behind so many packets; undefined if it did not come so far. */
  get atCheck(): string | undefined {
    return this.checked;
  }

  /** A run of records; every record is a frame. */
  records(structure: CanonicalStructure, run: RecordRun): void {
    const before = this.checkAt - this.packets;
    if (before < 1 || before > run.count) {
      this.frames(structure, run);
      return;
    }
    this.frames(structure, { ...run, count: before });
    this.drain();
    this.checked = this.hash.copy().update(this.endFrame()).digest('hex');
    if (before < run.count) {
      this.frames(structure, { ...run, offset: run.offset + before * run.stride, count: run.count - before });
    }
  }

  private frames(structure: CanonicalStructure, run: RecordRun): void {
    const size = DATA_HEAD + structure.valueBytes;
    this.packets += run.count;
    if (size > CAPACITY) {
      for (let record = 0; record < run.count; record++)
        this.largeRecord(structure, run, run.offset + record * run.stride);
      return;
    }
    for (let done = 0; done < run.count; ) {
      let count = Math.floor((CAPACITY - this.length) / size);
      if (count === 0) {
        this.drain();
        continue;
      }
      count = Math.min(count, run.count - done);
      this.block(structure, run, { offset: run.offset + done * run.stride, count, size });
      done += count;
    }
  }

  /** The digest of a complete stream, 64 hexadecimal digits. */
  finish(): string {
    this.drain();
    const digest = this.hash.update(this.endFrame()).digest('hex');
    // Not before: to ask twice is a fault, and must not hand out a buffer that somebody else has by then.
    spare = this.bytes;
    return digest;
  }

  /** Whole frames that have room in the buffer, plane by plane. */
  private block(
    { index, planes, valueBytes }: CanonicalStructure,
    run: RecordRun,
    { offset, count, size }: { readonly offset: number; readonly count: number; readonly size: number },
  ): void {
    const { bytes, view, length } = this;
    for (let record = 0, at = length; record < count; record++, at += size) {
      bytes[at] = 0x44;
      view.setUint32(at + 1, valueBytes + 2);
      view.setUint16(at + 5, index);
    }
    let at = length + DATA_HEAD;
    for (const column of planes) {
      const items = column.plane.itemCount;
      column.write(run, { offset: offset + column.offset, count, items }, { bytes, view, at, step: size });
      at += items * column.width;
    }
    this.length += count * size;
  }

  /** A frame that is larger than the buffer. */
  private largeRecord({ index, planes, valueBytes }: CanonicalStructure, run: RecordRun, record: number): void {
    this.room(DATA_HEAD);
    this.head('D', valueBytes + 2);
    this.view.setUint16(this.length, index);
    this.length += 2;
    for (const column of planes) {
      const { itemCount, encoding } = column.plane;
      for (let done = 0; done < itemCount; ) {
        const items = Math.min(itemCount - done, Math.floor((CAPACITY - this.length) / column.width));
        if (items === 0) {
          this.drain();
          continue;
        }
        const { bytes, view, length } = this;
        const offset = record + column.offset + done * encoding.width;
        column.write(run, { offset, count: 1, items }, { bytes, view, at: length, step: 0 });
        this.length += items * column.width;
        done += items;
      }
    }
  }

  private endFrame(): Uint8Array {
    const end = new DataView(new ArrayBuffer(END_FRAME));
    end.setUint8(0, 0x45);
    end.setUint32(1, 8);
    end.setUint32(5, Math.floor(this.packets / TWO_32));
    end.setUint32(9, this.packets % TWO_32);
    return new Uint8Array(end.buffer);
  }

  private frame(tag: string, text: string): void {
    const payload = utf8Bytes(text);
    this.room(5);
    this.head(tag, payload.length);
    this.drain();
    this.hash.update(payload);
  }

  private head(tag: string, payload: number): void {
    this.bytes[this.length] = tag.charCodeAt(0);
    this.view.setUint32(this.length + 1, payload);
    this.length += 5;
  }

  private room(count: number): void {
    if (this.length + count > CAPACITY) this.drain();
  }

  private drain(): void {
    if (this.length > 0) this.hash.update(this.bytes.subarray(0, this.length));
    this.length = 0;
  }
}
