/**
 * Archives that are written while they are sent (browse-export 9.3): ZIP without compression, and tar with gzip.
 *
 * Contract: entries come one after the other, whole, with their sizes known. Names are relative, of plain characters; nothing leads out of
 * the folder in which an archive is unpacked. No more than a few pieces are in memory, however slow the client is; once it has gone, `add` and `end`
 * come back without having written.
 */
import type { ReplySink } from '../../reply/reply.js';
import type { Lend } from './piece-pool.js';

/** One file of an archive. */
export interface ArchiveEntry {
  readonly name: string;
  /** Bytes that `content` gives, exactly. */
  readonly size: number;
  /** Gives the content in pieces, asked for as they can be sent; in buffers that `lend` gives, or that are not used again. */
  content(lend: Lend): Iterable<Uint8Array>;
}

export interface ArchiveWriter {
  /**
   * Adds a file; settles when all of its content has been taken. Rejects if the content cannot be had; that it is not of its size may be
   * told by the next step.
   */
  add(entry: ArchiveEntry): Promise<void>;
  /** Writes what stands at the end, and settles when everything has been sent. */
  end(): Promise<void>;
}

/** Where the bytes go. */
export type ArchiveSink = Pick<ReplySink, 'write' | 'gone'>;

/** Time that entries carry: a number of seconds since 1970. */
export interface ArchiveOptions {
  readonly time: number;
}

/** Access of all entries: a plain file that everybody may read. */
export const ENTRY_MODE = 0o100644;

const NAME = /^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/;
const LONGEST_NAME = 400;

/** True for a relative path of plain characters that stays below where it begins. */
export function isEntryName(name: string): boolean {
  return NAME.test(name) && name.length <= LONGEST_NAME && !/(?:^|\/)\.{1,2}(?:\/|$)/.test(name);
}

/** The name, or an error if it could be trouble for whoever unpacks it: our own fault, since names are made of keys. */
export function checkedName(name: string): string {
  if (isEntryName(name)) return name;
  throw new Error(`'${name}' is no name for an archive`);
}
