/** The naming table: what definitions give, its cache files, how it stays up to date (browse-export 2.1, 4; B29 to B35). */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { namingTable } from '../../../lib/browse/naming/table.js';
import { triadName } from '../../../lib/browse/record/item-name.js';
import { loadConfiguration } from '../../../lib/conf/configuration.js';
import { SourceTree } from '../../../lib/source/tree/source-tree.js';
import { temporaryFolder } from '../../tools/temporary-folder.js';
import { toolCommand } from '../../tools/tool-driver.js';

const EPOCH = "browseEpoch = 'TS_EQ t_obs 1993.01.01_00:00:00_TAI'\n";
const mdi = (series: string, block: string | undefined, more = ''): string =>
  `description = 'Data of ${series.replaceAll("'", '')}'\nreader = x\ndas2Stream = 1\nbrowseProg = mdi\nbrowseLevel = lev1.5\nbrowseSeries = ${series}\n` +
  `${block === undefined ? '' : `browseBlock = ${block}\n`}${EPOCH}${more}`;

function site(t: Test, sources: Readonly<Record<string, string>>) {
  const folder = temporaryFolder(t);
  for (const [id, text] of Object.entries(sources)) folder.write(`datasets/${id}.dsdf`, text);
  folder.write('datasets/.keep', '');
  const file = folder.write('etc/das2server.conf', 'DSDF_ROOT = ../datasets\nSTATE_ROOT = ../state\n');
  const log: string[] = [];
  const tree = () => new SourceTree(loadConfiguration({ file, environment: {} }), (line) => log.push(line));
  const names = join(folder.path, 'state/names');
  const table = (options: { force?: boolean; now?: number } = {}) =>
    namingTable(tree(), { now: Date.now(), ...options });
  return { ...folder, names, table, tree, log };
}

const triads = async (made: ReturnType<ReturnType<typeof site>['table']>) => (await made).series.map(triadName).sort();

t.test('B29: a cache file', async (t) => {
  const series = ['vw_V_01d', 'fd_M_01d', 'fd_M_96m_01d', 'loi64_V_01d', 'Zz_01d'];
  const { names, table } = site(t, Object.fromEntries(series.map((one) => [`MDI/${one}`, mdi(one, '1day')])));
  await table();
  const text = readFileSync(join(names, 'prog:mdi,lev:lev1.5,block:1day'), 'latin1');
  const line = (one: string) => `mdi^lev1.5^${one}^TS_EQ^t_obs^1993.01.01_00:00:00_TAI\n`;
  t.equal(text, ['Zz_01d', 'fd_M_01d', 'fd_M_96m_01d', 'loi64_V_01d', 'vw_V_01d'].map(line).join(''));
  t.ok(existsSync(join(names, 'prog:mdi,lev:lev1.5,block:1day.json')));
});

t.test('what a definition says, and what is derived', async (t) => {
  const { table, log } = site(t, {
    'Juno/WAV/Survey':
      `description = 'Survey'\nreader = x\ndas2Stream = 1\ncacheLevel_00 = 'intrinsic | hourly'\ncacheLevel_01 = '1 min | daily'\n` +
      `region_00 = 'Jupiter.Magnetosphere'\nvalidRange = '2016-07-01 to now'\n`,
    'MDI/all': mdi(
      'fd_V_01h',
      '1hr',
      "observable = 'doppler | Doppler velocity'\nspatialCoverage = 'fulldisk | Full disk'\ncadence = '60 / hour'\n" +
        "imageSize = '1024x1024'\nnominalResolution = '2 arcsec/px'\nbrowseGroup_00 = 'lowres | Low resolution'\nbrowseLabel = 'Velocity'\n",
    ),
    'MDI/none': 'browse = 0\nreader = x\ndas2Stream = 1\n',
    'Far/Away': "description = 'Elsewhere'\nserver = 'http://far.example.org/das/server'\ndas2Stream = 1\n",
    Alone: "reader = x\ndas2Stream = 1\nreadAccess = 'GROUP:g'\n",
  });
  const { series, complaints } = await table();
  t.same(complaints, []);
  t.same(log, []);
  const of = (name: string) => series.find((one) => triadName(one) === name);
  t.same(series.map(triadName).sort(), ['Alone:na:Alone', 'Juno:na:WAV.Survey', 'mdi:lev1.5:fd_V_01h']);
  t.match(of('Juno:na:WAV.Survey'), {
    grid: { block: '1hr', epoch: { keyword: 'time', scale: 'UTC' } },
    dataset: 'Juno/WAV/Survey',
    label: 'Survey',
    resolution: '1 min',
    regions: ['Jupiter.Magnetosphere'],
    isRestricted: false,
  });
  t.match(of('mdi:lev1.5:fd_V_01h'), {
    label: 'Velocity',
    observable: { key: 'doppler', label: 'Doppler velocity' },
    coverage: { key: 'fulldisk', label: 'Full disk' },
    expected: 60,
    groups: [{ key: 'lowres', label: 'Low resolution' }],
  });
  t.match(of('Alone:na:Alone'), { isRestricted: true, grid: { block: '1day' } });
});

