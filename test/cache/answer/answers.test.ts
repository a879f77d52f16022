/** What answers from a cache hold, what is run and noted for them, and what happens when blocks vanish or programs fail. */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { buildBlocks } from '../../../lib/cache/builder/levels.js';
import { openBroker } from '../../../lib/queue/open-broker.js';
import { fill, LEVELS } from '../filled-levels.js';
import { ask, cacheSite, content, range, type TestSite } from '../site.js';

const DAY = 'start_time=2017-03-01&end_time=2017-03-02';

t.test('what the records are', async (t) => {
  const site = cacheSite(t, LEVELS);
  await fill(site, range('2017-03-01', '2017-03-02'));
  const before = site.calls().length;
  const plain = await ask(site, `${DAY}`);
  t.equal(plain.cache, 'hit');
  const full = content(plain.bytes);
  t.equal(full.records.length, 12_343, 'every record of the day');
  t.match(full.header, [[{ name: 'xCacheRange', value: '2017-03-01 to 2017-03-02 UTC' }]]);
  const minutes = content((await ask(site, `${DAY}&resolution=60`)).bytes);
  t.equal(minutes.records.length, 1440);
  t.match(minutes.header, [[{ name: 'xCacheRange' }, { name: 'xCacheResolution', value: '60.000000 s' }]]);
  t.equal(content((await ask(site, `${DAY}&resolution=239`)).bytes).records.length, 1440, 'not yet four times coarser');
  t.equal(content((await ask(site, `${DAY}&resolution=240`)).bytes).records.length, 360, 'reduced again');
  t.equal(content((await ask(site, `${DAY}&resolution=3600`)).bytes).records.length, 24);
  const text = (await ask(site, `${DAY}&resolution=3600&ascii=1`)).bytes.toString('latin1');
  t.match(text, /<x type="ascii24" units="us2000"\/>/, 'the converter follows');
  t.equal(site.calls().length, before, 'no reader ran');
});

t.test('bins that the range cuts', async (t) => {
  const site = cacheSite(t, LEVELS);
  const ends = 'start_time=2017-03-01T00:00:20&end_time=2017-03-01T00:02:40&resolution=60';
  const times = (bytes: Buffer) => content(bytes).records.map((record) => record.slice(0, 24).trim());
  const second = (text: string) => (Date.parse(`${text}Z`) - Date.UTC(2000, 0, 1)) * 1000;
  const inside = ['2017-03-01T00:00:30', '2017-03-01T00:01:30', '2017-03-01T00:02:30'].map((text) =>
    Number(second(text)),
  );
  t.strictSame(times((await ask(site, ends)).bytes).map(Number), inside);
  t.equal(site.calls().at(-1), '2017-03-01T00:00:00 2017-03-01T00:03:00', 'whole bins are read');
  const short = 'start_time=2017-03-01T00:00:40&end_time=2017-03-01T00:00:50&resolution=60';
  t.strictSame(times((await ask(site, short)).bytes).map(Number), inside.slice(0, 1), 'the bin that holds the begin');
  await ask(site, 'start_time=2017-03-01T00:00&end_time=2017-03-01T00:02&resolution=60');
  t.equal(site.calls().at(-1), '2017-03-01T00:00 2017-03-01T00:02', "the client's own text where it lies on edges");
});

t.test('partial hits, stale and damaged blocks', async (t) => {
  const site = cacheSite(t, LEVELS);
  await fill(site, range('2017-03-01', '2017-03-02'));
  const whole = content((await ask(site, `${DAY}&resolution=60`)).bytes);
  const block = (hour: string) =>
    join(site.cacheRoot, `data/T/S/_noparam/bin-60s/2017/03/01/2017-03-01T${hour}_bin-60s.d2s`);
  for (const hour of ['05', '06', '11']) rmSync(block(hour));
  const none = site.calls().length;
  const finer = await ask(site, `${DAY}&resolution=60`);
  t.equal(finer.cache, 'hit', 'full resolution stands in');
  t.strictSame(content(finer.bytes), whole);
  t.equal(site.calls().length, none, 'no reader ran');
  rmSync(join(site.cacheRoot, 'data/T/S/_noparam/intrinsic'), { recursive: true });
  const before = site.calls().length;
  const partial = await ask(site, `${DAY}&resolution=60`);
  t.equal(partial.cache, 'partial');
  t.strictSame(content(partial.bytes), whole);
  t.strictSame(site.calls().slice(before), [
    '2017-03-01T05:00:00 2017-03-01T07:00:00',
    '2017-03-01T11:00:00 2017-03-01T12:00:00',
  ]);
  truncateSync(block('08'), 0);
  truncateSync(block('09'), statSync(block('09')).size - 1);
  t.strictSame(content((await ask(site, `${DAY}&resolution=60`)).bytes), whole);
  rmSync(block('10'));
  writeFileSync(block('10'), 'no stream at all');
  const damaged = await ask(site, `${DAY}&resolution=60`);
  t.strictSame(content(damaged.bytes), whole, 'the side file gives it away');
});

