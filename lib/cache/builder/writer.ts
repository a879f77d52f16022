/**
 * Puts one block into the cache: all of it, checked, or nothing (server-internals 2.7, rules 2 and 4).
 *
 *   .<file>.<host>.<process>.<number>.tmp  →  check, fsync, close  →  side file  →  rename, fsync of the folder
 *
 * Contract: `write` never throws; what goes wrong is kept and thrown by `finish`. Then `publishBlocks` (publish.ts), or at any time `discard`,
 * which does no harm behind that.
 */
import { closeSync, existsSync, fsyncSync, renameSync, utimesSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Das2Error } from '../../error.js';
import { BlockCheck, type CheckedStream } from '../block/check.js';
import { Checksum } from '../block/checksum.js';
import { sideName } from '../block/look.js';
import type { BlockRecord } from '../block/record.js';
import { createFile, removeIfThere, replaceFile, temporaryName } from '../safe-files.js';

/** A size that no file has: the block beside such a side file counts as missing. */
const PENDING = -1;

export class BlockWriter {
  bytes = 0;
  private readonly temporary: string;
  private readonly descriptor: number;
  /** Until the end of the stream; a run may have many finished blocks. */
  private check: BlockCheck | undefined;
  private readonly sum = new Checksum();
  private failure: unknown;
  private open = true;
  /** There is no block to be replaced. */
  isNew = false;

  /** `folder` is there; `name` is that of the block file in it. */
  constructor(
    readonly folder: string,
    private readonly name: string,
    private readonly options: { readonly kind: 'das2' | 'qstream'; readonly umask: number },
  ) {
    this.temporary = join(folder, temporaryName(name));
    this.descriptor = createFile(this.temporary, options.umask);
    this.check = new BlockCheck(options.kind);
  }

  /** True once nothing more can be written. */
  get failed(): boolean {
    return this.failure !== undefined;
  }

  /** Of all that has been written. */
  get checksum(): string {
    return this.sum.text();
  }

  write(chunk: Uint8Array): void {
    if (this.failure !== undefined) return;
    try {
      for (let from = 0; from < chunk.length; ) from += writeSync(this.descriptor, chunk, from);
      this.bytes += chunk.length;
      this.sum.add(chunk);
      this.check?.push(chunk);
    } catch (error) {
      this.failure = error;
    }
  }

  /** Throws what went wrong while writing. */
  throwIfFailed(): void {
    if (this.failure === undefined) return;
    const code = (this.failure as NodeJS.ErrnoException).code ?? 'an unknown fault';
    const isFull = code === 'ENOSPC' || code === 'EDQUOT';
    const reason = isFull ? `${code}): there is no room left in CACHE_ROOT` : `${code})`;
    throw new Das2Error('internal', `${this.name} cannot be written (${reason}`, { cause: this.failure });
  }

  /** The end of the stream: what there is in it. From here on all of it is on disk. Throws what went wrong while writing. */
  finish(): CheckedStream {
    this.throwIfFailed();
    if (this.check === undefined) throw new Das2Error('internal', `${this.name} was finished before`);
    const stream = this.check.end();
    this.check = undefined;
    try {
      if (stream.fault === undefined) fsyncSync(this.descriptor);
      this.close();
    } catch (error) {
      this.failure = error;
      this.throwIfFailed();
    }
    return stream;
  }

  /** The first step of `publishBlocks`. */
  announce(record: BlockRecord): void {
    this.isNew = !existsSync(join(this.folder, this.name));
    if (this.isNew) this.writeSide(record);
    // A block without any side file would count as one of an older server, and for ever.
    else if (!existsSync(join(this.folder, sideName(this.name)))) this.writeSide({ ...record, bytes: PENDING });
  }

  /**
   * The second step: the block is there. Its time is that of this moment, not of its last byte, which a long run wrote long ago: the newest
   * time among the blocks of an answer tells clients whether anything has changed since.
   */
  appear(): void {
    const now = new Date();
    utimesSync(this.temporary, now, now);
    renameSync(this.temporary, join(this.folder, this.name));
  }

  /** The third step: what was there before has gone, and its side file with it. */
  conclude(record: BlockRecord): void {
    this.writeSide(record);
  }

  /** Leaves everything as it was. Never throws: locks are let go behind it, and what cannot be removed is swept some day. */
  discard(): void {
    try {
      this.close();
    } catch {
      // A disk that is gone.
    }
    try {
      removeIfThere(this.temporary);
    } catch {
      // The same, or a folder that somebody has replaced.
    }
  }

  private close(): void {
    if (!this.open) return;
    this.open = false;
    closeSync(this.descriptor);
  }

  private writeSide(record: BlockRecord): void {
    replaceFile(this.folder, sideName(this.name), Buffer.from(`${JSON.stringify(record)}\n`), this.options.umask);
  }
}
