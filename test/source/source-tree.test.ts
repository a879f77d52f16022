import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lchownSync,
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
import t, { type Test } from 'tap';
import { Configuration } from '../../lib/conf/configuration.js';
import { errorDetail } from '../../lib/conf/configuration-error.js';
import { folderInfoOf, sourceOf } from '../../lib/source/source-definitions.js';
import { SourceTree } from '../../lib/source/source-tree.js';
import { layOutProtocolFixture } from '../tools/protocol-fixture.js';
import { type TemporaryFolder, temporaryFolder } from '../tools/temporary-folder.js';

const realNow = Date.now;
t.afterEach(() => {
  Date.now = realNow;
});

/** Lets the clock of the process run ahead, so that files just written count as old. */
function settle(): void {
  Date.now = () => realNow() + 60_000;
}

interface Site {
  readonly folder: TemporaryFolder;
  readonly warnings: string[];
  /** Writes a definition. */
  write(id: string, content: string): string;
  /** A tree as a new process would open it. */
  open(settings?: string): SourceTree;
  /** The list as a new process would make it. */
  list(settings?: string): Promise<string[]>;
  indexFile(): string;
}

function site(t: Test, sources: Record<string, string> = {}): Site {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder.path, 'datasets'));
  mkdirSync(join(folder.path, 'state'));
  const warnings: string[] = [];
  const own: Site = {
    folder,
    warnings,
    write: (id, content) => folder.write(`datasets/${id}.dsdf`, content),
    open: (settings = '') =>
      new SourceTree(
        new Configuration(`DSDF_ROOT = ${folder.path}/datasets\nSTATE_ROOT = ${folder.path}/state\n${settings}`, {
          file: `${folder.path}/das2server.conf`,
          prefix: folder.path,
        }),
        (line) => warnings.push(line),
      ),
    list: async (settings) => (await own.open(settings).list()).body.toString().split('\r\n').slice(0, -1),
    indexFile: () => {
      const name = readdirSync(`${folder.path}/state`).find((entry) => /^source-index-[0-9a-f]{16}$/.test(entry));
      return `${folder.path}/state/${name}`;
    },
  };
  for (const [id, content] of Object.entries(sources)) own.write(id, content);
  return own;
}

const LISTED = [
  'Examples/|Example data sources',
  'Examples/Broken|Always fails',
  'Examples/Far|Far away',
  'Examples/Half|Fails late',
  'Examples/Orbit|Orbit',
  'Examples/Qs|Q stream',
  'Examples/Quiet|No output',
  'Examples/Random|Random walk (test)',
  'Examples/Range|Ranged',
  'Examples/Secret|Secret',
  'Examples/Unicode|A & B "µ"',
  'Plain/',
  'Plain/NoDesc',
];

t.test('the conformance site', async (t) => {
  const fixture = layOutProtocolFixture();
  t.teardown(() => fixture.remove());
  const text = readFileSync(fixture.configurationFile, 'utf8');
  const configuration = new Configuration(text, { file: fixture.configurationFile, prefix: fixture.root });
  const tree = new SourceTree(configuration, (line) => t.fail(line));
  t.equal((await tree.list()).body.toString(), LISTED.map((line) => `${line}\r\n`).join(''));
  t.same((await tree.list()).records[0], { path: 'Examples/', isFolder: true, description: 'Example data sources' });
  t.same((await tree.list()).records[12], { path: 'Plain/NoDesc', isFolder: false });
  t.equal(
    (await new SourceTree(configuration).list()).body.toString(),
    (await tree.list()).body.toString(),
    'from the index',
  );
  t.equal(sourceOf(tree, 'Examples/Random').reader?.text, 'stub_rdr fixed');
  t.equal(sourceOf(tree, 'Examples/Hid').description, 'x', 'hidden sources can be reached');
  t.equal(folderInfoOf(tree, 'Examples')?.entries.get('description'), 'Example data sources');
  t.equal(folderInfoOf(tree, 'Plain'), undefined);
  t.equal(folderInfoOf(tree, '../datasets'), undefined);
});

