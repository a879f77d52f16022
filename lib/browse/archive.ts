/**
 * Archives that are written while they are sent (browse-export 9.3): ZIP without compression, and tar with gzip.
 *
 * Contract: entries come one after the other, whole, with their sizes known. Names are relative, of plain characters; nothing leads out of
 * the folder in which an archive is unpacked.
 */

/** One file of an archive. */
export interface ArchiveEntry {
  readonly name: string;
  readonly size: number;
  /** CRC-32 of the content. */
  readonly crc32: number;
  /** Gives the content, in pieces that may be used again once the next one is asked for. */
  content(): Iterable<Uint8Array>;
}

export interface ArchiveWriter {
  add(entry: ArchiveEntry): Promise<void>;
  /** Writes what stands at the end. */
  end(): Promise<void>;
}

/** Takes the bytes; a promise means: wait. */
export type ArchiveSink = (bytes: Uint8Array) => void | Promise<void>;

/** Time that entries carry: a number of seconds since 1970. */
export interface ArchiveOptions {
  readonly time: number;
}

const NAME = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

/** The name, or an error if it could be trouble for whoever unpacks it: our own fault, since names are made of keys. */
export function checkedName(name: string): string {
  if (NAME.test(name) && name.length <= 400) return name;
  throw new Error(`'${name}' is no name for an archive`);
}