t.test('B30: a line of another kind in a file written by hand', async (t) => {
  const { write, table, log, names } = site(t, {});
  write(
    'state/names/prog:mdi,lev:lev1.5,block:1hr',
    'mdi^lev1.5^b_01h^TS^t_obs^1993.01.01_00:00:00_TAI\nmdi^lev1.5^a_01h^TS_EQ^t_obs^1993.01.01_00:00:00_TAI\n',
  );
  t.same(
    await triads(table()),
    ['mdi:lev1.5:a_01h'],
    'lines are put in order: what is said of one must not hang on its place',
  );
  t.same(await triads(table()), ['mdi:lev1.5:a_01h']);
  t.equal(log.filter((line) => line.includes("index kind 'TS'")).length, 1, 'logged once');
  t.same(await triads(table({ force: true })), ['mdi:lev1.5:a_01h'], 'what was written by hand stays');
  t.match(
    readFileSync(join(names, 'prog:mdi,lev:lev1.5,block:1hr'), 'utf8'),
    /^mdi\^lev1.5\^a_01h.*\nmdi\^lev1.5\^b_01h\^TS\^/,
  );
});

t.test('words beside a cache file that are damaged', async (t) => {
  const { write, table, names } = site(t, { 'MDI/a': mdi('a', '1hr', "observable = 'x | X'\nregion_00 = 'Sun'\n") });
  t.match((await table()).series, [{ dataset: 'MDI/a' }]);
  const name = 'prog:mdi,lev:lev1.5,block:1hr';
  const { series } = JSON.parse(readFileSync(join(names, `${name}.json`), 'utf8'));
  t.match(series, [{ regions: ['Sun'] }]);
  for (const change of [
    { regions: [1] },
    { groups: [null] },
    { groups: [{ key: 'x' }] },
    { observable: 'x' },
    { label: 5 },
    { dataset: {} },
    { validRange: 7 },
    { expected: '60' },
    { kind: 'tape' },
    { block: 'constructor' },
    { epoch: 5 },
    { isRestricted: 'no' },
  ]) {
    write(`state/names/${name}.json`, JSON.stringify({ series: [{ ...series[0], ...change }] }));
    const found = (await table()).series[0];
    t.match(found, { series: 'a', label: 'a' }, JSON.stringify(change));
    t.equal(found?.dataset, undefined, 'its line is enough');
  }
});

t.test('4.3: a line written by hand decides the block of a source that does not', async (t) => {
  const { write, table, names } = site(t, { 'MDI/a': mdi('a', undefined) });
  write('state/names/prog:mdi,lev:lev1.5,block:6hr', 'mdi^lev1.5^a^TS_EQ^t_obs^1993.01.01_00:00:00_TAI\n');
  for (const force of [false, true, true]) {
    const { series } = await table({ force });
    t.match(series, [{ grid: { block: '6hr' }, dataset: 'MDI/a' }]);
  }
  t.same(
    readdirSync(names).filter((name) => name.includes('1day')),
    [],
  );
});

