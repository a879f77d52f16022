/** A cache on a disk that is full: what is said names the setting, and what was there before stays whole. Needs root for a small disk. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { buildProgram } from '../../tools/program.js';
import { cacheSite } from '../site.js';

const program = await buildProgram('das2_srv_cache', 'bin/srv_cache.ts');
t.teardown(() => program.remove());
const noMounts = spawnSync('unshare', ['--mount', 'true']).status !== 0 && 'mounts need root';

t.test('a full disk', { skip: noMounts }, (t) => {
  const site = cacheSite(t, ["cacheLevel_00 = 'intrinsic | hourly'"]);
  mkdirSync(site.cacheRoot);
  const command = [...program.command, '--config', join(site.folder, 'das2server.conf')];
  const script = `mount -t tmpfs -o size=300k none "$1" || exit 99; shift
"$@" build T/S 2017-03-01 2017-03-03; status=$?
"$@" verify || exit 98
exit $status`;
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    ['--mount', 'sh', '-c', script, 'sh', site.cacheRoot, ...command],
    { encoding: 'utf8' },
  );
  t.equal(status, 1, stderr);
  t.match(stderr, /_intrinsic\.d2s cannot be written \(ENOSPC\): there is no room left in CACHE_ROOT/);
  t.match(stdout, 'All blocks are good.');
  t.end();
});

t.test('a disk on which not even a lock has room', { skip: noMounts }, (t) => {
  const site = cacheSite(t, ["cacheLevel_00 = 'intrinsic | hourly'"]);
  mkdirSync(site.cacheRoot);
  const command = [...program.command, '--config', join(site.folder, 'das2server.conf')];
  const script = `mount -t tmpfs -o size=300k none "$1" || exit 99
head -c 400000 /dev/zero > "$1/fill" 2> /dev/null; shift
"$@" build T/S 2017-03-01 2017-03-03`;
  const { stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', script, 'sh', site.cacheRoot, ...command], {
    encoding: 'utf8',
  });
  t.match(stderr, /CACHE_ROOT\/.* cannot be written \(ENOSPC\): there is no room left in CACHE_ROOT/);
  t.notMatch(stderr, 'internal error');
  t.end();
});
