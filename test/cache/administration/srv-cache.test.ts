/** das2_srv_cache as people use it: build, look, verify, remove. */
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { coverageFile, keptCoverage } from '../../tools/kept-coverage.js';
import { buildProgram } from '../../tools/program.js';
import { cacheSite, filesBelow, type TestSite } from '../site.js';

const program = await buildProgram('das2_srv_cache', 'bin/srv_cache.ts');
t.teardown(() => program.remove());
const LEVELS = ["cacheLevel_00 = 'intrinsic | hourly'", "cacheLevel_01 = '1 min | daily'"];

function run(site: TestSite, ...words: string[]) {
  const [command = '', ...args] = [...program.command, '--config', join(site.folder, 'das2server.conf'), ...words];
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 60_000 });
  return { status, stdout, stderr, json: () => JSON.parse(stdout) };
}

const ONE_DAY = ['T/S', '2017-03-01', '2017-03-02'];

t.test('root works as the owner of the cache', { skip: process.getuid?.() !== 0 && 'needs root' }, async (t) => {
  const site = cacheSite(t, LEVELS);
  const NOBODY = 65534;
  chmodSync(site.folder, 0o755);
  const [, script] = program.command;
  if (script !== undefined) chmodSync(dirname(script), 0o755);
  mkdirSync(site.cacheRoot);
  chownSync(site.cacheRoot, NOBODY, NOBODY);
  t.match(run(site, 'build', ...ONE_DAY, '1'), { status: 0, stdout: /1 built/ });
  const [block = ''] = filesBelow(site.cacheRoot);
  t.match(statSync(block), { uid: NOBODY, gid: NOBODY });
  t.match(statSync(dirname(block)), { uid: NOBODY }, 'the worker can go on there');
});

t.test('build, status, verify, prune, invalidate', async (t) => {
  const site = cacheSite(t, LEVELS);
  t.match(run(site, 'status'), { status: 0, stdout: 'The cache is empty.\n' });
  t.match(run(site, 'build', ...ONE_DAY, '-n'), { status: 0, stdout: /hourly\): 24 blocks\n.*daily\): 1 blocks/ });
  t.notOk(existsSync(site.cacheRoot), 'a dry run writes nothing');
  t.match(run(site, 'build', ...ONE_DAY), { status: 0, stdout: /24 built \(0 empty\), 0 valid already, 0 failed/ });
  t.match(run(site, 'build', ...ONE_DAY, '1', '--json').json(), { levels: [{ level: 1, built: 0, skipped: 1 }] });

  const hour = (n: string) =>
    join(site.cacheRoot, `data/T/S/_noparam/intrinsic/2017/03/01/2017-03-01T${n}_intrinsic.d2s`);
  t.match(run(site, 'invalidate', 'T/S', '2017-03-01T05:30', '2017-03-01T07:00', '--level', '0', '-n'), {
    status: 0,
    stdout: /^Would remove 2 blocks/,
  });
  t.ok(existsSync(hour('05')));
  t.match(run(site, 'invalidate', 'T/S', '2017-03-01T05:30', '2017-03-01T07:00', '--level', '0'), {
    stdout: /^Removed 2 /,
  });
  t.strictSame(
    ['04', '05', '06', '07'].map((n) => existsSync(hour(n))),
    [true, false, false, true],
  );
  t.match(run(site, '--json', 'status').json(), {
    levels: [
      { level: 1, directory: 'bin-60s', blocks: 1, valid: 1, holes: 0 },
      { level: 0, directory: 'intrinsic', blocks: 22, valid: 22, holes: 2, begin: '2017-03-01T00:00:00' },
    ],
  });

  t.match(run(site, 'verify'), { status: 0, stdout: 'All blocks are good.\n' });
  appendFileSync(hour('04'), 'x');
  const foreign = hour('05');
  writeFileSync(foreign, '[00]000025<stream version="2.2" />\n:01:');
  const bad = run(site, 'verify', 'T/S');
  t.equal(bad.status, 1);
  t.match(
    bad.stdout,
    /T04_intrinsic.d2s: its size is not that of its side file\n.*T05_intrinsic.d2s: .*packet header/s,
  );

  site.define(LEVELS.slice(0, 1));
  const orphans = /^orphan: T\/S _noparam bin-60s: 1 blocks, .*Would remove 1 blocks.*Nothing was changed/s;
  t.match(run(site, 'gc'), { status: 0, stdout: orphans });
  t.match(run(site, 'gc', '--yes', '--dry-run', '--json').json(), {
    dryRun: true,
    blocks: 1,
    orphans: [{ blocks: 1 }],
  });
  t.match(run(site, 'build', ...ONE_DAY, '-q').stderr, /bin-60s belongs to no cacheLevel any more/, 'builders tell');
  t.match(run(site, 'status', 'T/S'), { stdout: /T\/S +stale +_noparam +bin-60s +1 +0/ });
  t.match(run(site, 'prune', '--orphans', '--json').json(), { blocks: 1 });
  t.notOk(existsSync(join(site.cacheRoot, 'data/T/S/_noparam/bin-60s')));
  t.match(run(site, 'prune', '--older-than', '1 d').stdout, /^Removed 0 blocks/);
  t.match(run(site, 'prune', '--max-size', '100 kB', '--json').json(), { blocks: /^[1-9]/ });
  t.ok(run(site, 'status', '--json').json().levels[0].bytes <= 100_000);
});