t.test('blocks that are due to be made anew', async (t) => {
  const site = cacheSite(t, LEVELS);
  const hourOf = (time: number) => `${new Date(time).toISOString().slice(0, 13)}:00`;
  /** The blocks of the hour `days` ago, as if built 20 hours ago and due since then; what a request does with them. */
  const due = async (days: number, levels: readonly string[]) => {
    const time = Date.now() - days * 86_400_000;
    const [begin, end] = [hourOf(time), hourOf(time + 3_600_000)];
    const built = new Date(Date.now() - 72_000_000).toISOString();
    for (const number of [0, 1]) {
      const level = site.level(number);
      const folder = join(
        site.cacheRoot,
        'data/T/S/_noparam',
        level.directory,
        begin.slice(0, 10).replaceAll('-', '/'),
      );
      rmSync(folder, { recursive: true, force: true });
      if (!levels.includes(level.directory)) continue;
      await buildBlocks({ source: site.source(), level, range: range(begin, end), configuration: site.configuration });
      const side = join(folder, `.${begin.slice(0, 13)}_${level.directory}.d2s.json`);
      const record = JSON.parse(readFileSync(side, 'utf8'));
      writeFileSync(side, JSON.stringify({ ...record, final: false, builtAt: built, recheckAfter: built }));
    }
    return (await ask(site, `start_time=${begin}&end_time=${end}&resolution=60`)).cache;
  };
  t.equal(await due(10, ['bin-60s']), 'hit', 'served while the worker makes it anew');
  t.equal(await due(1, ['bin-60s']), 'miss', 'data still come in, and no request asks for the block');
  t.equal(await due(10, ['intrinsic']), 'miss', 'nobody would make the finer block anew');
});

t.test('readers that fail', async (t) => {
  const site = cacheSite(t, LEVELS);
  writeFileSync(join(site.folder, 'bin/fail'), '');
  await t.rejects(ask(site, `${DAY}&resolution=60`), { code: 'readerFailed', message: /tape broke/ });
  rmSync(join(site.folder, 'bin/fail'));
  await fill(site, range('2017-03-01', '2017-03-01T20:00'));
  rmSync(join(site.cacheRoot, 'data/T/S/_noparam/bin-60s/2017/03/01/2017-03-01T18_bin-60s.d2s'));
  rmSync(join(site.cacheRoot, 'data/T/S/_noparam/intrinsic'), { recursive: true });
  writeFileSync(join(site.folder, 'bin/fail'), '');
  const late = await ask(site, 'start_time=2017-03-01&end_time=2017-03-01T20:00&resolution=60');
  const { records, exceptions } = content(late.bytes);
  t.equal(records.length, 18 * 60, 'what was there');
  t.strictSame(exceptions, ['ServerError'], 'and why there is no more');
});

t.test('where the cache stays out of it', async (t) => {
  const note = async (site: TestSite, query = `${DAY}&resolution=60`) => (await ask(site, query)).cache;
  t.equal(await note(cacheSite(t, [])), 'off', 'no levels');
  t.equal(await note(cacheSite(t, LEVELS, ['CACHE_MAX_BLOCKS = 5'])), 'off', 'too many blocks');
  t.equal(await note(cacheSite(t, LEVELS), `${DAY}&resolution=60&params=x`), 'off', 'other parameters');
  t.equal(await note(cacheSite(t, LEVELS.slice(1)), DAY), 'off', 'no level is fine enough');
  const many = cacheSite(t, ["cacheLevel_00 = '1 s | persecond'"]);
  t.equal(
    await note(many, 'start_time=2017-03-01&end_time=2017-03-01T01:00&resolution=5'),
    'off',
    'an hour of seconds',
  );
  const order = cacheSite(t, ["cacheLevel_00 = '1 min | hourly | a b'"]);
  t.equal(await note(order, `${DAY}&resolution=60&params=a+b`), 'miss');
  t.equal(await note(order, `${DAY}&resolution=60&params=b+a`), 'off', 'the order of parameters matters');
  order.define(["cacheLevel_00 = '1 min | hourly | a b'", "paramOrder = 'any'"]);
  t.equal(await note(order, `${DAY}&resolution=60&params=b+a`), 'miss');
});

