/** What the tree of sources leaves out: links that lead outside, folders anybody may write to, what is too deep or too much. */
import { chmodSync, lchownSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { site } from './tree-site.js';

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