t.test('B31: a definition that changes, and ten requests at a time', async (t) => {
  const { path, table, tree, write } = site(t, { 'MDI/a': mdi('a', '1hr') });
  t.same(await triads(table()), ['mdi:lev1.5:a']);
  const first = (await table()).asOf;
  t.equal((await table({ now: Date.now() + 5 })).asOf, first, 'nothing has changed');
  write('datasets/MDI/b.dsdf', mdi('b', '1hr'));
  const made = await Promise.all(
    Array.from({ length: 10 }, (_one, i) => namingTable(tree(), { now: first + 1000 + i })),
  );
  t.equal(new Set(made.map(({ asOf }) => asOf).filter((time) => time > first)).size, 1, 'one of them made the table');
  t.same(await triads(table()), ['mdi:lev1.5:a', 'mdi:lev1.5:b']);
  const later = new Date(Date.now() + 60_000);
  utimesSync(join(path, 'datasets/MDI/b.dsdf'), later, later);
  t.not((await table({ now: first + 9000 })).asOf, first + 1000, 'a new time of a file is enough');
  rmSync(join(path, 'datasets/MDI/a.dsdf'));
  t.same(await triads(table()), ['mdi:lev1.5:b']);
  t.not((await table({ now: Date.now() + 25 * 3_600_000 })).asOf, (await table()).asOf, 'and so is a day');
});

t.test('B32: the tree cannot be read', async (t) => {
  const { path, table, log } = site(t, { 'MDI/a': mdi('a', '1hr') });
  const { asOf } = await table();
  renameSync(join(path, 'datasets'), join(path, 'away'));
  writeFileSync(join(path, 'datasets'), 'no folder');
  const old = await table();
  t.equal(old.asOf, asOf);
  t.match(old.problem, /DSDF_ROOT/);
  t.equal(old.series.length, 1);
  await table();
  t.equal(log.filter((line) => line.includes('could not be made anew')).length, 1);
  rmSync(join(path, 'state'), { recursive: true });
  await t.rejects(table(), { code: 'configuration' });
});

t.test('B33, B34: block and suffix', async (t) => {
  const { table } = site(t, {
    'MDI/a': mdi('x_01h', '1day'),
    'MDI/b': mdi('fd_V_6h_01d', undefined),
    'MDI/c': mdi('y_06h', undefined),
    'MDI/d': mdi('z_06h_x', undefined),
  });
  const { series, complaints } = await table();
  t.same(Object.fromEntries(series.map((one) => [one.series, one.grid.block])), {
    x_01h: '1day',
    fd_V_6h_01d: '1day',
    y_06h: '6hr',
    z_06h_x: '1day',
  });
  t.equal(complaints.length, 1);
  t.match(complaints[0], /MDI\/a: browseBlock says 1day, but its name x_01h ends like one of 1hr/);
});

t.test('B35: what cannot be browsed', async (t) => {
  const bad = {
    'MDI/a': mdi("'a^b'", '1hr'),
    'MDI/b': mdi('b', '2hr'),
    'MDI/c': mdi('c', '1month'),
    'MDI/d': mdi('d', '1hr', 'browseKind = files\n'),
    'MDI/e': mdi('e', '1hr', 'itemsPerRecord = many\n'),
    'MDI/f': mdi('f', '1hr', "observable = 'a,b | x'\n"),
    'MDI/g': mdi("'..'", '1hr'),
  };
  const { table, log } = site(t, { ...bad, 'MDI/good': mdi('good', '1hr'), 'MDI/twice': mdi('good', '1hr') });
  const { series, complaints } = await table();
  t.same(series.map(triadName), ['mdi:lev1.5:good']);
  t.equal(complaints.length, 8);
  for (const id of [...Object.keys(bad), 'MDI/twice'])
    t.equal(log.filter((line) => line.includes(`${id}: `)).length, 1, id);
  await table({ force: true });
  t.same(log.slice(8), [], 'each is told once');
});

t.test('without a folder that can be written', async (t) => {
  const { table, path, log } = site(t, { 'MDI/a': mdi('a', '1hr') });
  writeFileSync(join(path, 'state'), 'no folder');
  t.same(await triads(table()), ['mdi:lev1.5:a']);
  t.ok(log.some((line) => line.includes('BROWSE_CACHE cannot be written')));
  t.equal((await table()).isStored, false);
  const [program = '', ...before] = await toolCommand(temporaryFolder(t), 'srv_browse_index', 'das2_srv_browse_index');
  const run = () =>
    spawnSync(program, [...before, '--config', join(path, 'etc/das2server.conf')], { encoding: 'utf8' });
  t.match(run(), {
    status: 17,
    stdout: /^1 series/m,
    stderr: /not there for others: BROWSE_CACHE, \S+, cannot be written/,
  });
  rmSync(join(path, 'state'));
  t.match(run(), { status: 0, stderr: '' });
});
