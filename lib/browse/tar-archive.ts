/**
 * tar archives (POSIX ustar; names that do not fit have a pax record in front). The caller compresses.
 */
import {
  type ArchiveEntry,
  type ArchiveOptions,
  type ArchiveSink,
  type ArchiveWriter,
  checkedName,
} from './archive.js';

const BLOCK = 512;
const NAME_LENGTH = 100;
const PREFIX_LENGTH = 155;

/** Writes an archive into the sink. */
export function tarArchive(sink: ArchiveSink, { time }: ArchiveOptions): ArchiveWriter {
  const pad = async (size: number): Promise<void> => {
    const rest = size % BLOCK;
    if (rest > 0) await sink(Buffer.alloc(BLOCK - rest));
  };
  return {
    async add(entry: ArchiveEntry) {
      const name = checkedName(entry.name);
      const parts = splitName(name);
      if (parts === undefined) {
        const record = paxRecord('path', name);
        await sink(header({ name: 'pax', prefix: '', size: record.length, time, type: 'x' }));
        await sink(record);
        await pad(record.length);
      }
      const [prefix, short] = parts ?? ['', name.slice(-NAME_LENGTH)];
      await sink(header({ name: short, prefix, size: entry.size, time, type: '0' }));
      for (const bytes of entry.content()) await sink(bytes);
      await pad(entry.size);
    },
    async end() {
      await sink(Buffer.alloc(2 * BLOCK));
    },
  };
}

/** Prefix and name; undefined where they do not fit. */
function splitName(name: string): [prefix: string, name: string] | undefined {
  if (name.length <= NAME_LENGTH) return ['', name];
  const slash = name.indexOf('/', name.length - NAME_LENGTH - 1);
  return slash < 0 || slash > PREFIX_LENGTH ? undefined : [name.slice(0, slash), name.slice(slash + 1)];
}

function header(facts: {
  readonly name: string;
  readonly prefix: string;
  readonly size: number;
  readonly time: number;
  readonly type: string;
}): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number): void => {
    block.write(
      `${Math.floor(value)
        .toString(8)
        .padStart(length - 1, '0')}\0`,
      at,
      'latin1',
    );
  };
  block.write(facts.name, 0, 'latin1');
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(facts.size, 124, 12);
  octal(facts.time, 136, 12);
  block.write('        ', 148, 'latin1');
  block.write(facts.type, 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  block.write(facts.prefix, 345, 'latin1');
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** `LENGTH KEY=VALUE`, where the length counts itself. */
function paxRecord(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length++;
  return Buffer.from(`${length}${rest}`, 'latin1');
}
