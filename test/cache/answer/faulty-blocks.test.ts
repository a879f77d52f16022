/**
 * Blocks that are not what they were: damaged, exchanged, gone while they are sent; and builders that are killed. No answer is wrong, and no
 * half block is ever seen.
 */
import { spawn } from 'node:child_process';
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import t from 'tap';
import { MOST_OPEN } from '../../../lib/cache/answer/assemble.js';
import { sideName } from '../../../lib/cache/block/look.js';
import { buildLevels } from '../../../lib/cache/builder/levels.js';
import { SILENT_LOG } from '../../../lib/log/request-log.js';
import { openBroker } from '../../../lib/queue/open-broker.js';
import { cacheLevelsOf } from '../../../lib/source/source.js';
import type { TimeRange } from '../../../lib/source/time-range.js';
import { buildProgram } from '../../tools/program.js';
import { ask, cacheSite, content, filesBelow, range, type TestSite } from '../site.js';

const LEVELS = ["cacheLevel_00 = '1 min | hourly'", "reader = 'STEP=37 test_reader'"];
const DAY = range('2017-03-01', '2017-03-02');
const QUERY = 'start_time=2017-03-01&end_time=2017-03-02&resolution=60';

async function fill(site: TestSite, over: TimeRange, more: { careful?: boolean } = {}) {
  const source = site.source();
  const { levels } = cacheLevelsOf(source);
  const [sum] = await buildLevels({ source, levels, range: over, configuration: site.configuration, ...more });
  return sum;
}

const block = (site: TestSite, hour: string): string =>
  join(site.cacheRoot, `data/T/S/_noparam/bin-60s/2017/03/01/2017-03-01T${hour}_bin-60s.d2s`);
const side = (file: string): string => join(dirname(file), sideName(basename(file)));

async function waiting(site: TestSite): Promise<string[]> {
  const broker = await openBroker(site.configuration);
  const items = (await broker?.list('todo')) ?? [];
  await broker?.close();
  return items.map((item) => item.split('|').slice(8, 10).join(' ')).sort();
}

t.test('bytes that have changed, and blocks in the place of others', async (t) => {
  const site = cacheSite(t, LEVELS);
  await fill(site, DAY);
  const { bytes, cache } = await ask(site, QUERY);
  t.equal(cache, 'hit');
  const whole = content(bytes);
  const flipped = readFileSync(block(site, '03'));
  flipped[flipped.length - 5] = (flipped[flipped.length - 5] as number) ^ 1;
  writeFileSync(block(site, '03'), flipped);
  // Blocks of the same size are alike from outside.
  const exchange = (a: string, b: string): void => {
    renameSync(a, `${a}.off`);
    renameSync(b, a);
    renameSync(`${a}.off`, b);
  };
  exchange(block(site, '10'), block(site, '11'));
  exchange(block(site, '20'), block(site, '21'));
  exchange(side(block(site, '20')), side(block(site, '21')));
  t.strictSame(content((await ask(site, QUERY)).bytes), whole);
  t.strictSame(await waiting(site), [
    '2017-03-01T03:00 2017-03-01T04:00',
    '2017-03-01T10:00 2017-03-01T12:00',
    '2017-03-01T20:00 2017-03-01T22:00',
  ]);
  t.match(await fill(site, DAY), { built: 2 }, 'what can be seen from outside');
  t.match(await fill(site, DAY, { careful: true }), { built: 3, skipped: 21 }, 'what must be read');
  const calls = site.calls().length;
  t.strictSame(content((await ask(site, QUERY)).bytes), whole);
  t.equal(site.calls().length, calls, 'all blocks are good again');
  writeFileSync(block(site, '03'), flipped);
  t.equal((await ask(site, QUERY)).cache, 'partial', 'only once it is read it shows that a reader is needed');
});

t.test('damaged blocks of a finer level that stands in', async (t) => {
  const site = cacheSite(t, [...LEVELS, "cacheLevel_01 = '10 min | daily'"]);
  const source = site.source();
  const levels = cacheLevelsOf(source).levels.filter(({ number }) => number === 0);
  await buildLevels({ source, levels, range: DAY, configuration: site.configuration });
  const query = 'start_time=2017-03-01&end_time=2017-03-02&resolution=600';
  const whole = await ask(site, query);
  t.equal(whole.cache, 'hit', 'the finer level has all of it');
  const flipped = readFileSync(block(site, '03'));
  flipped[flipped.length - 5] = (flipped[flipped.length - 5] as number) ^ 1;
  writeFileSync(block(site, '03'), flipped);
  const runs = site.calls().length;
  t.strictSame(content((await ask(site, query)).bytes), content(whole.bytes));
  t.strictSame(site.calls().slice(runs), ['2017-03-01T03:00:00 2017-03-01T04:00:00'], 'its part is read');
  t.strictSame(await waiting(site), ['2017-03-01 2017-03-02', '2017-03-01T03:00 2017-03-01T04:00']);
});

