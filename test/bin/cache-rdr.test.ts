/**
 * das2_cache_rdr as a program: its answer, its statuses, and a cache file that is damaged or missing.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import t from 'tap';
import { assertValidStream } from '../tools/assert-valid-stream.js';
import { headerPacket, packetHeader, record } from '../tools/build-stream.js';
import { dataOf, tagsOf } from '../tools/run-filter.js';
import { temporaryFolder } from '../tools/temporary-folder.js';

const program = join(resolve(import.meta.dirname, '..', '..'), 'dist', 'bin', 'das2_cache_rdr');
const skip = existsSync(program) ? false : 'run scripts/build first';

const HEADERS = [
  headerPacket('00', '<stream version="2.2"/>'),
  packetHeader(1, '<x type="sun_real8" units="us2000"/><y type="sun_real4" name="a" units="V"/>'),
];
const DAY = 86400;
/** Values 0, 1, 2 at the centres of the first minutes of a day. */
const dayFile = (day: number): Buffer =>
  Buffer.concat([
    ...HEADERS,
    ...[0, 1, 2].map((value) =>
      record(1, ['sun_real8', 'sun_real4'], [(day * DAY + 30 + 60 * value) * 1e6, 10 * day + value]),
    ),
  ]);

/** A DSDF with a level of daily files, the files of the first days, and the runner of the program. */
function cacheWith(t: Parameters<typeof temporaryFolder>[0], ...days: readonly (Buffer | undefined)[]) {
  const folder = temporaryFolder(t).path;
  writeFileSync(
    join(folder, 's.dsdf'),
    "description = 'd'\nreader = 'r'\nreducer = 'das2_bin_avgsec'\ncacheLevel_00 = '60 s | daily'\n",
  );
  days.forEach((bytes, i) => {
    const file = join(folder, 'cache/_noparam/bin-60s/2000/01', `2000-01-0${i + 1}_bin-60s.d2s`);
    mkdirSync(dirname(file), { recursive: true });
    if (bytes !== undefined) writeFileSync(file, bytes);
  });
  const run = (begin: string, end: string, resolution: string, ...more: readonly string[]) => {
    const args = [...more, 's.dsdf', 'cache', '_noparam', begin, end, resolution];
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder });
    return { status, output: stdout, messages: stderr.toString() };
  };
  return Object.assign(run, { folder });
}

t.test('a range over several files, one of which is missing', { skip }, async (t) => {
  const run = cacheWith(t, dayFile(0), undefined, dayFile(2));
  const { status, output, messages } = run('2000-01-01T00:01Z', '2000-01-03T00:02', '100');
  t.equal(status, 0);
  assertValidStream(t, output);
  t.strictSame(
    dataOf(output).map(([, value]) => value),
    [1, 2, 20, 21],
  );
  t.match(messages, /2000-01-01_bin-60s.*\n.*2000-01-03_bin-60s/);
  t.match(output.toString('latin1'), /DatumRange:xCacheRange="2000-01-01T00:01 to 2000-01-03T00:02 UTC"/);
});

t.test('the pad widens the range', { skip }, async (t) => {
  const run = cacheWith(t, dayFile(0));
  t.equal(dataOf(run('2000-01-01T00:01', '2000-01-01T00:02', '60').output).length, 1);
  t.equal(dataOf(run('2000-01-01T00:01', '2000-01-01T00:02', '60', '-p', '60').output).length, 3);
  t.equal(dataOf(run('2000-01-01T00:01', '2000-01-01T00:02', '60', '-p', '0.0').output).length, 1);
  t.equal(run('2000-01-01T00:01', '2000-01-01T00:02', '60', '--pad=-1').status, 13);
});

