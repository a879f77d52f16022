import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { makeFolders } from '../../lib/files/make-folders.js';

const top = mkdtempSync(join(tmpdir(), 'das2srv-folders-'));
t.teardown(() => rmSync(top, { recursive: true }));

t.test('what is missing is made', async (t) => {
  const path = join(top, 'a/b/c');
  t.same(makeFolders(path, 0o750), [join(top, 'a'), join(top, 'a/b'), path]);
  t.equal(statSync(path).mode & 0o777, 0o750);
  t.same(makeFolders(path), []);
});

t.test('what cannot be made is an error, and soon', async (t) => {
  t.throws(() => makeFolders('/proc/nowhere/x'), { code: 'ENOENT' });
  writeFileSync(join(top, 'file'), '');
  t.throws(() => makeFolders(join(top, 'file/x')));
});
