/** The archive writers by themselves: what they write is what other programs read, at the pace of the client, and above 4 GiB. */
import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import t from 'tap';
import type { ArchiveSink, ArchiveWriter } from '../../../lib/browse/archive/entry.js';
import { isEntryName } from '../../../lib/browse/archive/entry.js';
import { tarArchive } from '../../../lib/browse/archive/tar.js';
import { zipArchive } from '../../../lib/browse/archive/zip.js';
import { temporaryFolder } from '../../tools/temporary-folder.js';
import { readZip } from '../read-zip.js';

const TIME = Date.UTC(2020, 5, 1, 12, 30, 44) / 1000;
const WRITERS = { zip: zipArchive, tar: tarArchive };
const LONG = `${'e'.repeat(64)}/${'f'.repeat(64)}/${'g'.repeat(64)}/${'h'.repeat(99)}`;
const FILES: readonly (readonly [name: string, content: string])[] = [
  [`a/${'b'.repeat(60)}/${'c'.repeat(60)}/d`, 'abc'],
  [LONG, 'x'.repeat(100_000)],
  ['empty', ''],
  ['a/.hidden', 'y'],
  ['short', 'abc'],
];

function collector(): ArchiveSink & { readonly parts: Buffer[] } {
  const parts: Buffer[] = [];
  return { parts, gone: false, write: (bytes) => void parts.push(Buffer.from(bytes)) };
}

const add = (archive: ArchiveWriter, name: string, content: string) =>
  archive.add({ name, size: content.length, content: () => (content === '' ? [] : [Buffer.from(content)]) });

const isThere = (program: string): boolean => spawnSync(program, ['--version']).error === undefined;

const PYTHON_ZIP = `
import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
for i in z.infolist(): print(i.filename, i.file_size, i.compress_type, oct(i.external_attr >> 16))
`;
const PYTHON_TAR = `
import sys, tarfile
for i in tarfile.open(sys.argv[1]): print(i.name, i.size, i.mtime, oct(i.mode), i.isfile())
`;

t.test('ZIP archives as other programs read them', async (t) => {
  const sink = collector();
  const archive = zipArchive(sink, { time: TIME });
  for (const [name, content] of FILES) await add(archive, name, content);
  await archive.end();
  const bytes = Buffer.concat(sink.parts);
  t.same(
    [...readZip(bytes)].map(([name, { content, time, method }]) => [name, content.toString(), time, method]),
    FILES.map(([name, content]) => [name, content, TIME, 0]),
  );
  const file = temporaryFolder(t).write('x.zip', bytes);
  if (isThere('unzip')) t.equal(spawnSync('unzip', ['-tqq', file]).status, 0, 'unzip -t');
  if (isThere('python3')) {
    const { stdout } = spawnSync('python3', ['-c', PYTHON_ZIP, file], { encoding: 'utf8' });
    t.equal(stdout, FILES.map(([name, content]) => `${name} ${content.length} 0 0o100644\n`).join(''));
  }
});

t.test('tar archives as other programs read them', async (t) => {
  const sink = collector();
  const archive = tarArchive(sink, { time: TIME });
  for (const [name, content] of FILES) await add(archive, name, content);
  await archive.end();
  const bytes = Buffer.concat(sink.parts);
  const folder = temporaryFolder(t);
  const file = folder.write('x.tar', bytes);
  const listed = spawnSync('tar', ['-tf', file], { encoding: 'utf8' });
  t.equal(listed.stdout, FILES.map(([name]) => `${name}\n`).join(''));
  const dates = spawnSync('tar', ['-tvf', file, '--full-time', 'short'], { encoding: 'utf8', env: { TZ: 'UTC' } });
  t.match(dates.stdout, /^-rw-r--r-- .* 3 2020-06-01 12:30:44 short$/m);
  if (isThere('python3')) {
    const { stdout } = spawnSync('python3', ['-c', PYTHON_TAR, file], { encoding: 'utf8' });
    t.equal(stdout, FILES.map(([name, { length }]) => `${name} ${length} ${TIME} 0o644 True\n`).join(''));
  }
  t.equal(bytes.length % 512, 0);
});

