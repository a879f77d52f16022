/**
 * ZIP archives without compression (APPNOTE 6.3.10): entries stored as they are, sizes in front, the directory at the end. For archives below
 * 4 GiB and 65535 entries, which the limits of exports are far below.
 */
import {
  type ArchiveEntry,
  type ArchiveOptions,
  type ArchiveSink,
  type ArchiveWriter,
  checkedName,
} from './archive.js';

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20;
/** Regular file, rw-r--r--, in the upper half; made on UNIX. */
const ATTRIBUTES = 0o100644 * 65_536;
const UNIX = 3 << 8;
const LARGEST = 0xffff_ffff;

interface Placed {
  readonly entry: ArchiveEntry;
  readonly at: number;
}

/** Writes an archive into the sink. */
export function zipArchive(sink: ArchiveSink, { time }: ArchiveOptions): ArchiveWriter {
  const placed: Placed[] = [];
  let position = 0;
  const write = async (bytes: Uint8Array): Promise<void> => {
    position += bytes.length;
    await sink(bytes);
  };
  const stamp = dosTime(time);
  return {
    async add(entry) {
      const name = Buffer.from(checkedName(entry.name), 'latin1');
      if (position + entry.size > LARGEST - 1_000_000) throw new Error('the archive is too large for this form');
      placed.push({ entry, at: position });
      const head = Buffer.alloc(30);
      head.writeUInt32LE(LOCAL, 0);
      head.writeUInt16LE(VERSION, 4);
      common(head, 8, entry, stamp, name.length);
      await write(Buffer.concat([head, name]));
      for (const bytes of entry.content()) await write(bytes);
    },
    async end() {
      const start = position;
      for (const { entry, at } of placed) {
        const name = Buffer.from(entry.name, 'latin1');
        const head = Buffer.alloc(46);
        head.writeUInt32LE(CENTRAL, 0);
        head.writeUInt16LE(VERSION | UNIX, 4);
        head.writeUInt16LE(VERSION, 6);
        common(head, 10, entry, stamp, name.length);
        head.writeUInt32LE(ATTRIBUTES, 38);
        head.writeUInt32LE(at, 42);
        await write(Buffer.concat([head, name]));
      }
      const size = position - start;
      const end = Buffer.alloc(22);
      end.writeUInt32LE(END, 0);
      end.writeUInt16LE(placed.length, 8);
      end.writeUInt16LE(placed.length, 10);
      end.writeUInt32LE(size, 12);
      end.writeUInt32LE(start, 16);
      await write(end);
    },
  };
}

/** Method, time, check sum and sizes, which both heads have. */
function common(head: Buffer, at: number, { crc32, size }: ArchiveEntry, stamp: number, nameLength: number): void {
  head.writeUInt32LE(stamp, at + 2);
  head.writeUInt32LE(crc32 >>> 0, at + 6);
  head.writeUInt32LE(size, at + 10);
  head.writeUInt32LE(size, at + 14);
  head.writeUInt16LE(nameLength, at + 18);
}

/** Date and time in two half words; the form knows no years before 1980. */
function dosTime(seconds: number): number {
  const date = new Date(seconds * 1000);
  const year = Math.max(0, date.getUTCFullYear() - 1980);
  const day = (year << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate();
  const clock = (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1);
  return ((day << 16) | clock) >>> 0;
}