t.test('finding', async (t) => {
  const own = site(t, {
    'A/B': 'reader = x',
    'A/C.DSDF/D': 'x = 1',
    'A/_dirinfo_': 'description = x',
    Top: 'a = 1',
    'X~Y': 'a = 1',
  });
  own.folder.write('datasets/A/Upper.DSDF', 'a = 1');
  own.folder.write('datasets/A/plain', 'a = 1');
  own.folder.write('outside.dsdf', 'a = 1');
  const tree = own.open();
  const found: [text: string, id: string][] = [
    ['A/B', 'A/B'],
    ['/A/B', 'A/B'],
    [' A/B/ ', 'A/B'],
    ['A/B.dsdf', 'A/B'],
    ['//A/B.dsdf//', 'A/B'],
    ['Top', 'Top'],
    ['A/Upper.DSDF', 'A/Upper.DSDF'],
    ['A/C.DSDF/D', 'A/C.DSDF/D'],
  ];
  for (const [text, id] of found) t.equal(tree.find(text)?.id, id, text);
  const absent = [
    '',
    '/',
    'A',
    'A/',
    'a/b',
    'A//B',
    './A/B',
    'A/../A/B',
    '../outside',
    '..',
    'A/_dirinfo_',
    '_dirinfo_',
    'A/_dirinfo_/x',
    '/etc/passwd',
    'A/B\0',
    'A\\B',
    'A/plain',
    'A/B.dsdf.dsdf',
    '.',
    '.A',
    'X~Y',
    '%2e%2e/x',
    `${'A/'.repeat(120)}Long${'x'.repeat(40)}`,
    'x'.repeat(300),
    'A/B/C',
    'A/B|',
    'A/B\n',
    'A/-B',
    'A/Upper',
    `${own.folder.path}/outside`,
  ];
  for (const text of absent) {
    t.equal(tree.find(text), undefined, JSON.stringify(text));
    t.throws(() => tree.get(text), { code: 'noSuchSource', message: 'there is no such data source on this server' });
  }
  t.equal(own.open('ID_EXTRA_CHARS = ~ \n').find('X~Y')?.id, 'X~Y', 'ID_EXTRA_CHARS');
  t.equal(own.open('ID_EXTRA_CHARS = "./\\|~]^["').find('../outside'), undefined, 'never characters of paths');
  t.equal(own.open('ID_EXTRA_CHARS = "./\\|~]^["').find('X~Y')?.id, 'X~Y');
});

t.test('definitions that are faulty or no files', async (t) => {
  const own = site(t, { Good: 'a = 1', Bad: 'a = 1\nno equals', Latin: '' });
  own.folder.write('datasets/Latin.dsdf', Buffer.from('description = \xb5', 'latin1'));
  own.folder.write('datasets/Large.dsdf', `a = ${'x'.repeat(2_000_000)}`);
  mkdirSync(join(own.folder.path, 'datasets/Folder.dsdf'));
  execFileSync('mkfifo', [join(own.folder.path, 'datasets/Pipe.dsdf')]);
  const tree = own.open();
  try {
    sourceOf(tree, 'Bad');
    t.fail('faulty');
  } catch (error) {
    t.match(error, { code: 'sourceDefinition' });
    t.equal(errorDetail(error), "Bad.dsdf:2: a line must be key = value, this one has no '='");
  }
  t.throws(() => sourceOf(tree, 'Large'), { code: 'sourceDefinition' });
  t.equal(sourceOf(tree, 'Latin').description, 'µ');
  t.equal(tree.find('Folder'), undefined);
  t.equal(tree.find('Pipe'), undefined);
  t.same(await own.list(), ['Bad', 'Good', 'Large', 'Latin|µ']);
  t.match(own.warnings.join('\n'), /Bad\.dsdf:2/);
});

