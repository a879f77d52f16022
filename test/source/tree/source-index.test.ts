/** The index of the tree of sources: what it spares, how it follows every change, and that it is made anew when it is lost or damaged. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { resetClock, type Site, settle, site } from './tree-site.js';

t.afterEach(resetClock);

t.test('the list follows every change', async (t) => {
  const changes: [name: string, change: (own: Site) => void, expected: string[]][] = [
    ['edit', (own) => own.write('M/A', "description = 'two'"), ['M/', 'M/A|two', 'M/B']],
    ['edit of the same length', (own) => own.write('M/A', "description = 'oni'"), ['M/', 'M/A|oni', 'M/B']],
    ['add', (own) => own.write('M/C', 'a = 1'), ['M/', 'M/A|one', 'M/B', 'M/C']],
    ['add a folder', (own) => own.write('N/O/P', 'a = 1'), ['M/', 'M/A|one', 'M/B', 'N/', 'N/O/', 'N/O/P']],
    ['remove', (own) => unlinkSync(`${own.folder.path}/datasets/M/B.dsdf`), ['M/', 'M/A|one']],
    ['remove a folder', (own) => rmSync(`${own.folder.path}/datasets/M`, { recursive: true }), []],
    [
      'rename',
      (own) => renameSync(`${own.folder.path}/datasets/M/B.dsdf`, `${own.folder.path}/datasets/M/D.dsdf`),
      ['M/', 'M/A|one', 'M/D'],
    ],
    [
      'rename over',
      (own) => renameSync(`${own.folder.path}/datasets/M/B.dsdf`, `${own.folder.path}/datasets/M/A.dsdf`),
      ['M/', 'M/A'],
    ],
    [
      'rename a folder',
      (own) => renameSync(`${own.folder.path}/datasets/M`, `${own.folder.path}/datasets/K`),
      ['K/', 'K/A|one', 'K/B'],
    ],
    ['a folder described', (own) => own.write('M/_dirinfo_', 'description = m'), ['M/|m', 'M/A|one', 'M/B']],
    ['a folder hidden', (own) => own.write('M/_dirinfo_', 'hidden = 1'), []],
    ['hide', (own) => own.write('M/A', 'hidden = 1'), ['M/', 'M/B']],
    ['touch', (own) => utimesSync(`${own.folder.path}/datasets/M/A.dsdf`, 5, 5), ['M/', 'M/A|one', 'M/B']],
    [
      'an edit that keeps the time',
      (own) => {
        const file = own.write('M/A', "description = 'oni'");
        utimesSync(file, 1_600_000_000, 1_600_000_000);
      },
      ['M/', 'M/A|oni', 'M/B'],
    ],
    ['cut', (own) => truncateSync(`${own.folder.path}/datasets/M/A.dsdf`), ['M/', 'M/A', 'M/B']],
    [
      'a hard link',
      (own) => linkSync(`${own.folder.path}/datasets/M/A.dsdf`, `${own.folder.path}/datasets/M/L.dsdf`),
      ['M/', 'M/A|one', 'M/B', 'M/L|one'],
    ],
  ];
  for (const [name, change, expected] of changes) {
    for (const when of ['at once', 'later'] as const) {
      const own = site(t, { 'M/A': "description = 'one'", 'M/B': 'a = 1' });
      utimesSync(`${own.folder.path}/datasets/M/A.dsdf`, 1_600_000_000, 1_600_000_000);
      if (when === 'later') settle();
      const resident = own.open();
      t.same((await resident.list()).records.length, 3);
      const before = (await resident.list()).version;
      t.same(await own.list(), ['M/', 'M/A|one', 'M/B']);
      change(own);
      t.same(await own.list(), expected, `${name}, ${when}, new process`);
      t.same(
        Buffer.from((await resident.list()).body)
          .toString()
          .split('\r\n')
          .slice(0, -1),
        expected,
        `${name}, ${when}, resident process`,
      );
      t.not((await resident.list()).version, before, `${name}, ${when}: another version`);
      resetClock();
    }
  }
});

t.test('what has not changed is not read again', async (t) => {
  const own = site(t, { 'M/A': 'description = one', 'M/B': 'description = two' });
  settle();
  await own.list();
  // An index that says what no file says, and is right in every other respect.
  const forged = readFileSync(own.indexFile(), 'latin1').replaceAll('one', 'ONE');
  writeFileSync(own.indexFile(), forged, 'latin1');
  t.same(await own.list(), ['M/', 'M/A|ONE', 'M/B|two']);
  own.write('M/B', 'description = three');
  t.same(await own.list(), ['M/', 'M/A|ONE', 'M/B|three']);
  own.write('M/A', 'description = four');
  t.same(await own.list(), ['M/', 'M/A|four', 'M/B|three']);
});

t.test('files just written are looked at again', async (t) => {
  const own = site(t, { A: 'description = one' });
  await own.list();
  const forged = readFileSync(own.indexFile(), 'latin1').replaceAll('one', 'ONE');
  writeFileSync(own.indexFile(), forged, 'latin1');
  t.same(await own.list(), ['A|one'], 'the same tick may hide a change');
});

t.test('a damaged or hostile index is made anew', async (t) => {
  const own = site(t, { 'M/A': 'description = one', 'M/B': 'description = two' });
  settle();
  const expected = await own.list();
  const good = readFileSync(own.indexFile());
  const file = own.indexFile();
  const check = async (name: string): Promise<void> => {
    t.same(await own.list(), expected, name);
    t.same(await own.list(), expected, `${name}, again`);
  };
  const damages: [string, Buffer][] = [
    ['empty', Buffer.alloc(0)],
    ['short', good.subarray(0, 60)],
    ['cut', good.subarray(0, good.length - 8)],
    ['longer', Buffer.concat([good, Buffer.alloc(8)])],
    ['zeros', Buffer.alloc(good.length)],
    ['text', Buffer.from('hello\n'.repeat(50))],
    ['lengths', Buffer.from(good.toString('latin1').replace(/1 \d+ /, '1 999999999 '), 'latin1')],
    ['no rows', Buffer.from(good.toString('latin1').replace(/1 \d+ /, '1 0 '), 'latin1')],
  ];
  for (const [name, bytes] of damages) {
    writeFileSync(file, bytes);
    await check(name);
    t.equal(readFileSync(file).length, good.length, `${name}: replaced`);
  }
  unlinkSync(file);
  const target = own.folder.write('target', 'untouched');
  symlinkSync(target, file);
  await check('a symbolic link');
  t.equal(readFileSync(target, 'utf8'), 'untouched');
  unlinkSync(file);
  execFileSync('mkfifo', [file]);
  await check('a pipe');
  rmSync(file);
  mkdirSync(file);
  await check('a folder');
  rmSync(file, { recursive: true });
  writeFileSync(file, good);
  chmodSync(file, 0o666);
  await check('writable by all');
  await fc.assert(
    fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const bytes = Buffer.from(good);
      bytes[at] = (bytes[at] ?? 0) ^ flip;
      writeFileSync(file, bytes);
      const list = await own.list();
      return list.join() === expected.join();
    }),
  );
});

t.test('without a state folder', async (t) => {
  const own = site(t, { A: 'a = 1' });
  rmSync(join(own.folder.path, 'state'), { recursive: true });
  t.same(await own.list(), ['A']);
  t.ok(existsSync(join(own.folder.path, 'state')), 'a folder that is configured is made');
  t.same(own.warnings, []);
  const nowhere = `STATE_ROOT = ${own.folder.path}/no/where\n`;
  const tree = own.open(nowhere);
  t.equal(Buffer.from((await tree.list()).body).toString(), 'A\r\n');
  t.equal(Buffer.from((await tree.list()).body).toString(), 'A\r\n');
  t.equal(own.warnings.filter((line) => /source index cannot be written/.test(line)).length, 1, 'one line');
  t.notOk(existsSync(`${own.folder.path}/no`));
});

t.test('temporary files left behind are cleared away', async (t) => {
  const own = site(t, { A: 'a = 1' });
  await own.list();
  const old = `${own.indexFile()}.1.2.tmp`;
  const fresh = `${own.indexFile()}.1.3.tmp`;
  for (const file of [old, fresh]) writeFileSync(file, '');
  utimesSync(old, 5, 5);
  own.write('B', 'a = 1');
  await own.list();
  t.notOk(existsSync(old));
  t.ok(existsSync(fresh));
});

t.test('several processes at once', async (t) => {
  const own = site(t, Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`M/S${i}`, `description = ${i}`])));
  const trees = Array.from({ length: 5 }, () => own.open());
  const bodies = new Set(
    await Promise.all(trees.map(async (tree) => Buffer.from((await tree.list()).body).toString())),
  );
  t.equal(bodies.size, 1);
  t.equal(readdirSync(join(own.folder.path, 'state')).length, 1, 'one index, no rubbish');
});
