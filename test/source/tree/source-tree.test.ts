/** The tree of sources: finding definitions, the list of them. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Configuration } from '../../../lib/conf/configuration.js';
import { errorDetail } from '../../../lib/conf/configuration-error.js';
import { folderInfoOf, sourceOf } from '../../../lib/source/source-definitions.js';
import { SourceTree } from '../../../lib/source/tree/source-tree.js';
import { LISTED, layOutProtocolFixture } from '../../tools/protocol-fixture.js';
import { site } from './tree-site.js';

t.test('the conformance site', async (t) => {
  const fixture = layOutProtocolFixture();
  t.teardown(() => fixture.remove());
  const text = readFileSync(fixture.configurationFile, 'utf8');
  const configuration = new Configuration(text, { file: fixture.configurationFile, prefix: fixture.root });
  const tree = new SourceTree(configuration, (line) => t.fail(line));
  t.equal(Buffer.from((await tree.list()).body).toString(), LISTED.map((line) => `${line}\r\n`).join(''));
  t.same((await tree.list()).records[0], { path: 'Examples/', isFolder: true, description: 'Example data sources' });
  t.same((await tree.list()).records[12], { path: 'Plain/NoDesc', isFolder: false });
  t.equal(
    Buffer.from((await new SourceTree(configuration).list()).body).toString(),
    Buffer.from((await tree.list()).body).toString(),
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
    t.throws(() => tree.get(text), {
      code: 'noSuchSource',
      message: /^there is no such data source on this server; server=list/,
    });
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
  for (const part of [/NOPE/, /G\/_dirinfo_\.dsdf:1/, /bad name/, /b d/, /Both: is a source and a folder/])
    t.match(log, part);
  t.notMatch(log, /\.dot|\.git/, 'nothing is said of what version control and editors leave');
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
