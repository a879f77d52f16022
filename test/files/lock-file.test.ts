/** A lock is its maker's: others wait for it, take it over when it is left behind, and never lose their own to a late release. */
import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { takeLock } from '../../lib/files/lock-file.js';
import { temporaryFolder } from '../tools/temporary-folder.js';

const OPTIONS = { waitMs: 0, staleMs: 60_000 };

t.test('one at a time', async (t) => {
  const file = join(temporaryFolder(t).path, 'lock');
  const unlock = takeLock(file, OPTIONS);
  t.match(readFileSync(file, 'latin1'), new RegExp(`^${process.pid} `));
  t.equal(takeLock(file, OPTIONS), undefined);
  unlock?.();
  t.notOk(existsSync(file));
  t.type(takeLock(file, OPTIONS), 'function');
});

t.test('whoever was taken for dead leaves the lock of the next one alone', async (t) => {
  const file = join(temporaryFolder(t).path, 'lock');
  const unlock = takeLock(file, OPTIONS);
  writeFileSync(file, '1 elsewhere other');
  unlock?.();
  t.equal(readFileSync(file, 'latin1'), '1 elsewhere other');
});

t.test('a lock of another host is waited for until it is old', async (t) => {
  const file = join(temporaryFolder(t).path, 'lock');
  writeFileSync(file, '1 elsewhere other');
  t.equal(takeLock(file, OPTIONS), undefined);
  const then = new Date(Date.now() - 120_000);
  utimesSync(file, then, then);
  t.type(takeLock(file, { ...OPTIONS, waitMs: 10_000 }), 'function');
  t.notOk(existsSync(`${file}.break`));
});