t.test('nothing is built where the source has no data by its validRange', async (t) => {
  const site = cacheSite(t, [...LEVELS, "validRange = '2017-03-01T20:30 to 2017-03-02T02:00'"]);
  t.match(run(site, 'build', 'T/S', '2017-02-01', '2017-03-20', '-n'), {
    status: 0,
    stdout: /hourly\): 6 blocks\n.*daily\): 2 blocks/,
  });
  t.match(run(site, 'build', 'T/S', '2017-02-01', '2017-03-20', '0'), { status: 0, stdout: /: 6 built/ });
  t.equal(filesBelow(site.cacheRoot).filter((file) => file.endsWith('.d2s')).length, 6);
  for (const more of [[], ['-n']]) {
    t.match(run(site, 'build', 'T/S', '2016-03-01', '2016-03-02', ...more), {
      status: 15,
      stdout: '',
      stderr: /T\/S has no data from 2016-03-01.* to 2016-03-02.* by its validRange/,
    });
  }
});

t.test('rebuild and gc', async (t) => {
  const site = cacheSite(t, LEVELS);
  t.equal(run(site, 'rebuild', 'T/S').status, 15, 'there is nothing yet');
  run(site, 'build', 'T/S', '2017-03-01T04:00', '2017-03-01T06:00', '0', '-q');
  run(site, 'build', 'T/S', '2017-03-01T09:00', '2017-03-01T10:00', '0', '-q');
  t.match(run(site, 'rebuild', 'T/S', '-n', '--json').json(), {
    levels: [
      { level: 0, blocks: 3 },
      { level: 1, blocks: 0 },
    ],
  });
  const before = site.calls().length;
  t.match(run(site, 'rebuild', 'T/S', '-q').stdout, /level 0 .*: 3 built .*\n.*level 1 .*: 0 built/);
  t.strictSame(
    site.calls().slice(before),
    ['2017-03-01T04:00 2017-03-01T06:00', '2017-03-01T09:00 2017-03-01T10:00'],
    'what was there, no more',
  );
  t.match(run(site, 'rebuild', 'T/S', '2017-03-01T05:30', '2017-03-01T05:40', '--level', '0', '--json').json(), {
    levels: [{ level: 0, built: 1 }],
  });
  t.match(run(site, 'gc', '--yes'), { status: 0, stdout: 'Removed 0 blocks (0 bytes), 0 leftovers.\n' });
  site.define(LEVELS.slice(1));
  t.match(run(site, 'gc', '--yes', '--json').json(), { dryRun: false, blocks: 3 });
  t.match(run(site, 'status'), { stdout: 'The cache is empty.\n' });
});

t.test('blocks of a period that the level has no longer', async (t) => {
  const site = cacheSite(t, LEVELS);
  run(site, 'build', 'T/S', '2017-03-01T04:00', '2017-03-01T06:00', '0', '-q');
  site.define(["cacheLevel_00 = 'intrinsic | daily'"]);
  run(site, 'build', 'T/S', '2017-03-03', '2017-03-04', '0', '-q');
  t.match(run(site, '--json', 'status').json().levels, [
    { level: 0, blocks: 1, valid: 1, holes: 0, begin: '2017-03-03T00:00:00' },
    { level: null, directory: 'intrinsic', blocks: 2, valid: 0 },
  ]);
  t.match(run(site, 'gc').stdout, /^orphan: T\/S _noparam intrinsic: 2 blocks, .*Would remove 2 blocks/s);
  t.match(run(site, 'gc', '--yes', '--json').json(), { blocks: 2 });
  t.match(run(site, '--json', 'status').json(), { levels: [{ level: 0, blocks: 1 }] });
});

t.test('verify reads blocks that are due to be made anew, and finds no fault with that', async (t) => {
  const site = cacheSite(t, LEVELS);
  run(site, 'build', 'T/S', '2017-03-01T04:00', '2017-03-01T05:00', '0', '-q');
  const folder = join(site.cacheRoot, 'data/T/S/_noparam/intrinsic/2017/03/01');
  const name = '2017-03-01T04_intrinsic.d2s';
  const record = JSON.parse(readFileSync(join(folder, `.${name}.json`), 'utf8'));
  const due = { ...record, final: false, recheckAfter: record.builtAt };
  writeFileSync(join(folder, `.${name}.json`), JSON.stringify(due));
  t.match(run(site, '--json', 'status').json(), { levels: [{ stale: 1 }] });
  t.match(run(site, 'verify'), { status: 0, stdout: 'All blocks are good.\n' });
  const bytes = readFileSync(join(folder, name));
  bytes[bytes.length - 2] = (bytes[bytes.length - 2] ?? 0) ^ 1;
  writeFileSync(join(folder, name), bytes);
  t.match(run(site, 'verify'), { status: 1, stdout: /T04_intrinsic.d2s: / });
});