t.test('a cache reader of its own', async (t) => {
  const site = cacheSite(t, [...LEVELS, "cacheReader = 'own_cache_reader'"]);
  site.program(
    'own_cache_reader',
    `#!/bin/sh\necho "$@" > "$(dirname "$0")/read"\nprintf '[00]000025<stream version="2.2" />\\n'\n`,
  );
  t.equal((await ask(site, `${DAY}&resolution=60`)).cache, 'miss', 'not without all blocks');
  t.match(site.calls(), ['2017-03-01 2017-03-02'], 'the reader, as without a cache');
  await fill(site, range('2017-03-01', '2017-03-02'));
  t.equal((await ask(site, `${DAY}&resolution=60`)).cache, 'hit');
  const words = readFileSync(join(site.folder, 'bin/read'), 'utf8').trim().split(' ');
  t.strictSame(words, [
    join(site.folder, 'datasets/T/S.dsdf'),
    join(site.cacheRoot, 'data/T/S'),
    '_noparam',
    '2017-03-01',
    '2017-03-02',
    '6.00000e+01',
  ]);
});

t.test('missing blocks are queued, settled ones, once', async (t) => {
  const site = cacheSite(t, [...LEVELS, "validRange = '2017-03-01T02:00 to 2018-01-01'"]);
  const waiting = async () => {
    const broker = await openBroker(site.configuration);
    const items = (await broker?.list('todo')) ?? [];
    await broker?.close();
    return items.map((item) => item.split('|').slice(1)).reverse();
  };
  await fill(site, range('2017-03-01T05:00', '2017-03-01T07:00'));
  rmSync(join(site.cacheRoot, 'data/T/S/_noparam/bin-600s'), { recursive: true });
  const query = 'start_time=2017-03-01&end_time=2017-03-03&resolution=60';
  await ask(site, query);
  await ask(site, query);
  const items = await waiting();
  t.strictSame(
    items.map((item) => item.slice(5)),
    [
      ['TASK_CACHE', 'T/S', '2017-03-01T02:00', '2017-03-01T05:00', '1'],
      ['TASK_CACHE', 'T/S', '2017-03-01T07:00', '2017-03-02T15:00', '1'],
      ['TASK_CACHE', 'T/S', '2017-03-02T15:00', '2017-03-03T00:00', '1'],
    ],
  );
  t.match(items[0], ['das.example.org/das/server', '', /^[0-9.:a-f]+$/]);
  // Not even while the test runs.
  const hour = new Date(Date.now() + 600_000).toISOString().slice(0, 13);
  site.define(LEVELS);
  await ask(site, `start_time=${hour}:00&end_time=${hour}:30&resolution=60`);
  t.equal((await waiting()).length, 3, 'nothing for an hour that is not over');
});

t.test('no queue, no harm', async (t) => {
  const none = cacheSite(t, LEVELS, ['WORK_QUEUE_BROKER = none']);
  t.equal((await ask(none, `${DAY}&resolution=60`)).cache, 'miss');
  const dead = cacheSite(t, LEVELS, ['WORK_QUEUE_BROKER = redis', 'WORK_QUEUE_CONN = 127.0.0.1:1']);
  const answer = await ask(dead, `${DAY}&resolution=60`);
  t.equal(content(answer.bytes).records.length, 1440);
});

