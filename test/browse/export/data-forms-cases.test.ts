/** The forms of data that exports and clients of a DRMS may have: which a site and a series have, tables for HAPI clients (browse-export 9.2, 9.6). */
import t, { type Test } from 'tap';
import { readZip } from '../read-zip.js';
import { exportSite, PLOT_SCRIPT, programsOf, TWO_PLANES } from './export-site.js';

const item = (series: string, part = '') => `prog:Test,level:na,series:${series}[7457]${part}`;

/** T is a table, D one whose definition has sub-sources, A none. `empty`: days from which on T has nothing. */
function site(t: Test, settings = 'ENABLE_HAPI_SUBSYS = true\n') {
  const made = exportSite(t, settings);
  const program = programsOf(made.folder);
  program(
    'rows',
    `printf '%s' '${TWO_PLANES}'; case $1 in 2020-06-0[1-5]*) printf ':01:%.10sT01:00:00.000 1.50    2.25   \\n' "$1";; esac`,
  );
  program('plot', PLOT_SCRIPT);
  const source =
    "description = 'x'\nreader = rows\nreducer = not_reducible\ndas2Stream = 1\nvalidRange = '2020-06-01 to 2020-06-20'\nHAPI = 1\n" +
    "exampleRange_00 = '2020-06-01 to 2020-06-02'\n";
  made.folder.write('datasets/Test/T.dsdf', source);
  made.folder.write('datasets/Test/D.dsdf', `${source}subSource_00 = 'k | K'\n`);
  made.folder.write('datasets/Test/A.dsdf', source.replace('HAPI = 1\n', ''));
  return made;
}

type Site = ReturnType<typeof site>;