t.test('invalidate forgets how many records there are on these days', async (t) => {
  const site = cacheSite(t, LEVELS);
  const file = join(site.cacheRoot, coverageFile('T/S'));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, keptCoverage('T/S', '2017-03-01', [24, 24, 24]));
  const days = () => JSON.parse(readFileSync(file, 'utf8')).days;
  t.equal(run(site, 'invalidate', 'T/S', '2017-03-02', '2017-03-03', '--level', '0').status, 15, 'of all levels only');
  t.match(run(site, 'invalidate', 'T/S', '2017-03-02', '2017-03-03', '-n'), {
    status: 0,
    stdout: /Would forget how many records there are on 1 days/,
  });
  t.match(days(), { withData: 3, unknown: 0 });
  t.match(run(site, 'invalidate', 'T/S', '2017-03-02', '2017-03-03', '--json').json(), { blocks: 0, days: 1 });
  t.match(days(), { withData: 2, unknown: 1 });
  t.match(run(site, 'invalidate', 'T/S.dsdf'), { status: 0, stdout: /Forgot .* on 2 days/ });
  t.match(days(), { withData: 0, unknown: 3 });
  t.equal(run(site, 'invalidate', 'T/S').status, 15);
});

t.test('prune counts leftovers, and leaves them where nothing is to be changed', async (t) => {
  const site = cacheSite(t, LEVELS);
  run(site, 'build', 'T/S', '2017-03-01T04:00', '2017-03-01T05:00', '0', '-q');
  const folder = join(site.cacheRoot, 'data/T/S/_noparam/intrinsic/2017/03/01');
  const [old, young] = ['a', 'b'].map((host) => join(folder, `.2017-03-01T05_intrinsic.d2s.${host}.1.1.tmp`));
  for (const file of [old, young]) writeFileSync(file ?? '', 'half');
  utimesSync(old ?? '', new Date(0), new Date(0));
  t.match(run(site, 'prune', '-n'), { status: 0, stdout: 'Would remove 0 blocks (0 bytes), 1 leftovers.\n' });
  t.ok(existsSync(old ?? ''));
  t.match(run(site, 'prune'), { status: 0, stdout: 'Removed 0 blocks (0 bytes), 1 leftovers.\n' });
  t.strictSame([existsSync(old ?? ''), existsSync(young ?? '')], [false, true]);
});

t.test('statuses', async (t) => {
  const site = cacheSite(t, LEVELS);
  t.equal(run(site).status, 13);
  t.equal(run(site, 'build', 'T/S', '2017-03-01').status, 13);
  t.match(run(site, 'build', 'T/S', 'yesteryear', '2017-03-01'), {
    status: 13,
    stderr: /BEGIN: 'yesteryear' is no time/,
  });
  t.match(run(site, 'build', 'T/S', '2017-03-02', '2017-03-01'), { status: 13, stderr: /END must be later/ });
  t.match(run(site, 'build', 'T/S', '2017-03-01', '2017-03-02', '7'), { status: 15, stderr: /no level 7/ });
  t.equal(run(site, 'build', 'T/X', '2017-03-01', '2017-03-02').status, 15);
  for (const action of ['status', 'verify', 'prune', 'gc', 'invalidate']) {
    t.match(
      run(site, action, 'T/X'),
      { status: 15, stdout: '', stderr: /neither .*T\/X|no such level of T\/X/ },
      action,
    );
  }
  t.match(run(site, 'verify', 'T/S.dsdf'), { status: 0, stdout: 'All blocks are good.\n' }, 'a source without blocks');
  t.equal(run(site, 'prune', '--older-than', 'long').status, 13);
  t.equal(run(site, '--help').status, 0);
  t.match(run(site, 'build', '--what'), {
    status: 13,
    stderr: /^das2_srv_cache: unknown option '--what'; see --help$/m,
  });
  const other = join(site.folder, 'file-as-cache.conf');
  const configured = readFileSync(join(site.folder, 'das2server.conf'), 'utf8');
  writeFileSync(other, `${configured}\nCACHE_ROOT = ${other}\n`);
  t.match(run(site, '--config', other, 'status'), { status: 17, stdout: '', stderr: /CACHE_ROOT .*: it is no folder/ });
  writeFileSync(join(site.folder, 'bin/fail'), '');
  t.match(run(site, 'build', ...ONE_DAY, '1', '-q'), { status: 1, stderr: /tape broke/, stdout: /1 failed/ });
  rmSync(join(site.folder, 'bin/fail'));
  renameSync(join(site.folder, 'das2server.conf'), join(site.folder, 'other.conf'));
  t.equal(run(site, 'status').status, 17);
});
