/** Lock files beside blocks: whose they are, how long they hold. */
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync, utimesSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { releaseLease, takeLease } from '../../../lib/cache/builder/lease-file.js';
import { temporaryFolder } from '../../tools/temporary-folder.js';

t.test('the lock of a process of this machine that is gone is free at once', async (t) => {
  const { path: folder } = temporaryFolder(t);
  const gone = spawnSync('true').pid;
  const file = join(folder, 'lock');
  t.equal(takeLease(file, `elsewhere-${gone}-0`, 60), true);
  t.equal(takeLease(file, 'me', 60), false, 'of another machine nothing is known');
  releaseLease(file, `elsewhere-${gone}-0`);
  t.equal(takeLease(file, `${hostname()}-${process.pid}-0`, 60), true);
  t.equal(takeLease(file, 'me', 60), false, 'this one lives');
  releaseLease(file, `${hostname()}-${process.pid}-0`);
  t.equal(takeLease(file, `${hostname()}-${gone}-0`, 60), true);
  t.equal(takeLease(file, 'me', 60), true);
  t.same(readdirSync(folder), ['lock']);
});

t.test('a process that was killed while it broke a lock keeps nobody from it', async (t) => {
  const { path: folder } = temporaryFolder(t);
  const file = join(folder, 'lock');
  const gone = `${hostname()}-${spawnSync('true').pid}-0`;
  t.equal(takeLease(file, gone, 60), true);
  const { ino, mtimeMs } = statSync(file);
  const breaker = `${file}.break-${ino}-${Math.round(mtimeMs * 1000)}`;
  t.equal(takeLease(breaker, 'elsewhere-1-0', 60), true);
  t.equal(takeLease(file, 'me', 60), false, 'somebody else is about to');
  releaseLease(breaker, 'elsewhere-1-0');
  t.equal(takeLease(breaker, gone, 60), true);
  t.equal(takeLease(file, 'me', 60), true);
  t.same(readdirSync(folder), ['lock']);
});

t.test('a lock that is renewed holds, whatever its time says', async (t) => {
  const { path: folder } = temporaryFolder(t);
  const file = join(folder, 'lock');
  t.equal(takeLease(file, 'elsewhere-1-0', 1), true);
  let renewed = 0;
  for (const hours of [-1, 1, -2]) {
    // As a machine whose clock is off renews it.
    const time = Date.now() / 1000 + hours * 3600;
    renewed = performance.now();
    utimesSync(file, time, time);
    t.equal(takeLease(file, 'me', 1), false, `${hours} h`);
    await new Promise((resolve) => setTimeout(resolve, 600));
  }
  while (!takeLease(file, 'me', 1)) await new Promise((resolve) => setTimeout(resolve, 50));
  t.ok(performance.now() - renewed > 1000, 'counted from the last renewal');
});
