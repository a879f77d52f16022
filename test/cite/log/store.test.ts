/** The log of deliveries in files. Test cases C20 and C21 of citation 16. */
import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { appendEntry } from '../../../lib/cite/log/append.js';
import { formatRow, LONGEST_ROW, type LogEntry, parseRow } from '../../../lib/cite/log/row.js';
import { LogStore } from '../../../lib/cite/log/store.js';
import { bundleProgram } from '../../tools/program.js';
import { temporaryFolder } from '../../tools/temporary-folder.js';

const RK = 'ab'.repeat(32);

function entry(more: Partial<LogEntry> = {}): LogEntry {
  return {
    time: '2026-11-20T09:30:12.345Z',
    rk: RK,
    state: 'ok',
    reason: undefined,
    d2c1: '12'.repeat(32),
    m: '34'.repeat(32),
    raw: '56'.repeat(32),
    format: 'd2s',
    bytes: 1000,
    packets: 24,
    firstX: '2017-01-01T00:00:00',
    lastX: '2017-01-01T23:00:00',
    via: 'live',
    dsver: '7+01234567',
    open: false,
    request: 'dataset=A%2FB&begin=2017-01-01T00%3A00%3A00',
    ...more,
  };
}

t.test('a row and back', async (t) => {
  const row = formatRow(entry(), entry().request);
  t.equal(row.split('\t').length, 16);
  t.same(parseRow(row.trimEnd()), entry());
  const odd = entry({ state: 'unhashed', reason: 'a\tb: c\n', d2c1: undefined, packets: undefined, open: true });
  t.same(parseRow(formatRow(odd, odd.request).trimEnd()), { ...odd, reason: 'a b: c ' });
  for (const line of ['', 'x', row.slice(5), row.replace('ok', 'fine'), row.replace(RK, 'zz')]) {
    t.equal(parseRow(line.trimEnd()), undefined);
  }
});

t.test('entries of a request, newest first, over months', async (t) => {
  const { path } = temporaryFolder(t);
  const store = new LogStore(path);
  t.same(store.find(RK), { entries: [], damaged: 0 });
  const times = [
    '2026-10-01T00:00:00.000Z',
    '2026-11-01T00:00:00.000Z',
    '2026-11-02T00:00:00.000Z',
    '2025-12-31T23:59:59.999Z',
  ];
  for (const time of times) appendEntry(path, entry({ time }));
  appendEntry(path, entry({ rk: `ab${'cd'.repeat(31)}` }));
  t.same(
    store.find(RK).entries.map(({ time }) => time),
    [...times].sort().reverse(),
  );
  let looked = 0;
  t.equal(store.find(RK, () => ++looked > 0).entries.length, 2, 'older months are not read once there is enough');
});

t.test('a long request is kept beside the log', async (t) => {
  const folder = temporaryFolder(t).path;
  const store = new LogStore(folder);
  const request = `dataset=A&params=${'x'.repeat(LONGEST_ROW)}`;
  for (let i = 0; i < 2; i++) appendEntry(folder, entry({ request }));
  t.same(
    store.find(RK).entries.map((one) => one.request),
    [request, request],
  );
  const text = readFileSync(join(folder, 'log/ab/202611.seg'), 'utf8');
  t.ok(text.endsWith('\t@\n'));
  t.equal(readFileSync(join(folder, 'req/ab', RK), 'utf8'), request);
});

t.test('C21: a torn last line, and rubbish, are counted and skipped', async (t) => {
  const folder = temporaryFolder(t).path;
  const store = new LogStore(folder);
  appendEntry(folder, entry());
  const file = join(folder, 'log/ab/202611.seg');
  appendFileSync(file, formatRow(entry(), 'dataset=A').slice(0, 200));
  t.match(store.find(RK), { entries: [{ rk: RK }], damaged: 1 });
  appendFileSync(file, '\n\0\0rubbish\n');
  t.match(store.find(RK), { entries: [{ rk: RK }], damaged: 2 });
  mkdirSync(join(folder, 'log/ab/202612.seg'));
  t.match(store.find(RK), { entries: [{ rk: RK }], damaged: 3 }, 'what cannot be read');
});

t.test('C20: rows of many processes are whole', async (t) => {
  const folder = temporaryFolder(t);
  const program = await bundleProgram('test/tools/append-entries.ts');
  t.teardown(() => program.remove());
  const [command = '', ...words] = program.command;
  for (const [lock, processes, each] of [
    ['no', 24, 400],
    ['lock', 3, 50],
  ] as const) {
    const root = join(folder.path, lock);
    const ends = Array.from({ length: processes }, (_, i) => {
      const child = spawn(command, [...words, root, String(i), String(each), lock], { stdio: 'inherit' });
      return new Promise<number | null>((resolve) => child.on('close', resolve));
    });
    t.same(new Set(await Promise.all(ends)), new Set([0]));
    const { entries, damaged } = new LogStore(root).find(RK);
    t.equal(damaged, 0);
    t.equal(entries.length, processes * each);
    t.equal(new Set(entries.map(({ bytes }) => bytes)).size, entries.length, 'each of them');
    t.same(readdirSync(join(root, 'log/ab')), ['202611.seg'], 'no lock is left');
  }
});

t.test('a row that stands behind a torn one is not lost', async (t) => {
  const { path } = temporaryFolder(t);
  const store = new LogStore(path);
  appendEntry(path, entry());
  const file = join(path, 'log', RK.slice(0, 2), '202611.seg');
  appendFileSync(file, formatRow(entry(), 'x').slice(0, 300));
  appendEntry(path, entry({ time: '2026-11-21T00:00:00.000Z' }));
  const { entries, damaged } = store.find(RK);
  t.equal(damaged, 1);
  t.same(
    entries.map(({ time }) => time),
    ['2026-11-21T00:00:00.000Z', '2026-11-20T09:30:12.345Z'],
  );
});