t.test('a damaged file: records before the damage, an exception, the status of the fault', { skip }, async (t) => {
  const run = cacheWith(t, dayFile(0), dayFile(1).subarray(0, -5), dayFile(2));
  const { status, output, messages } = run('2000-01-01', '2000-01-04', '60');
  t.equal(status, 22);
  t.match(messages, /das2_cache_rdr: the stream ends inside a packet/);
  assertValidStream(t, output, { allow: ['client-exception'] });
  t.equal(tagsOf(output), '[00][01]:01::01::01::01::01:[xx]');
  t.match(output.toString('latin1'), /<exception type="ServerError" message="das2_cache_rdr: the stream ends inside /);
});

t.test('nothing in the range', { skip }, async (t) => {
  const { status, output } = cacheWith(t, dayFile(0))('2001-01-01', '2001-01-02', '60');
  t.equal(status, 0);
  assertValidStream(t, output);
  t.match(
    output.toString('latin1'),
    /type="NoDataInInterval" message="No data in the interval 2001-01-01T00:00:00.000000 to .* at 60 s resolution"/,
  );
});

t.test('refused and wrong calls', { skip }, async (t) => {
  const run = cacheWith(t, dayFile(0));
  for (const [begin, end, resolution] of [
    ['2000-01-02', '2000-01-01', '60'],
    ['2000-01-01', '2000-01-02', '59'],
    ['never', '2000-01-02', '60'],
    ['2000-01-01', '2000-01-02', 'fine'],
    ['2000-01-01', '2000-01-02', '-60'],
    ['2000-01-01', '2000-01-02', '-0.5'],
  ] as const) {
    const { status, output, messages } = run(begin, end, resolution);
    t.same([status, output.length], [92, 0], messages);
  }
  const nowhere = spawnSync(program, ['s.dsdf', 'nowhere', '_noparam', '2000-01-01', '2000-01-02', '60'], {
    cwd: run.folder,
  });
  t.match(nowhere, { status: 92, stdout: { length: 0 } });
  t.match(nowhere.stderr.toString(), /nowhere is not a folder/);
  const otherSet = spawnSync(program, ['s.dsdf', 'cache', 'a_b', '2000-01-01', '2000-01-02', '60'], {
    cwd: run.folder,
  });
  t.match(otherSet.stderr.toString(), /no cacheLevel for the parameters a_b; it has _noparam\n/);
  t.match(run('2000-01-01', '2000-01-02', '59').messages, /no cacheLevel of 59 seconds or less; its finest has 60\n/);
  t.match(run('2000-01-01', '2000-01-02', '-60').messages, /RESOLUTION must be .* 0 or more, not '-60'/);
  for (const more of [['--nonsense'], ['-60'], ['-p'], ['-p', '-5'], ['-px']]) {
    const wrong = run('2000-01-01', '2000-01-02', '60', ...more);
    t.same([wrong.status, wrong.output.length], [13, 0], more.join(' '));
    t.match(wrong.messages, /Usage: das2_cache_rdr /);
  }
});

t.test('a folder of parameters that looks like an option, and options in any place', { skip }, async (t) => {
  const run = cacheWith(t, dayFile(0));
  writeFileSync(
    join(run.folder, 'p.dsdf'),
    "description = 'd'\nreader = 'r'\nreducer = 'das2_bin_avgsec'\ncacheLevel_00 = '60 s | daily | -r no-spikes'\n",
  );
  for (const set of ['-r_no-spikes', '_r_no_spikes']) {
    const file = join(run.folder, 'cache', set, 'bin-60s/2000/01/2000-01-01_bin-60s.d2s');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, dayFile(0));
    const words = ['p.dsdf', 'cache', set, '2000-01-01T00:01', '2000-01-01T00:02', '60'];
    for (const args of [words, ['--', ...words]]) {
      const { status, stdout, stderr } = spawnSync(program, args, { cwd: run.folder });
      t.equal(status, 0, stderr.toString());
      t.equal(dataOf(stdout).length, 1);
    }
    for (const args of [
      ['-p', '60', ...words],
      [...words, '--pad=60'],
      [...words.slice(0, 4), '-p60', ...words.slice(4)],
    ]) {
      const { stdout, stderr } = spawnSync(program, args, { cwd: run.folder });
      t.equal(dataOf(stdout).length, 3, stderr.toString());
    }
  }
});
