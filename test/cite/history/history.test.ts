/** The past of a dataset, worked out from the log of deliveries (citation 13.2). */
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Equivalences } from '../../../lib/cite/citation/equivalence.js';
import { type Elsewhere, keptHistory, readHistory } from '../../../lib/cite/history/store.js';
import { historyEntries } from '../../../lib/cite/history/summary.js';
import { appendEntry } from '../../../lib/cite/log/append.js';
import { compact } from '../../../lib/cite/log/compact.js';
import type { LogEntry } from '../../../lib/cite/log/row.js';
import { canonicalRequest, requestKey, requestToQuery } from '../../../lib/cite/request-key.js';
import { parseTime } from '../../../lib/stream/time.js';
import { temporaryFolder } from '../../tools/temporary-folder.js';

const MUCH = 1 << 30;
const digest = (letter: string): string => letter.repeat(64);

/** A delivery of a dataset, or of one whose request is so long that it is kept elsewhere. */
function entry(
  time: string,
  letter: string,
  more: { dataset?: string; begin?: string; end?: string; resolution?: number; params?: string } & Partial<
    Omit<LogEntry, 'request' | 'rk'>
  > = {},
): LogEntry {
  const { dataset = 'A/B', begin = '2014-04-08', end = '2014-04-09', resolution, params = '', ...rest } = more;
  const interval = undefined;
  const request = canonicalRequest({
    dataset,
    begin: parseTime(begin),
    end: parseTime(end),
    resolution,
    interval,
    params,
  });
  const row = { rk: requestKey(request), state: 'ok', format: 'd2s', bytes: 1, via: 'live', open: false } as const;
  const time3 = `${time}T00:00:00.000Z`;
  return { ...row, time: time3, d2c1: digest(letter), dsver: '1+00000000', request: requestToQuery(request), ...rest };
}

/** The observed changes as letters of digests and days, the latest first. */
async function changesOf(root: string, dataset = 'A/B', elsewhere?: Elsewhere): Promise<string[]> {
  return (await readHistory(root, dataset, { mostBytes: MUCH, elsewhere })).history.changes.map(
    ({ oldDigest, newDigest, lastOld, firstNew }) =>
      `${oldDigest[0]}${newDigest[0]} ${lastOld.slice(5, 10)} ${firstNew.slice(5, 10)}`,
  );
}

t.test('changes are found once, whatever is read anew', async (t) => {
  const { path: root } = temporaryFolder(t);
  t.same(await changesOf(root), []);
  for (const one of [entry('2026-04-01', 'a'), entry('2026-04-30', 'a'), entry('2026-05-03', 'b')])
    appendEntry(root, one);
  appendEntry(root, entry('2026-05-03', 'c', { dataset: 'A/Other' }));
  appendEntry(root, entry('2026-05-04', 'd', { begin: '2014-05-01', end: '2014-05-02' }));
  appendEntry(root, entry('2026-05-04', 'x', { state: 'failed', d2c1: undefined }));
  t.same(await changesOf(root), ['ab 04-30 05-03']);
  t.same(await changesOf(root), ['ab 04-30 05-03'], 'once more');
  appendEntry(root, entry('2026-05-05', 'b'));
  appendEntry(root, entry('2026-05-06', 'a'));
  t.same(await changesOf(root), ['ba 05-05 05-06', 'ab 04-30 05-03'], 'what has come since');
  compact(root, { before: '202701', chain: false });
  appendEntry(root, entry('2027-01-01', 'b'));
  t.same(await changesOf(root), ['ab 05-06 01-01', 'ba 05-05 05-06', 'ab 04-30 05-03'], 'condensed meanwhile');
  t.same(keptHistory(root, 'A/B')?.history.changes.length, 3, 'without a look at the log');
  t.equal(keptHistory(root, 'A/Other'), undefined, 'nobody has asked for it');
});

t.test('what is no change: other ways, data that had not ended', async (t) => {
  const { path: root } = temporaryFolder(t);
  appendEntry(root, entry('2026-04-01', 'a', { resolution: 60, via: 'live' }));
  appendEntry(root, entry('2026-04-02', 'b', { resolution: 60, via: 'cache:1' }));
  appendEntry(root, entry('2026-04-03', 'b', { resolution: 60, via: 'live:1' }));
  appendEntry(root, entry('2026-04-01', 'c', { open: true, begin: '2026-04-01', end: '2026-05-01' }));
  appendEntry(root, entry('2026-05-02', 'd', { begin: '2026-04-01', end: '2026-05-01' }));
  t.same(await changesOf(root), []);
  appendEntry(root, entry('2026-04-04', 'e', { resolution: 60, via: 'cache:1' }));
  t.same(await changesOf(root), ['be 04-03 04-04']);
});

