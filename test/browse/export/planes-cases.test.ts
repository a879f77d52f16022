/** Extracts of planes, and CSV and plots as forms of exports (browse-export 9.2, 10). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { LOGO_PNG } from '../../tools/protocol-fixture.js';
import { readZip } from '../read-zip.js';
import { exportSite, PLOT_SCRIPT, programsOf, TWO_PLANES } from './export-site.js';

const A = 'prog:Test,level:na,series:A[7457]';
const FIELD = 'planes~Test:na:A';

function site(t: Test, settings = '') {
  const made = exportSite(t, settings);
  const program = programsOf(made.folder);
  program('good', `printf '%s' '${TWO_PLANES}'; printf ':01:%s.000 1.50    2.25   \\n' "$1"`);
  program('plot', PLOT_SCRIPT);
  made.folder.write(
    'datasets/Test/C.dsdf',
    `${readFileSync(join(made.folder.path, 'datasets/Test/C.dsdf'), 'utf8')}item_00 = 'a | Voltage <b> | V'\nitem_01 = 'b | Length'\n`,
  );
  return made;
}

const unzip = (bytes: Buffer): [string, string][] =>
  [...readZip(bytes)].map(([name, { content }]) => [name.replace(/^[^/]*\//, ''), content.toString('latin1')]);
const dataOf = (bytes: Buffer) => unzip(bytes).filter(([name]) => name.startsWith('data/'));
const items = (bytes: Buffer) => new Map(unzip(bytes)).get('items.csv') ?? '';
const form = (...more: [string, string][]): { path: string; form: [string, string][] } => ({
  path: '/export',
  form: [['method', 'stream'], ...more],
});

t.test('items name planes, alone and with a slice', async (t) => {
  const { ask } = site(t);
  const data = `http://das.example.org/das/server?server=dataset&dataset=Test/A&start_time=`;
  const { text } = await ask({
    path: '/export',
    form: [
      ['sel', `${A}{b}`],
      ['sel', `${A}{a,b}`],
      ['sel', `${A}{06:00-07:00,b}`],
      ['sel', `${A}{06:00-07:00}`],
    ],
  });
  t.same(text.trimEnd().split('\n'), [
    `${data}2020-06-01T00:00:00&end_time=2020-06-02T00:00:00&planes=b`,
    `${data}2020-06-01T00:00:00&end_time=2020-06-02T00:00:00&planes=a,b`,
    `${data}2020-06-01T06:00:00&end_time=2020-06-01T07:00:00&planes=b`,
    `${data}2020-06-01T06:00:00&end_time=2020-06-01T07:00:00`,
  ]);
  const { bytes } = await ask(form(['sel', `${A}{b}`], ['sel', `${A}{06:00-07:00,b}`]));
  const [whole, slice] = dataOf(bytes);
  t.equal(whole?.[0], 'data/Test/na/A/2020.06.01_7457_b.d2s');
  t.equal(slice?.[0], 'data/Test/na/A/2020.06.01_7457_0600-0700-b.d2s');
  t.match(whole?.[1], /name="b".*:01:2020-06-01T00:00:00\.000 *2\.25/s);
  t.notMatch(whole?.[1], 'name="a"');
  t.match(slice?.[1], ':01:2020-06-01T06:00:00');
});

t.test('a record is cited as what was chosen of it', async (t) => {
  const { json } = site(t, 'CITE_ENABLE = true\n');
  const { records } = (await json({ path: '/request', query: `sel=${encodeURIComponent(`${A}{06:00-07:00,b}`)}` })) as {
    records: { item: string; links: Record<string, string> }[];
  };
  const asked = 'dataset=Test/A&start_time=2020-06-01T06:00:00&end_time=2020-06-01T07:00:00&planes=b';
  t.equal(records[0]?.item, `${A}{06:00-07:00,b}`);
  t.match(records[0]?.links, {
    data: `http://das.example.org/das/server?server=dataset&${asked}`,
    cite: `http://das.example.org/das/server?server=citation&${asked}`,
  });
});

t.test('parts that could be mistaken for one another have files of their own', async (t) => {
  const { ask } = site(t);
  const parts = ['a,b', 'a-b', '0600,0700', '0600-0700', 'x'.repeat(1000), `${'x'.repeat(999)}y`];
  const { text } = await ask({
    path: '/export',
    form: [['method', 'script'], ...parts.map((part): [string, string] => ['sel', `${A}{${part}}`])],
  });
  const names = [...text.matchAll(/-o '([^']*)'/g)].map(([, name]) => name ?? '');
  t.equal(new Set(names).size, parts.length);
  t.ok(names.every((name) => /^[A-Za-z0-9._-]{1,150}$/.test(name)));
});

t.test('a plane that there is not is an item that failed, with the planes that there are', async (t) => {
  const { ask } = site(t);
  const { status, bytes } = await ask(form(['sel', `${A}{nothing}`], ['sel', `${A}{a}`]));
  t.equal(status, 200);
  t.equal(dataOf(bytes).length, 1);
  t.match(items(bytes), /\[7457\]\{nothing\}.*failed.*there is no plane 'nothing' in this answer; it has 'a', 'b'/);
});

t.test('one choice of planes for all records of a series', async (t) => {
  const { ask } = site(t);
  const all: [string, string][] = [
    ['all', 'on'],
    ['start', '2020-06-01'],
    ['stop', '2020-06-03'],
  ];
  const names = async (...more: [string, string][]) =>
    (await ask({ path: '/export', form: [['method', 'manifest'], ...all, ...more] })).text
      .trimEnd()
      .split('\n')
      .filter((name) => name.includes(':A['));
  const days = [7457, 7458].map((day) => `prog:Test,level:na,series:A[${day}]`);
  t.same(await names(), days);
  t.same(
    await names([FIELD, 'a']),
    days.map((name) => `${name}{a}`),
  );
  t.same(
    await names([FIELD, 'a b'], [FIELD, 'b']),
    days.map((name) => `${name}{a,b}`),
  );
  t.same(await names([FIELD, ' , ']), days);
  const own = await ask({
    path: '/export',
    form: [
      ['method', 'manifest'],
      ['sel', `${A}{b}`],
      ['sel', `${A}{06:00-07:00}`],
      ['sel', A],
      ['sel', `${A}{a}`],
      [FIELD, 'a'],
    ],
  });
  t.same(
    own.text.trimEnd().split('\n'),
    [`${A}{b}`, `${A}{06:00-07:00,a}`, `${A}{a}`],
    'what names its own keeps them',
  );
});

t.test('choices that cannot be', async (t) => {
  const { ask } = site(t);
  const fault = async (...more: [string, string][]) => {
    const { status, text } = await ask({ path: '/export', form: [['sel', A], ...more] });
    t.equal(status, 400, JSON.stringify(more));
    return text;
  };
  t.match(await fault([FIELD, 'a;b']), /are no names of planes/);
  t.match(await fault([FIELD, '<script>']), /are no names of planes/);
  t.match(await fault([FIELD, 'a'.repeat(1201)]), /more than 1200/);
  t.match(await fault(['planes~Test:na:B', 'a']), /no record of the series/);
  t.match(await fault(['planes~', 'a']), /no record of the series/);
  t.match(await fault(['data', 'png']), /this site makes no plots/);
  t.match(await fault(['data', 'fits']), /must be one of d2s, d2t, csv, hapi-csv, png/);
  t.match(await fault(['sel', `${A}{06:00-07:00,}`]), /names no part/);
  t.match(await fault(['sel', `${A}{06:00-07:00,06:00-08:00}`]), /names no part/);
});

t.test('CSV', async (t) => {
  const { ask } = site(t);
  const { bytes } = await ask(form(['sel', `${A}{b}`], ['data', 'csv']));
  const [file] = dataOf(bytes);
  t.equal(file?.[0], 'data/Test/na/A/2020.06.01_7457_b.csv');
  t.match(file?.[1], /^time \(UTC\),b \(m\)\n2020-06-01T00:00:00\.0*,2\.25\S*\n$/);
  t.match(items(bytes), '&planes=b&csv=1');
  const script = (
    await ask({
      path: '/export',
      form: [
        ['sel', A],
        ['method', 'script'],
        ['data', 'csv'],
      ],
    })
  ).text;
  t.match(script, /curl -fsS -o 'A_2020\.06\.01_7457\.csv' '[^']*&csv=1'/);
});

t.test('plots', async (t) => {
  const { ask } = site(t, 'PNG_MAKER = plot\nPNG_MAKER_MODE = filter\nCITE_ENABLE = true\n');
  const { bytes } = await ask(form(['sel', `${A}{b}`], ['sel', `${A}{c}`], ['data', 'png']));
  const [file, ...others] = dataOf(bytes);
  t.same(others, []);
  t.equal(file?.[0], 'data/Test/na/A/2020.06.01_7457_b.png');
  t.equal(file?.[1], LOGO_PNG.toString('latin1'));
  t.match(
    items(bytes),
    /server=image&dataset=Test\/A&start_time=2020-06-01T00:00:00&end_time=2020-06-02T00:00:00&planes=b/,
  );
  t.match(items(bytes), /failed.*there is no plane 'c'/);
  t.notOk(new Map(unzip(bytes)).has('CITATION.txt'), 'plots are no data');
});

t.test('jobs stage what was chosen', async (t) => {
  const { start, status, work, ask } = site(t, 'PNG_MAKER = plot\nPNG_MAKER_MODE = filter\n');
  for (const [data, type] of [
    ['csv', 'text/csv'],
    ['png', 'image/png'],
  ] as const) {
    const { id } = await start([
      ['data', data],
      [FIELD, 'b'],
    ]);
    await work();
    const { json } = await status(id);
    t.equal(json.state, 'done');
    const file = await ask({ path: `/export/${id}/files/data/Test/na/A/2020.06.01_7457_b.${data}` });
    t.equal(file.status, 200);
    t.match(file.headers['Content-Type'], type);
    t.match((await ask({ path: `/export/${id}/manifest` })).text, `series:A[7457]{b}",delivered`);
  }
});

t.test('the page of a request offers planes and forms', async (t) => {
  const { ask } = site(t);
  const C = 'prog:Test,level:na,series:C[7457]';
  const page = async (...more: [string, string][]) =>
    (await ask({ path: '/request', form: [['sel', A], ['sel', C], ...more] })).text;
  const text = await page();
  t.match(text, /<input type="text" id="planes-0" name="planes~Test:na:A" value=""/);
  t.match(text, /<input type="checkbox"[^>]* name="planes~Test:na:C" value="a"><label[^>]*>Voltage &lt;b&gt; <small>a/);
  t.match(text, '<option value="csv">');
  t.notMatch(text, '<option value="png">');
  const chosen = await page([FIELD, 'a'], ['planes~Test:na:C', 'b']);
  t.match(chosen, /<details open>/);
  t.match(chosen, /name="planes~Test:na:A" value="a"/);
  t.match(chosen, /name="planes~Test:na:C" value="b" checked/);
  t.notMatch(chosen, /type="hidden" name="planes~/);
});