t.test('what is listed, and how', async (t) => {
  const own = site(t, {
    'A-B': `description = 'minus'`,
    'A/S': `description = 'with | bar = and; more'`,
    'A/Sub/Deep': '; nothing',
    'A+': 'a = 1',
    AB: 'a = 1',
    'B/Hidden': 'hidden = yes',
    'B/NotHidden': 'hidden = 0',
    'B/Empty': 'hidden =',
    'C/Renamed': "rename = 'AB'",
    'D/_dirinfo_': 'hidden = 1\ndescription = x',
    'D/Source': 'a = 1',
    'D/E/Source': 'a = 1',
    'F/_dirinfo_': 'hidden = no\ndescription = $(SERVER_ID) folder',
    'F/Source': "description = '$(SERVER_ID) $(PARAMS,none)'",
    'F/NoMacro': "description = '$(NOPE)'",
    'F/Lines': "description = ' a' + $\n'\tb '",
    'F/reader': "description = ok\nreader = 'x $(PARAMS)'",
    'G/_dirinfo_': 'broken',
    'G/Source': 'a = 1',
    'bad name': 'a = 1',
    '.dot': 'a = 1',
    '.git/X': 'a = 1',
    'b d/X': 'a = 1',
    'Both/X': 'a = 1',
    Both: 'a = 1',
  });
  own.folder.write('datasets/readme.txt', 'x');
  t.same(await own.list('SERVER_ID = tst'), [
    'A+',
    'A-B|minus',
    'A/',
    'A/S|with | bar = and; more',
    'A/Sub/',
    'A/Sub/Deep',
    'AB',
    'B/',
    'B/NotHidden',
    'Both',
    'Both/',
    'Both/X',
    'F/|tst folder',
    'F/Lines|a b',
    'F/NoMacro',
    'F/Source|tst none',
    'F/reader|ok',
    'G/',
    'G/Source',
  ]);
  const log = own.warnings.join('\n');
  for (const part of [
    /NOPE/,
    /G\/_dirinfo_\.dsdf:1/,
    /bad name/,
    /\.dot/,
    /\.git/,
    /b d/,
    /Both: is a source and a folder/,
  ])
    t.match(log, part);
  own.warnings.length = 0;
  await own.list('SERVER_ID = tst');
  t.same((await own.list('SERVER_ID = other'))[12], 'F/|other folder', 'another configuration, another list');
});

t.test('order by code points, slash included', async (t) => {
  const own = site(t, { 'a/x': '', 'a.b': '', a0: '', 'a/_dirinfo_': '', Z: '', '\uffee': '', '\u{1f600}': '' });
  t.same(await own.list('ID_EXTRA_CHARS = \uffee\u{1f600}'), ['Z', 'a.b', 'a/', 'a/x', 'a0', '\uffee', '\u{1f600}']);
});

t.test('an empty tree, no tree', async (t) => {
  const own = site(t);
  t.same(await own.list(), []);
  t.same(await own.list(), []);
  rmSync(join(own.folder.path, 'datasets'), { recursive: true });
  await t.rejects(own.list(), { code: 'configuration' });
  t.throws(() => own.open().find('A'), { code: 'configuration' });
  t.throws(() => new SourceTree(new Configuration('', { file: '/x', prefix: '/' })), { code: 'configuration' });
});

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
        (await resident.list()).body.toString().split('\r\n').slice(0, -1),
        expected,
        `${name}, ${when}, resident process`,
      );
      t.not((await resident.list()).version, before, `${name}, ${when}: another version`);
      Date.now = realNow;
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
  t.equal((await tree.list()).body.toString(), 'A\r\n');
  t.equal((await tree.list()).body.toString(), 'A\r\n');
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
  const bodies = new Set(await Promise.all(trees.map(async (tree) => (await tree.list()).body.toString())));
  t.equal(bodies.size, 1);
  t.equal(readdirSync(join(own.folder.path, 'state')).length, 1, 'one index, no rubbish');
});

