/**
 * Sends the records of a block file into an answer, if its bytes are those that were written.
 *
 * Where all of its records are wanted and nothing but records follows its headers, which the side file tells, the records go on as they
 * lie in the file; else each is looked at. Blocks up to `HELD_BYTES` are read once, larger ones twice: for their checksum and for the client.
 */
import { readSync } from 'node:fs';
import { utf8Text } from '../../bytes.js';
import type { ProducerOutput } from '../../pipeline/running/producer-stage.js';
import { Checksum } from '../block/checksum.js';
import type { OpenBlock } from '../level/find-blocks.js';
import type { BlockMerger, MergeBounds } from './merge-blocks.js';

const HELD_BYTES = 8 * 1024 * 1024;
const SMALL_BYTES = 256 * 1024;
const CHUNK_BYTES = 1024 * 1024;
/** Records that are looked at are handed over in such pieces. */
const SLICE_BYTES = 256 * 1024;

export class BlockSender {
  private buffer: Uint8Array = new Uint8Array(0);
  /** Headers of the block in front, where the next one may leave out the same. */
  private head: string | undefined;
  private isFirst = true;

  constructor(private readonly output: ProducerOutput) {}

  /** What the merger writes to: bytes that lie in the buffer stay there until they have gone. */
  readonly sink = {
    write: (bytes: Uint8Array): void => {
      if (bytes.buffer === this.buffer.buffer) this.output.give(bytes);
      else this.output.write(bytes);
    },
  };

  /** To be called when something else than a block was sent. */
  forget(): void {
    this.head = undefined;
  }

  /** Sends a block; false if nothing was sent because it is damaged. Throws what its stream has against it. */
  async send(block: OpenBlock, merger: BlockMerger, bounds: MergeBounds): Promise<boolean> {
    const { size, content } = block;
    const isHeld = size <= HELD_BYTES;
    this.reserve(isHeld ? size : CHUNK_BYTES);
    if (!this.isIntact(block)) return false;
    merger.begin(bounds);
    const plain = content?.plain;
    if (content !== undefined && plain && merger.takesAll(plain)) {
      if (!isHeld) this.read(block, 0, plain.at);
      await this.sendHead(this.buffer.subarray(0, plain.at), merger);
      // Counted once, with the first of them.
      let records = content.records;
      await this.inParts(block, plain.at, isHeld ? size : CHUNK_BYTES, (part) => {
        merger.pass(part, records);
        records = 0;
      });
    } else {
      this.forget();
      await merger.prepare();
      await this.inParts(block, 0, SLICE_BYTES, (part) => {
        merger.push(part);
        merger.flush();
      });
      if (!this.output.stopped) merger.close();
    }
    if (this.isFirst) merger.flush();
    this.isFirst = false;
    return true;
  }

  private async sendHead(bytes: Uint8Array, merger: BlockMerger): Promise<void> {
    const text = utf8Text(bytes);
    if (this.head === text) return;
    this.head = text;
    // One character a byte, and none that stands for a malformed one: nothing but ASCII.
    if (text.length === bytes.length && !text.includes('\ufffd') && merger.takeHead(text)) return;
    await merger.prepare();
    merger.push(bytes);
    merger.close();
  }

  /** Hands over the bytes of a block from `start` on; waits while nobody takes them. */
  private async inParts(
    block: OpenBlock,
    start: number,
    length: number,
    take: (part: Uint8Array) => void,
  ): Promise<void> {
    const { output, buffer } = this;
    const { size } = block;
    for (let at = start; at < size && !output.stopped; at += length) {
      const part = Math.min(length, size - at);
      take(size <= HELD_BYTES ? buffer.subarray(at, at + part) : this.read(block, at, part));
      while (output.drained !== undefined) await output.drained;
    }
  }

  /** Reads a block that fits, or only looks at all of it; false if it is not what was written. */
  private isIntact(block: OpenBlock): boolean {
    const { size, content } = block;
    const sum = content === undefined ? undefined : new Checksum();
    for (let at = 0; at < size; ) {
      const part = this.read(block, at, Math.min(size - at, this.buffer.length));
      if (part.length === 0) return false;
      at += part.length;
      sum?.add(part);
    }
    return sum === undefined || sum.text() === content?.checksum;
  }

  /** Bytes of a block, at the begin of the buffer; fewer if it ends before. */
  private read({ descriptor }: OpenBlock, at: number, wanted: number): Uint8Array {
    let length = 0;
    while (length < wanted) {
      const count = readSync(descriptor, this.buffer, length, wanted - length, at + length);
      if (count === 0) break;
      length += count;
    }
    return this.buffer.subarray(0, length);
  }

  private reserve(size: number): void {
    if (this.buffer.length >= size) return;
    const length = Math.min(HELD_BYTES, size + (size >>> 2));
    // On a whole word of memory. Large ones are not filled with zeros first; for small ones `Buffer` would have to be loaded.
    this.buffer = length < SMALL_BYTES ? new Uint8Array(length) : Buffer.allocUnsafeSlow(length);
  }
}