async function archived({ ask }: Site, items: readonly string[], more: readonly (readonly [string, string])[] = []) {
  const { bytes, status, text } = await ask({
    path: '/export',
    form: [...items.map((one) => ['sel', one] as const), ['method', 'stream'], ['data', 'hapi-csv'], ...more],
  });
  if (status !== 200) throw new Error(`${status} ${text}`);
  return new Map(
    [...readZip(bytes)].map(([name, { content }]) => [name.replace(/^[^/]*\//, ''), content.toString('utf8')]),
  );
}

t.test('tables with their headers, in a bag', async (t) => {
  const made = site(t, 'ENABLE_HAPI_SUBSYS = true\nCITE_ENABLE = true\n');
  const files = await archived(made, [item('T'), item('T', '{b}'), item('T', '{01:00-02:00,a}')]);
  const table = files.get('data/Test/na/T/2020.06.01_7457.csv') ?? '';
  t.match(table, /^#\{\n#\s*"HAPI"/);
  t.match(table, /\n2020-06-01T01:00:00\.000Z,1\.5,2\.25\n$/);
  t.match(files.get('data/Test/na/T/2020.06.01_7457_b.csv'), /\n2020-06-01T01:00:00\.000Z,2\.25\n$/);
  t.match(files.get('data/Test/na/T/2020.06.01_7457_0100-0200-a.csv'), /\n2020-06-01T01:00:00\.000Z,1\.5\n$/);
  t.match(
    files.get('items.csv'),
    '/das/server/hapi/data?id=Test/T&time.min=2020-06-01T00:00:00Z&time.max=2020-06-02T00:00:00Z&format=csv&include=header',
  );
  t.match(files.get('CITATION.txt'), /./, 'tables are cited as streams are');
});

t.test('what is no table, has no rows or no such column is an item that failed', async (t) => {
  const made = site(t);
  const empty = 'prog:Test,level:na,series:T[7466]';
  const files = await archived(made, [item('T'), item('A'), item('D'), empty, item('T', '{nothing}')]);
  t.same(
    [...files.keys()].filter((name) => name.startsWith('data/')),
    ['data/Test/na/T/2020.06.01_7457.csv'],
  );
  const items = files.get('items.csv') ?? '';
  const reason = (name: string): string | undefined => items.split('\n').find((line) => line.includes(name));
  t.match(reason('series:A['), 'its source is no table for HAPI clients');
  t.match(reason('series:D['), 'its source is no table for HAPI clients');
  t.match(reason('[7466]'), 'no data in this record');
  t.match(reason('{nothing}'), 'unknown parameter; the dataset has Time, a, b');
});

t.test('by a worker, and as addresses', async (t) => {
  const made = site(t);
  const { ask, work } = made;
  const { headers } = await ask({
    path: '/export',
    form: [
      ['sel', item('T')],
      ['method', 'url'],
      ['data', 'hapi-csv'],
    ],
  });
  const path = `/export/${headers.Location?.replace(/.*\//, '')}`;
  await work();
  const file = await ask({ path: `${path}/files/data/Test/na/T/2020.06.01_7457.csv` });
  t.match(file.text, /\n2020-06-01T01:00:00\.000Z,1\.5,2\.25\n$/);
  t.match(file.headers['Content-Type'], /^text\/csv/);
  const addresses = async (...series: string[]) =>
    ask({
      path: '/export',
      form: [...series.map((name) => ['sel', item(name)] as const), ['method', 'script'], ['data', 'hapi-csv']],
    });
  t.match((await addresses('T', 'A')).text, /-o 'T_2020\.06\.01_7457\.csv' 'http[^']*\/hapi\/data\?[^']*'\n$/);
  const none = await addresses('A');
  t.equal(none.status, 400);
  t.match(none.text, 'data: nothing of what is selected is there in this form');
});

t.test('forms are offered where there are some', async (t) => {
  const offered = async ({ ask }: Site, name: string) =>
    [
      ...(await ask({ path: '/request', query: `sel=${encodeURIComponent(item(name))}&format=html` })).text.matchAll(
        /<option value="([^"]*)">/g,
      ),
    ]
      .map(([, value]) => value)
      .filter((value) => ['d2s', 'd2t', 'hapi-csv', 'png'].includes(value ?? ''));
  const all = site(t, 'ENABLE_HAPI_SUBSYS = true\nPNG_MAKER = plot\nPNG_MAKER_MODE = filter\n');
  t.same(await offered(all, 'T'), ['d2s', 'd2t', 'hapi-csv', 'png']);
  t.same(await offered(all, 'A'), ['d2s', 'd2t', 'png']);
  const few = site(t, '');
  t.same(await offered(few, 'T'), ['d2s', 'd2t']);
  for (const [data, words] of [
    ['hapi-csv', 'makes no tables for HAPI clients'],
    ['png', 'makes no plots'],
    ['fits', 'data: must be one of d2s, d2t, csv, hapi-csv, png'],
  ] as const) {
    const { status, text } = await few.ask({
      path: '/export',
      form: [
        ['sel', item('T')],
        ['data', data],
      ],
    });
    t.equal(status, 400);
    t.match(text, words);
  }
  for (const data of ['as-is', 'qds'])
    t.match(
      (
        await few.ask({
          path: '/export',
          form: [
            ['sel', item('T')],
            ['data', data],
          ],
        })
      ).text,
      /server=dataset&dataset=Test\/T&[^&]*&[^&]*\n$/,
      `${data} is what a series is as it comes`,
    );
});

t.test('clients of a DRMS have them as segments', async (t) => {
  const made = site(t, 'ENABLE_HAPI_SUBSYS = true\nPNG_MAKER = plot\nPNG_MAKER_MODE = filter\n');
  const drms = async (program: string, parameters: Readonly<Record<string, string>>) =>
    JSON.parse((await made.ask({ path: `/drms/${program}`, query: new URLSearchParams(parameters).toString() })).text);
  const segments = async (ds: string) =>
    (await drms('jsoc_info', { op: 'series_struct', ds })).segments.map(({ name }: { name: string }) => name);
  t.same(await segments('Test.T'), ['d2s', 'd2t', 'csv', 'hapi-csv', 'png']);
  t.same(await segments('Test.A'), ['d2s', 'd2t', 'csv', 'png']);
  const { segments: values } = await drms('jsoc_info', { op: 'rs_list', ds: 'Test.T[#7457]', seg: '**ALL**' });
  const found = new Map(values.map(({ name, values }: { name: string; values: string[] }) => [name, values[0]]));
  t.match(found.get('csv'), /server=dataset&.*&csv=1$/);
  t.match(found.get('png'), /server=image&/);
  t.match(found.get('hapi-csv'), '/hapi/data?id=Test/T');
  const fetch = (ds: string, more = {}) => drms('jsoc_fetch', { op: 'exp_request', ds, ...more });
  t.match(await fetch('Test.T[#7457]{csv}'), { data: [{ record: /\{csv\}$/, filename: /&csv=1$/ }] });
  t.match(await fetch('Test.T[#7457]{d2t,csv}'), { data: [{ filename: /&ascii=1$/ }] }, 'the first of several');
  t.match(await fetch('Test.T[#7457]', { protocol: 'PNG' }), { data: [{ filename: /server=image&/ }] });
  t.match(await fetch('Test.A[#7457]', { protocol: 'hapi-csv' }), {
    status: 4,
    error: /protocol: 'hapi-csv' is none of as-is, d2s, d2t, csv, png/,
  });
  t.match(await fetch('Test.A[#7457]{hapi-csv}'), { status: 4, error: /no segment 'hapi-csv': it is one of d2s/ });
  const { requestid } = await fetch('Test.T[#7457]{csv}', { method: 'url' });
  await made.work();
  t.match(await drms('jsoc_fetch', { op: 'exp_status', requestid }), {
    status: 0,
    protocol: 'csv',
    data: [{ filename: '2020.06.01_7457.csv' }],
  });
});
