/** Condensing the log, and das2_srv_cite. Test case C53 of citation 16 as far as the log goes. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { citationId } from '../../../lib/cite/citation/id.js';
import { KeptCitations } from '../../../lib/cite/citation/kept.js';
import { statesOf } from '../../../lib/cite/citation/states.js';
import { appendEntry } from '../../../lib/cite/log/append.js';
import { logCensus } from '../../../lib/cite/log/census.js';
import { brokenLink, compact, firstKeptMonth } from '../../../lib/cite/log/compact.js';
import type { LogEntry } from '../../../lib/cite/log/row.js';
import { LogStore } from '../../../lib/cite/log/store.js';
import { entriesOfSummary, summaryRows } from '../../../lib/cite/log/summary.js';
import { buildProgram } from '../../tools/program.js';
import { temporaryFolder } from '../../tools/temporary-folder.js';

const RK = 'ab'.repeat(32);
const ONE = '12'.repeat(32);
const TWO = '34'.repeat(32);

function fill(root: string): LogStore {
  const store = new LogStore(root);
  const add = (time: string, more: Partial<LogEntry> = {}): void =>
    appendEntry(root, {
      time: `${time}T00:00:00.000Z`,
      rk: RK,
      state: 'ok',
      d2c1: ONE,
      raw: '56'.repeat(32),
      format: 'd2s',
      bytes: 10,
      packets: 2,
      via: 'live',
      open: false,
      request: 'dataset=A',
      ...more,
    });
  add('2025-01-05');
  add('2025-01-06', { format: 'd2t', raw: '78'.repeat(32) });
  add('2025-01-07');
  add('2025-02-01', { d2c1: TWO, packets: 3 });
  add('2025-02-02', { state: 'failed', d2c1: undefined });
  add('2025-02-03', { via: 'cache:bin-60s' });
  add('2026-01-01', { d2c1: TWO, packets: 3 });
  add('2025-01-01', { rk: `ab${'cd'.repeat(31)}` });
  return store;
}

/** What the log says of a request: digest, way, times, deliveries. */
function facts(store: LogStore): Map<string, { count: number; first: string; last: string; raws: Set<string> }> {
  const found = new Map<string, { count: number; first: string; last: string; raws: Set<string> }>();
  for (const { d2c1, via, time, count = 1, raw = '', state, format } of store.find(RK).entries) {
    if (state !== 'ok') continue;
    const known = found.get(`${d2c1} ${via}`) ?? { count: 0, first: time, last: time, raws: new Set() };
    known.count += count;
    if (time < known.first) known.first = time;
    if (time > known.last) known.last = time;
    known.raws.add(`${format} ${raw}`);
    found.set(`${d2c1} ${via}`, known);
  }
  return found;
}

t.test('C53: a condensed log answers as before', async (t) => {
  const root = temporaryFolder(t).path;
  const store = fill(root);
  const before = facts(store);
  t.match(compact(root, { before: '202502', chain: false }), { segments: 1, damaged: 0 });
  t.same(facts(store), before);
  t.match(compact(root, { before: '202601', chain: false }), { segments: 1 });
  t.same(facts(store), before, 'a second time into the same summary');
  t.same(readdirSync(join(root, 'log/ab')).sort(), ['2025.sum', '202601.seg']);
  t.equal(store.find(RK).entries[0]?.packets, 3);
  t.match(compact(root, { before: '202601', chain: true }), { segments: 0, link: undefined }, 'nothing is left to do');
  t.same(logCensus(root).deliveries, { ok: 7, aborted: 0, failed: 0, unhashed: 0 });
});

t.test('what was only computed stays apart from what was delivered', async (t) => {
  const entry = (day: number, format: string): LogEntry => ({
    time: `2025-01-0${day}T00:00:00.000Z`,
    rk: RK,
    state: 'ok',
    d2c1: ONE,
    format,
    bytes: 10,
    via: 'live',
    open: false,
    request: 'dataset=A',
  });
  const rows = summaryRows([entry(1, 'none'), entry(2, 'd2s'), entry(3, 'd2s')]);
  const [state] = statesOf(rows.flatMap(entriesOfSummary).reverse());
  t.match(state, { count: 3, deliveries: 2 });
});

t.test('a death between summary and removal counts nothing twice', async (t) => {
  const root = temporaryFolder(t).path;
  const store = fill(root);
  const before = facts(store);
  const file = join(root, 'log/ab/202501.seg');
  const copy = join(root, 'copy');
  copyFileSync(file, copy);
  compact(root, { before: '202502', chain: false });
  copyFileSync(copy, file);
  t.same(facts(store), before);
  compact(root, { before: '202502', chain: false });
  t.same(facts(store), before);
  t.notOk(existsSync(file));
});

t.test('the chain shows what has been changed', async (t) => {
  const root = temporaryFolder(t).path;
  fill(root);
  t.match(compact(root, { before: '202502', chain: true }), { link: '000001.txt' });
  t.match(compact(root, { before: '202601', chain: true }), { link: '000002.txt' });
  t.equal(brokenLink(root), undefined);
  t.match(readFileSync(join(root, 'chain/000001.txt'), 'utf8'), /^previous -\n[0-9a-f]{64} {2}ab\/202501\.seg\n$/);
  appendFileSync(join(root, 'chain/000001.txt'), 'x');
  t.equal(brokenLink(root), '000002.txt');
});