for (const [kind, writer] of Object.entries(WRITERS)) {
  t.test(`${kind}: names that lead elsewhere`, async (t) => {
    const archive = writer(collector(), { time: TIME });
    for (const name of ['../x', 'a/../x', '/x', 'a//x', 'a/', '', '.', 'a b', 'a:b', 'a\\b', 'x'.repeat(401)]) {
      t.notOk(isEntryName(name), name);
      await t.rejects(add(archive, name, ''));
    }
  });

  t.test(`${kind}: content that cannot be had, or is of another size`, async (t) => {
    const broken = writer(collector(), { time: TIME });
    const content = function* () {
      yield Buffer.from('ab');
      throw new Error('the disk is gone');
    };
    await t.rejects(broken.add({ name: 'a', size: 4, content }), /the disk is gone/);
    for (const given of ['abc', 'abcde']) {
      const archive = writer(collector(), { time: TIME });
      const work = async (): Promise<void> => {
        await archive.add({ name: 'a', size: 4, content: () => [Buffer.from(given)] });
        await archive.end();
      };
      await t.rejects(work(), `${given} for four bytes`);
    }
  });

  t.test(`${kind}: as slow as the client`, async (t) => {
    const PIECES = 200;
    let [asked, taken] = [0, 0];
    let ahead = 0;
    const sink: ArchiveSink = {
      gone: false,
      write: async (bytes) => {
        await new Promise((resolve) => setImmediate(resolve));
        taken += bytes.length;
        ahead = Math.max(ahead, asked - taken);
      },
    };
    const archive = writer(sink, { time: TIME });
    const content = function* () {
      for (let i = 0; i < PIECES; i++) {
        asked += 65_536;
        yield Buffer.alloc(65_536);
      }
    };
    await archive.add({ name: 'a', size: PIECES * 65_536, content });
    await archive.end();
    t.ok(taken > PIECES * 65_536);
    t.ok(ahead < 2_000_000, `${ahead} bytes ahead of the client`);
  });

  t.test(`${kind}: buffers that are used again`, async (t) => {
    const PIECES = 300;
    const parts: Buffer[] = [];
    const used = new Set<ArrayBufferLike>();
    const sink: ArchiveSink = {
      gone: false,
      write: async (bytes) => {
        await new Promise((resolve) => setImmediate(resolve));
        parts.push(Buffer.from(bytes));
      },
    };
    const archive = writer(sink, { time: TIME });
    const size = PIECES * 5000;
    const content = function* (lend: (size: number) => Buffer) {
      for (let i = 0; i < PIECES; i++) {
        const piece = lend(5000).fill(i % 251);
        used.add(piece.buffer);
        yield piece;
      }
    };
    await archive.add({ name: 'a', size, content });
    await archive.add({ name: 'b', size, content });
    await archive.end();
    t.ok(used.size < PIECES, `${used.size} buffers for ${2 * PIECES} pieces`);
    const expected = Buffer.concat(Array.from({ length: PIECES }, (_one, i) => Buffer.alloc(5000, i % 251)));
    const bytes = Buffer.concat(parts);
    const tar = () => spawnSync('tar', ['-xOf', '-', 'b'], { input: bytes, maxBuffer: 2 * size }).stdout;
    const found = kind === 'zip' ? readZip(bytes).get('b')?.content : tar();
    t.ok(found?.equals(expected), 'every byte is right');
  });

  t.test(`${kind}: a client that leaves`, async (t) => {
    let isClosed = false;
    let taken = 0;
    const sink = {
      gone: false,
      write: async (bytes: Uint8Array) => {
        taken += bytes.length;
        if (taken > 500_000) sink.gone = true;
      },
    };
    const archive = writer(sink, { time: TIME });
    const content = function* () {
      try {
        for (;;) yield Buffer.alloc(65_536);
      } finally {
        isClosed = true;
      }
    };
    await archive.add({ name: 'endless', size: 2 ** 40, content });
    await new Promise((resolve) => setImmediate(resolve));
    t.ok(isClosed, 'its source is closed');
    const before = taken;
    await add(archive, 'another', 'abc');
    await archive.end();
    t.equal(taken, before);
  });
}

t.test('ZIP archives above 4 GiB', async (t) => {
  // Sums over so many zeros would take long: those of the large pieces are left out, and nobody reads that entry.
  const sums = createRequire(import.meta.url)('buffer-crc32') as { unsigned(bytes: Buffer, before?: number): number };
  const { unsigned } = sums;
  sums.unsigned = (bytes, before) => (bytes.length > 1_000_000 ? 0 : unsigned(bytes, before));
  t.teardown(() => {
    sums.unsigned = unsigned;
  });
  const file = join(temporaryFolder(t).path, 'sparse.zip');
  const descriptor = openSync(file, 'w');
  const zeros = Buffer.alloc(32 << 20);
  let at = 0;
  const sink: ArchiveSink = {
    gone: false,
    // Holes take no space on the disk.
    write: (bytes) => {
      if (bytes.length < 1_000_000) writeSync(descriptor, bytes, 0, bytes.length, at);
      at += bytes.length;
    },
  };
  const PIECES = 140;
  const size = PIECES * zeros.length;
  const archive = zipArchive(sink, { time: TIME });
  await archive.add({ name: 'large', size, content: () => Array.from({ length: PIECES }, () => zeros) });
  await add(archive, 'behind', 'abc');
  await archive.end();
  ftruncateSync(descriptor, at);
  closeSync(descriptor);
  t.ok(size > 2 ** 32);
  if (!isThere('python3')) return t.pass('there is no python3 to read it');
  const script = `import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nprint([(i.filename, i.file_size) for i in z.infolist()], z.read('behind'))`;
  const { stdout } = spawnSync('python3', ['-c', script, file], { encoding: 'utf8' });
  t.equal(stdout, `[('large', ${size}), ('behind', 3)] b'abc'\n`);
  if (isThere('unzip')) t.equal(spawnSync('unzip', ['-tqq', file, 'behind']).status, 0, 'unzip -t');
});
