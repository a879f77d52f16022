/** Whose the files below CITE_ROOT are: their owner's, or those of the group that shares the folder above (citation 14.1). */
import { chmodSync, closeSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { makePrivateFolders, openPrivate, privateMode, writePrivate } from '../../lib/cite/private-files.js';

const root = mkdtempSync(join(tmpdir(), 'das2srv-private-'));
t.teardown(() => rmSync(root, { recursive: true }));
const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8);

/** The modes that come out below a folder of a mode. */
function made(name: string, mode: number): string[] {
  const state = join(root, name);
  mkdirSync(state);
  chmodSync(state, mode);
  makePrivateFolders(join(state, 'cite/log/ab'));
  const at = (file: string): string => join(state, 'cite/log/ab', file);
  closeSync(openPrivate(at('opened'), 'a'));
  writePrivate(at('written'), 'x');
  return [join(state, 'cite'), at('.'), at('opened'), at('written')].map(modeOf);
}

t.test('for the owner, or for the group that shares the folder', async (t) => {
  const before = process.umask(0o022);
  t.teardown(() => process.umask(before));
  t.same(made('own', 0o755), ['700', '700', '600', '600']);
  t.same(made('writable', 0o775), ['700', '700', '600', '600'], 'a group that only happens to be the own one');
  t.same(made('shared', 0o2770), ['2770', '2770', '660', '660']);
  process.umask(0o077);
  t.same(made('shut', 0o2770), ['2770', '2770', '660', '660'], 'whatever the umask');
  process.umask(0);
  t.same(made('open', 0o755), ['700', '700', '600', '600']);
});

t.test('what is there keeps its rights when more is written to it', async (t) => {
  const file = join(root, 'shared/cite/log/ab/there');
  writeFileSync(file, 'x');
  chmodSync(file, 0o640);
  closeSync(openPrivate(file, 'a'));
  t.equal(modeOf(file), '640');
  t.equal(privateMode(join(root, 'shared/cite')), 0o660);
  t.throws(() => writePrivate(file, 'y', 'wx'), { code: 'EEXIST' });
});