t.test('the first month that stays', async (t) => {
  const now = Date.UTC(2026, 10, 20);
  t.equal(firstKeptMonth(now, 13), '202511');
  t.equal(firstKeptMonth(now, 1), '202611');
  t.equal(firstKeptMonth(now, 0), '202611', 'never the present month');
  t.equal(firstKeptMonth(Date.UTC(2026, 0, 1), 2), '202512');
});

t.test('das2_srv_cite', async (t) => {
  const folder = temporaryFolder(t);
  const root = join(folder.path, 'cite');
  fill(root);
  const configuration = folder.write('das2server.conf', `SITE_NAME = x\nCITE_ROOT = ${root}\n`);
  const program = await buildProgram('das2_srv_cite', 'bin/srv_cite.ts');
  t.teardown(() => program.remove());
  const run = (...args: string[]) => {
    const [command = '', ...words] = program.command;
    const { status, stdout, stderr } = spawnSync(command, [...words, ...args], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, DAS2_SERVER_CONF: configuration },
    });
    return { status, output: stdout, errors: stderr };
  };
  t.match(run('check'), {
    status: 0,
    output: /3 segments, 0 summaries\nDeliveries: 7 ok, 0 aborted, 1 failed, 0 unhashed\nFrom 2025-01-01/,
  });
  t.match(run('find', ONE.slice(0, 16)).output, /time .*\n-+.*\n2025-02-03T00:00:00.000Z ok +1 +1212/);
  t.equal((JSON.parse(run('find', '--json', `sha256-d2c1:${TWO}`).output) as unknown[]).length, 2);
  t.match(run('find', 'ffffffffffff').output, /nothing in the log/);
  const id = citationId(RK, ONE);
  new KeptCitations(root).issue(id, { rk: RK, digest: `sha256-d2c1:${ONE}`, request: 'dataset=A' });
  const byId = JSON.parse(run('find', '--json', id).output) as LogEntry[];
  t.ok(byId.length > 0 && byId.every(({ rk, d2c1 }) => rk === RK && d2c1 === ONE), 'by the id of a citation');
  t.match(run('keep', id), { status: 17, errors: /SERVER_URL/ });
  const text = readFileSync(configuration, 'utf8');
  writeFileSync(configuration, `${text}CITE_ENABLE = no\n`);
  for (const what of ['verify', 'probe']) t.match(run(what), { status: 17, errors: /CITE_ENABLE is off/ });
  writeFileSync(configuration, text);
  t.match(run('verify'), { status: 0, output: '0 of 0 kept citations were compared\n' });
  t.match(run('find', citationId(RK, 'ff'.repeat(32))).output, /nothing in the log/);
  const lines = run('export').output.split('\r\n');
  t.match(lines[0], /^time,rk,state,reason,d2c1,.*,count,request$/);
  t.equal(lines.length, 1 + 8 + 1, 'a line for each delivery');
  t.ok(lines.slice(1, -1).every((line) => line.split(',').length === 17));
  t.match(run('compact', '--before', '2026-01'), {
    status: 0,
    output: '2 segments of months before 2026-01 condensed\n',
  });
  appendFileSync(join(root, 'log/ab/202601.seg'), 'torn');
  t.match(run('check'), { status: 1, output: /ab\/202601.seg: 1 line is damaged/ });
  for (const args of [
    [],
    ['what'],
    ['find'],
    ['find', 'xyz'],
    ['find', 'abc'],
    ['check', 'abc'],
    ['find', 'abcdef01', 'abcdef01'],
    ['keep'],
    ['verify', 'abc'],
    ['verify', '--most', '0'],
    ['compact', '--before', '2999-01'],
    ['compact', '--before', 'x'],
  ]) {
    const { status, errors } = run(...args);
    t.equal(status, 13, args.join(' '));
    t.match(errors, /das2_srv_cite: |error: /);
  }
  folder.write('datasets/_dirinfo_.dsdf', "publisher = 'P'\npubYear = '2020'\n");
  folder.write('datasets/Good.dsdf', "description = 'G'\nreader = 'x'\ncreator_01 = '@Team'\n");
  folder.write('datasets/Bad.dsdf', "description = 'B'\nreader = 'x'\ndoi = 'nonsense'\n");
  writeFileSync(configuration, `SITE_NAME = x\nCITE_ROOT = ${root}\nDSDF_ROOT = ${join(folder.path, 'datasets')}\n`);
  t.match(run('lint'), {
    status: 1,
    output: 'Bad: no creator; doi is not a DOI such as 10.5072/abc\n1 of 2 sources have gaps\n',
  });
  new KeptCitations(root).keep('b6ks4dr57vm68q0n-h', {});
  t.match(run('withdraw', 'b6ks4dr57vm68q0n-h'), { status: 13, errors: /--reason/ });
  t.match(run('withdraw', 'b6ks4dr57vm68q0n-h', '--reason', 'wrong'), { status: 0 });
  t.match(new KeptCitations(root).events('b6ks4dr57vm68q0n-h'), [{ event: 'withdrawn', reason: 'wrong' }]);
  writeFileSync(configuration, `SITE_NAME = x\nCITE_ROOT = ${configuration}\n`);
  t.equal(run('compact').status, 17);
  t.match(run('--help').output, /^Usage: das2_srv_cite/);
});

t.test('where nothing was logged there is nothing to condense', async (t) => {
  const { path } = temporaryFolder(t);
  t.same(compact(path, { before: '202601', chain: true }), { segments: 0, damaged: 0 });
});
