/** Reads ZIP archives below 4 GiB with stored entries, from their directory; check sums are verified. */
import { crc32 } from 'node:zlib';

export interface ZipEntry {
  readonly content: Buffer;
  /** Seconds since 1970, from the time stamp that knows no time zone. */
  readonly time: number | undefined;
  readonly method: number;
}

/** The entries by name, in the order of the directory. Throws where it is damaged. */
export function readZip(bytes: Buffer): Map<string, ZipEntry> {
  const end = bytes.length - 22;
  if (bytes.readUInt32LE(end) !== 0x06054b50) throw new Error('no end of the directory');
  const files = new Map<string, ZipEntry>();
  let at = bytes.readUInt32LE(end + 16);
  for (let i = bytes.readUInt16LE(end + 10); i > 0; i--) {
    const [length, extra] = [bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30)];
    const name = bytes.toString('latin1', at + 46, at + 46 + length);
    const local = bytes.readUInt32LE(at + 42);
    const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const content = bytes.subarray(from, from + bytes.readUInt32LE(at + 20));
    if (crc32(content) !== bytes.readUInt32LE(at + 16)) throw new Error(`${name}: check sum`);
    const time = timeOf(bytes.subarray(at + 46 + length, at + 46 + length + extra));
    files.set(name, { content, time, method: bytes.readUInt16LE(at + 10) });
    at += 46 + length + extra + bytes.readUInt16LE(at + 32);
  }
  return files;
}

function timeOf(extra: Buffer): number | undefined {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) === 0x5455) return extra.readUInt32LE(at + 5);
  }
  return undefined;
}