t.test('symbolic links', async (t) => {
  const own = site(t, { 'M/A': 'description = one' });
  const at = (path: string): string => join(own.folder.path, path);
  own.folder.write('shared/S.dsdf', 'description = shared');
  own.folder.write('other/O.dsdf', 'description = other');
  symlinkSync('A.dsdf', at('datasets/M/Link.dsdf'));
  symlinkSync('..', at('datasets/M/Loop'));
  symlinkSync('.', at('datasets/Self'));
  symlinkSync('nowhere', at('datasets/Dangling'));
  symlinkSync('nowhere.dsdf', at('datasets/Dangling.dsdf'));
  symlinkSync(at('shared'), at('datasets/Shared'));
  symlinkSync(at('other'), at('datasets/Other'));
  const own4 = ['M/', 'M/A|one', 'M/Link|one', 'Other/', 'Other/O|other', 'Shared/', 'Shared/S|shared'];
  t.same(await own.list(), own4, 'links of the owner are followed, loops cut off');
  t.match(own.warnings.join('\n'), /Self: leads back/);
  t.match(own.warnings.join('\n'), /Dangling: the symbolic link leads nowhere/);
  t.same(await own.list(), own4);
  const tree = own.open();
  t.equal(tree.find('M/Loop/M/A'), undefined);
  t.equal(tree.find('Self/M/A'), undefined);
  t.equal(tree.find('Shared/S')?.id, 'Shared/S');
  own.folder.write('shared/S.dsdf', 'description = changed');
  t.match((await own.list()).join(), 'Shared/S|changed');
  unlinkSync(at('datasets/Dangling.dsdf'));
  own.folder.write('datasets/nowhere.dsdf', 'a = 1');
  symlinkSync('nowhere.dsdf', at('datasets/Dangling.dsdf'));
  t.match((await own.list()).join(), 'Dangling,');
  if (process.getuid?.() !== 0) return;
  for (const link of ['Shared', 'Other']) lchownSync(at(`datasets/${link}`), 65534, 65534);
  const allow = `DSDF_ALLOW_ROOTS = /nowhere:${at('shared')}`;
  own.warnings.length = 0;
  t.notMatch((await own.list(allow)).join(), 'Other/');
  t.match((await own.list(allow)).join(), 'Shared/S');
  t.equal(own.open(allow).find('Other/O'), undefined);
  t.equal(own.open(allow).find('Shared/S')?.id, 'Shared/S');
  t.equal(own.warnings.filter((line) => /^Other: .*outside/.test(line)).length, 1, 'one line a day');
  lchownSync(at('datasets/Other'), 0, 0);
  t.match((await own.list(allow)).join(), 'Other/O', 'as soon as it belongs to the owner');
});

t.test('what everybody may write is refused', async (t) => {
  const own = site(t, { 'M/A': 'a = 1', 'M/B': 'a = 1', 'N/C': 'a = 1', 'N/D/E': 'a = 1' });
  const at = (path: string): string => join(own.folder.path, 'datasets', path);
  chmodSync(at('M/A.dsdf'), 0o666);
  chmodSync(at('N'), 0o777);
  t.same(await own.list(), ['M/', 'M/B']);
  t.match(own.warnings.join('\n'), /M\/A\.dsdf: everybody may write it/);
  const tree = own.open();
  for (const id of ['M/A', 'N/C', 'N/D/E']) t.equal(tree.find(id), undefined, id);
  chmodSync(at('M/A.dsdf'), 0o644);
  chmodSync(at('N'), 0o755);
  t.same(await own.list(), ['M/', 'M/A', 'M/B', 'N/', 'N/C', 'N/D/', 'N/D/E']);
  chmodSync(at(''), 0o777);
  t.same(await own.list(), []);
  t.equal(own.open().find('M/A'), undefined);
});

t.test('depth', async (t) => {
  const folders = (count: number): string => Array.from({ length: count }, (_, i) => `f${i}`).join('/');
  const own = site(t, { [`${folders(20)}/In`]: 'a = 1', [`${folders(21)}/Out`]: 'a = 1' });
  t.equal((await own.list()).length, 21);
  t.match(own.warnings.join('\n'), /more than 20 folders deep/);
});