t.test('a finer binned level stands in', async (t) => {
  const site = cacheSite(t, LEVELS);
  await fill(site, range('2017-03-01', '2017-03-02'));
  for (const folder of ['intrinsic', 'bin-600s'])
    rmSync(join(site.cacheRoot, 'data/T/S/_noparam', folder), { recursive: true });
  const before = site.calls().length;
  const answer = await ask(site, `${DAY}&resolution=600`);
  t.equal(answer.cache, 'hit');
  t.equal(site.calls().length, before);
  const { records, header } = content(answer.bytes);
  t.equal(records.length, 144);
  t.match(header, [[{ name: 'xCacheRange' }, { name: 'xCacheResolution', value: '600.000000 s' }]]);
  rmSync(join(site.cacheRoot, 'data/T/S/_noparam/bin-60s/2017/03/01/2017-03-01T05_bin-60s.d2s'));
  t.equal((await ask(site, `${DAY}&resolution=600`)).cache, 'miss', 'only if it is complete');
});

t.test('data that open with age: no bin tells of what is closed', async (t) => {
  // The edge moves on while the test runs. By this clock it does so in the middle of a bin, whenever the test runs.
  const { now } = Date;
  const ahead = 300_000 - (now() % 600_000);
  Date.now = () => now() + ahead;
  t.teardown(() => {
    Date.now = now;
  });
  const hours = Math.round((Date.now() - Date.UTC(2017, 2, 1, 13)) / 3_600_000);
  const edge = Date.now() - hours * 3_600_000;
  const bin = Math.floor(edge / 600_000) * 600_000;
  const text = (time: number): string => new Date(time).toISOString().slice(0, 19);
  const query = `start_time=${text(bin - 3_600_000)}&end_time=${text(edge - 10_000)}&resolution=600`;
  const lines = [
    "cacheLevel_00 = 'intrinsic | hourly'",
    "cacheLevel_01 = '10 min | hourly'",
    `readAccess = 'AGE:${hours}h'`,
    "reader = 'STEP=1 test_reader'",
  ];
  const [full, none] = [cacheSite(t, lines), cacheSite(t, lines)];
  for (const number of [0, 1]) {
    await buildBlocks({
      source: full.source(),
      level: full.level(number),
      range: range('2017-03-01T10:00', '2017-03-01T16:00'),
      configuration: full.configuration,
    });
  }
  const before = full.calls().length;
  const [cached, live] = [await ask(full, query), await ask(none, query)];
  t.equal(live.cache, 'miss');
  const times = [full, none].flatMap((site) => site.calls().slice(site === full ? before : 0));
  for (const call of times) {
    t.ok(Date.parse(`${call.split(' ')[1]}Z`) <= Date.now() - hours * 3_600_000, `read until ${call.split(' ')[1]}`);
  }
  const [a, b] = [content(cached.bytes).records, content(live.bytes).records];
  t.strictSame(a, b);
  t.equal(a.length, 6, 'the bin in which the edge lies is not there');
  // The same request of somebody who may see all.
  full.define(lines.filter((line) => !line.startsWith('readAccess')));
  const open = content((await ask(full, query)).bytes).records;
  t.strictSame(a, open.slice(0, 6));
});

t.test('faulty levels are told once for each change of the definition', async (t) => {
  const lines = [
    "cacheLevel_00 = '1 min | hourly'",
    "cacheLevel_01 = '0.5 x | daily'",
    "cacheLevel_02 = '1 hour;daily'",
  ];
  const site = cacheSite(t, lines);
  mkdirSync(join(site.folder, 'state'));
  const age = (file: string, seconds: number): void => {
    const time = Date.now() / 1000 - seconds;
    utimesSync(file, time, time);
  };
  age(join(site.folder, 'datasets/T/S.dsdf'), 200);
  const told = async () => {
    const found: string[] = [];
    const log = { line: (text: string) => void found.push(text), text() {}, close() {} };
    const { cache } = await ask(site, `${DAY}&resolution=60`, undefined, log);
    t.equal(cache, 'miss', 'the other level serves');
    return found.filter((line) => line.includes('cacheLevel_'));
  };
  t.match(await told(), [/T\/S: cacheLevel_02: .* deprecated/, /T\/S: cacheLevel_01: '0.5 x' is neither/]);
  t.strictSame(await told(), []);
  const state = join(site.folder, 'state');
  const notes = readdirSync(state).filter((name) => name.startsWith('note-'));
  age(join(state, notes[0] ?? ''), 100);
  t.equal((await told()).length, 0, 'however long ago');
  age(join(site.folder, 'datasets/T/S.dsdf'), 50);
  t.equal((await told()).length, 2, 'the definition has changed since');
  t.strictSame(await told(), []);
});