t.test('folders that cannot be entered, as those of another account', async (t) => {
  const site = cacheSite(t, LEVELS);
  await fill(site, DAY);
  const whole = content((await ask(site, QUERY)).bytes);
  // Root may enter every folder, but not a link to itself.
  const folder = dirname(block(site, '03'));
  renameSync(folder, `${folder}.off`);
  symlinkSync(folder, folder);
  for (const query of [QUERY, 'start_time=2017-03-01T03:00&end_time=2017-03-01T05:00&resolution=60']) {
    const lines: string[] = [];
    const { bytes, cache } = await ask(site, query, undefined, { ...SILENT_LOG, line: (line) => lines.push(line) });
    t.equal(cache, 'miss');
    if (query === QUERY) t.strictSame(content(bytes), whole, 'the reader runs');
    else t.equal(content(bytes).records.length, 120);
    t.match(lines.join('\n'), /cannot be read \(ELOOP\)/);
  }
  t.strictSame(await waiting(site), [], 'nobody can make them better by making them anew');
});

t.test('blocks that go while they are sent', async (t) => {
  const site = cacheSite(t, LEVELS);
  await fill(site, DAY);
  const whole = content((await ask(site, QUERY)).bytes);
  const before = site.calls().length;
  const held = await ask(site, QUERY, () => rmSync(join(site.cacheRoot, 'data'), { recursive: true }));
  t.strictSame(content(held.bytes), whole);
  t.equal(site.calls().length, before, 'they were open');

  const many = cacheSite(t, ["cacheLevel_00 = '1 min | perminute'", LEVELS[1] as string]);
  const over = range('2017-03-01', '2017-03-01T03:00');
  await fill(many, over);
  const query = 'start_time=2017-03-01&end_time=2017-03-01T03:00&resolution=60';
  const all = content((await ask(many, query)).bytes);
  t.equal(all.records.length, 180);
  const runs = many.calls().length;
  const late = await ask(many, query, () => rmSync(join(many.cacheRoot, 'data'), { recursive: true }));
  t.equal(late.cache, 'partial', 'a hit until blocks had gone');
  t.strictSame(content(late.bytes), all);
  const read = many.calls().length - runs;
  t.ok(read >= 1 && read <= 180 - MOST_OPEN, `${read} blocks behind the open ones are read`);
});

t.test('a builder that is killed', async (t) => {
  const program = await buildProgram('das2_srv_cache', 'bin/srv_cache.ts');
  t.teardown(() => program.remove());
  const site = cacheSite(t, [
    "cacheLevel_00 = 'intrinsic | hourly'",
    LEVELS[0]?.replace('_00', '_01') ?? '',
    "reader = 'stuck'",
  ]);
  // Everything, and then it hangs.
  site.program('stuck', `#!/bin/sh\n"$(dirname "$0")/test_reader" "$@"\ntouch "$(dirname "$0")/said"\nexec sleep 60\n`);
  const [command = '', ...words] = [...program.command, '--config', join(site.folder, 'das2server.conf')];
  const builder = spawn(command, [...words, 'build', 'T/S', '2017-03-01', '2017-03-01T06:00', '-q']);
  const gone = new Promise((resolve) => builder.once('exit', (_status, signal) => resolve(signal)));
  const folder = dirname(block(site, '00'));
  const finished = (): string[] =>
    existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.tmp')) : [];
  while (!existsSync(join(site.folder, 'bin/said')) || finished().length < 5) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  builder.kill('SIGKILL');
  t.equal(await gone, 'SIGKILL');
  t.strictSame(filesBelow(site.cacheRoot), [], 'no block is there');
  const left = finished();
  t.ok(left.length >= 5, 'only temporary files');

  site.define([...LEVELS.slice(0, 1), "reader = 'STEP=37 test_reader'"]);
  t.match(await fill(site, range('2017-03-01', '2017-03-01T06:00')), { built: 6 }, 'its locks are broken');
  t.strictSame(finished(), left, 'young files may be in use');
  const twoDaysAgo = new Date(Date.now() - 2 * 86_400_000);
  for (const name of left) utimesSync(join(folder, name), twoDaysAgo, twoDaysAgo);
  t.match(await fill(site, range('2017-03-01', '2017-03-01T06:00')), { skipped: 6 });
  t.strictSame(finished(), [], 'old ones are swept');
});

t.test('killed while blocks appear', async (t) => {
  // Whatever step was the last one, what lies there is a whole block or counts as none.
  const site = cacheSite(t, LEVELS);
  await fill(site, DAY);
  const whole = content((await ask(site, QUERY)).bytes);
  rmSync(block(site, '01'));
  const pending = JSON.parse(readFileSync(side(block(site, '02')), 'utf8'));
  writeFileSync(side(block(site, '02')), JSON.stringify({ ...pending, bytes: -1 }));
  const before = site.calls().length;
  t.strictSame(content((await ask(site, QUERY)).bytes), whole);
  t.strictSame(site.calls().slice(before), ['2017-03-01T01:00:00 2017-03-01T03:00:00']);
  t.match(await fill(site, DAY), { built: 2, skipped: 22 });
});