t.test('a long log is read in parts, a torn line later, long requests from their files', async (t) => {
  const { path: root } = temporaryFolder(t);
  const long = { params: 'w'.repeat(4000) };
  for (const day of ['01', '02', '03']) {
    for (let hour = 10; hour < 20; hour++)
      appendEntry(
        root,
        entry(`2026-04-${day}`, day === '03' ? 'b' : 'a', { begin: `2014-01-${hour}`, end: '2014-02-01' }),
      );
    appendEntry(root, entry(`2026-04-${day}`, day === '03' ? 'b' : 'a', long));
  }
  let rounds = 0;
  while (!(await readHistory(root, 'A/B', { mostBytes: 1 })).isComplete && rounds < 100) rounds++;
  t.ok(rounds > 3, `${rounds} rounds`);
  t.equal((await changesOf(root)).length, 11);
  const shard = requestKey(
    canonicalRequest({
      dataset: 'A/B',
      begin: parseTime('2014-04-08'),
      end: parseTime('2014-04-09'),
      resolution: undefined,
      interval: undefined,
      params: '',
    }),
  ).slice(0, 2);
  appendEntry(root, entry('2026-05-01', 'a'));
  appendEntry(root, entry('2026-05-02', 'b'));
  const file = join(root, 'log', shard, '202605.seg');
  const { size } = statSync(file);
  truncateSync(file, size - 10);
  t.equal((await changesOf(root)).length, 11, 'its end is missing');
  appendFileSync(file, '\n');
  appendEntry(root, entry('2026-05-03', 'c'));
  t.match((await changesOf(root))[0], /^ac/, 'the damaged row counts for nothing');
  for (const name of readdirSync(join(root, 'history'))) writeFileSync(join(root, 'history', name), '{"dataset":');
  t.equal((await changesOf(root)).length, 12, 'made again from the log');
});

t.test('a remembered history that somebody has changed, or another version has written, is made again', async (t) => {
  const { path: root } = temporaryFolder(t);
  appendEntry(root, entry('2026-05-01', 'a'));
  appendEntry(root, entry('2026-05-02', 'b'));
  const found = ['ab 05-01 05-02'];
  t.same(await changesOf(root), found);
  const names = readdirSync(join(root, 'history'));
  t.equal(names.length, 1, 'what belongs together is written at once');
  const file = join(root, 'history', names[0] ?? '');
  const good = readFileSync(file, 'utf8');
  for (const text of [
    good.replace(/"changes":\[[^\]]*\]/, '"changes":5'),
    good.replace(/"changes":\[[^\]]*\]/, '"changes":[null]'),
    good.replace(/"versions":\[[^\]]*\]/, '"versions":{}'),
    good.replace(/"states":\[.*\]/, '"states":[7]'),
    good.replaceAll('05-01', '05-07'),
    good.slice(0, good.indexOf('\n') + 1),
    `{"dataset":"A/B"}\n${good}`,
    'null\nnull\n',
    '\n\n',
  ]) {
    t.not(text, good);
    writeFileSync(file, text);
    t.same(await changesOf(root), found, text.slice(0, 60));
    t.equal(readFileSync(file, 'utf8').length, good.length, 'and remembered anew');
  }
});

t.test('what cannot be read now is read later', async (t) => {
  const { path: root } = temporaryFolder(t);
  appendEntry(root, entry('2026-05-01', 'a'));
  appendEntry(root, entry('2026-06-02', 'b'));
  const [shard = ''] = readdirSync(join(root, 'log'));
  const file = join(root, 'log', shard, '202605.seg');
  const text = readFileSync(file);
  rmSync(file);
  mkdirSync(file);
  t.same(await changesOf(root), []);
  rmSync(file, { recursive: true });
  writeFileSync(file, Buffer.concat([text, Buffer.from(`${'x'.repeat(6000)}\n`)]));
  appendEntry(root, entry('2026-05-03', 'c'));
  t.equal((await readHistory(root, 'A/B', { mostBytes: MUCH })).history.versions[0]?.first, '2026-05-01T00:00:00.000Z');
});

t.test('deliveries of other machines stand between those of this one', async (t) => {
  const { path: root } = temporaryFolder(t);
  const others = [
    entry('2026-04-02', 'b'),
    entry('2026-04-05', 'a'),
    entry('2026-04-05', 'c', { begin: '2014-01-01' }),
  ];
  const since: string[] = [];
  const elsewhere: Elsewhere = async (place) => {
    since.push(place);
    const from = Number(place === '' ? 0 : place);
    return { entries: others.slice(from), upTo: String(others.length) };
  };
  appendEntry(root, entry('2026-04-01', 'a'));
  appendEntry(root, entry('2026-04-03', 'b'));
  t.same(await changesOf(root, 'A/B', elsewhere), ['ba 04-03 04-05', 'ab 04-01 04-02']);
  others.push(entry('2026-04-07', 'd', { begin: '2014-01-01' }));
  t.same(await changesOf(root, 'A/B', elsewhere), ['cd 04-05 04-07', 'ba 04-03 04-05', 'ab 04-01 04-02']);
  await changesOf(root, 'A/B', elsewhere);
  t.same(since, ['', '3', '4'], 'what was read once is not asked for again');
  const silent = await readHistory(root, 'A/B', { mostBytes: MUCH, elsewhere: async () => undefined });
  t.equal(silent.isComplete, false);
  t.equal(silent.history.changes.length, 3);
  rmSync(join(root, 'history'), { recursive: true });
  for (const day of ['01', '02', '03']) appendEntry(root, entry(`2026-05-${day}`, 'b', { begin: `2014-02-${day}` }));
  let rounds = 0;
  while (!(await readHistory(root, 'A/B', { mostBytes: 1, elsewhere })).isComplete && rounds < 100) rounds++;
  t.ok(rounds > 1, `${rounds} rounds`);
  t.equal((await changesOf(root, 'A/B', elsewhere)).length, 3, 'in parts, too');
});

const NONE = { changes: [], version: undefined, versionDate: undefined } as never;

t.test('entries: the shortest interval explains the others', async (t) => {
  const { path: root } = temporaryFolder(t);
  for (const [time, letter] of [
    ['2026-04-30', 'a'],
    ['2026-05-03', 'b'],
  ] as const) {
    appendEntry(root, entry(time, letter));
    appendEntry(root, entry(time, letter, { begin: '2014-01-01', end: '2015-01-01' }));
    appendEntry(root, entry(time, letter, { begin: '2015-06-01', end: '2015-06-03' }));
  }
  const { history } = await readHistory(root, 'A/B', { mostBytes: MUCH });
  const found = historyEntries({ metadata: NONE, versions: [], changes: history.changes }, ({ begin }) =>
    begin.startsWith('2014-04-08'),
  );
  t.match(
    found.map(({ text, requests, keptCitations, data }) => ({ text, requests, keptCitations, data })),
    [
      {
        text: 'content of 2014-04-08 changed between 2026-04-30 and 2026-05-03',
        requests: 2,
        keptCitations: 1,
        data: { firstDay: '2014-04-08', lastDay: '2014-04-08' },
      },
      {
        text: 'content of 2015-06-01 to 2015-06-02 changed between 2026-04-30 and 2026-05-03',
        requests: 1,
        keptCitations: 0,
      },
    ],
  );
});

t.test('entries: versions and what was declared', async (t) => {
  const { path: root } = temporaryFolder(t);
  for (const [time, dsver] of [
    ['2026-04-01', '1+00000000'],
    ['2026-04-03', '1+11111111'],
    ['2026-04-02', '1+00000000'],
    ['2026-04-05', '2+22222222'],
  ] as const)
    appendEntry(root, entry(time, 'a', { dsver }));
  const metadata = { changes: [{ date: '2026-04-04', text: 'recalibrated' }], version: '2', versionDate: '2026-04' };
  const { history } = await readHistory(root, 'A/B', { mostBytes: MUCH });
  const found = historyEntries({ metadata, versions: history.versions, changes: [] }, () => false);
  t.same(
    found.map(({ kind, date, text }) => `${kind} ${date.slice(5, 10)} ${text}`),
    [
      'version 04-05 version 2 in place of 1',
      'declared 04-04 recalibrated',
      'definition 04-03 definition, reader or reducer of the source changed',
      'version 04 version 2',
    ],
  );
});

t.test('equivalences go both ways and are handed on', async (t) => {
  const { path: root } = temporaryFolder(t);
  const list = new Equivalences(root);
  t.notOk(list.has(digest('a'), digest('b')));
  const facts = { name: 'N', date: '2026-05-01', reason: 'R' };
  list.declare({ old: digest('a'), new: digest('b'), ...facts });
  list.declare({ old: digest('b'), new: digest('c'), ...facts });
  appendFileSync(join(root, 'equivalent.jsonl'), '{"old":\n');
  const later = new Equivalences(root);
  t.ok(later.has(digest('a'), digest('c')));
  t.ok(later.has(digest('c'), digest('a')));
  t.equal(later.between('a'.repeat(16), digest('c'))?.length, 2, 'by first digits');
  t.notOk(later.has(digest('d'), digest('a')));
  t.notOk(new Equivalences(undefined).has(digest('a'), digest('b')));
});
