/** Finding records: the test cases B12 to B15 through the program, B23 to B28, B36 to B40 of browse-export 15. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { LISTING, mdiDefinition, mdiSite } from '../mdi-site.js';

interface Row {
  readonly item: string;
  readonly series: string;
  readonly rec: number;
  readonly state: string;
  readonly bytes: number | null;
}
const rowsOf = (json: Record<string, unknown>): Row[] => json.records as Row[];
const find = (query: string) => ({ path: '/find', query });

t.test('B23: 25 rows in the order of the listing', async (t) => {
  const { json } = mdiSite(t);
  const found = await json(find(LISTING));
  t.equal(found.count, 25);
  t.equal((found.series as unknown[]).length, 5);
  t.equal(((found.bytes as number) / 1_048_576).toFixed(3), '725.366');
  const hr = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_one, i) => `hr_Vm_bin2x2_01h ${from + i}`);
  t.same(
    rowsOf(found).map(({ series, rec }) => `${series} ${rec}`),
    [
      'fd_V_6h_01d 2472',
      'loi64_V_01d 2472',
      'vw_V_06h 9888',
      ...hr(59328, 59328),
      'fd_V_01h 59329',
      ...hr(59329, 59333),
      'vw_V_06h 9889',
      ...hr(59334, 59339),
      'vw_V_06h 9890',
      'fd_V_01h 59340',
      ...hr(59340, 59345),
    ],
  );
  t.match(found, {
    version: 1,
    query: {
      start: '1999-10-09T00:00:00',
      stop: '1999-10-09T17:59:00',
      scale: 'TAI',
      prog: ['mdi'],
      level: ['lev1.5'],
      obs: ['doppler'],
      order: 'time',
      edge: 'auto',
    },
    truncated: false,
    notes: [],
    names: { asOf: String },
  });
  t.match(rowsOf(found)[0], {
    item: 'prog:mdi,level:lev1.5,series:fd_V_6h_01d[2472]',
    prog: 'mdi',
    level: 'lev1.5',
    block: '1day',
    label: '1999.10.09',
    start: { tai: '1999-10-09T00:00:00', utc: '1999-10-08T23:59:28Z' },
    stop: { tai: '1999-10-10T00:00:00', utc: '1999-10-09T23:59:28Z' },
    state: 'present',
    bytes: 3283091,
    have: null,
    expected: 4,
    links: {
      data: 'http://das.example.org/das/server?server=dataset&dataset=MDI/fd_V_6h_01d&start_time=1999-10-08T23:59:28&end_time=1999-10-09T23:59:28',
      page: 'http://das.example.org/das/browse/series/mdi/lev1.5/fd_V_6h_01d',
    },
  });
  t.match((found.series as unknown[])[0], {
    triad: 'mdi:lev1.5:fd_V_6h_01d',
    observable: 'Doppler',
    cadence: '4 / day',
    imageSize: '1024x1024',
    resolution: '2 arcsec/px',
  });
});

t.test('B24: the listing as text', async (t) => {
  const { ask } = mdiSite(t);
  const { text, status, headers } = await ask({ ...find(LISTING), headers: { Accept: 'text/plain' } });
  t.equal(status, 200);
  t.match(headers['Content-Type'], 'text/plain');
  const lines = text.split('\n');
  t.equal(lines[0], '    Select all or');
  t.equal(lines[1], 'Select Series            : Time              (#)  (Size)');
  t.equal(lines[2], '     fd_V_6h_01d       : 1999.10.09    ( 2472)  (3.131 MB)');
  t.equal(lines[4], '     vw_V_06h          : 1999.10.09.00 ( 9888)  (51.646 MB)');
  t.equal(lines[5], '     hr_Vm_bin2x2_01h  : 1999.10.09_00 (59328)  (23.399 MB)');
  t.equal(lines.at(-2), 'Up to 25 datasets selected');
  t.equal(lines.at(-1), '');
});

t.test('B25, B26: also missing ones, and the other order', async (t) => {
  const { json, ask } = mdiSite(t);
  const found = await json(find(`${LISTING}&show=missing`));
  t.equal(found.count, 41);
  t.equal(rowsOf(found).filter(({ state }) => state === 'absent').length, 16);
  const page = (await ask({ ...find(`${LISTING}&show=missing`), headers: { Accept: 'text/html' } })).text;
  t.equal((page.match(/name="sel"/g) ?? []).length, 25, 'no box for what is missing');
  const names = rowsOf(await json(find(`${LISTING}&order=series`))).map(({ series }) => series);
  t.same(
    [...new Set(names)].map((name) => [name, names.filter((one) => one === name).length]),
    [
      ['fd_V_01h', 2],
      ['fd_V_6h_01d', 1],
      ['hr_Vm_bin2x2_01h', 18],
      ['loi64_V_01d', 1],
      ['vw_V_06h', 3],
    ],
  );
});

t.test('B12 to B15: the edge rule and its note', async (t) => {
  const { json, ask } = mdiSite(t);
  const day = 'obs=doppler&start=1999-10-09&show=missing';
  const spans = async (query: string) => {
    const rows = rowsOf(await json(find(query)));
    return ['hr_Vm_bin2x2_01h', 'vw_V_06h', 'fd_V_6h_01d'].map((name) => {
      const records = rows.filter(({ series }) => series === name).map(({ rec }) => rec);
      return [Math.min(...records), Math.max(...records), records.length];
    });
  };
  t.same(await spans(`${day}&stop=1999-10-09T18:00&edge=0`), [
    [59328, 59346, 19],
    [9888, 9891, 4],
    [2472, 2472, 1],
  ]);
  t.same(await spans(`${day}&stop=1999-10-09T18:00`), [
    [59328, 59345, 18],
    [9888, 9890, 3],
    [2472, 2472, 1],
  ]);
  t.same(await spans(`${day}&edge=0`), [
    [59328, 59352, 25],
    [9888, 9892, 5],
    [2472, 2473, 2],
  ]);
  t.same(await spans(day), [
    [59328, 59351, 24],
    [9888, 9891, 4],
    [2472, 2472, 1],
  ]);
  const { notes } = await json(find(day));
  t.match(notes, [{ kind: 'edge', text: /^1 record in each of 5 series touches the interval for 32 s only/ }]);
  t.match((await ask({ ...find(day), headers: { Accept: 'text/html' } })).text, /edge=0">Show<\/a>/);
});

t.test('B27, B28: stop at or before start', async (t) => {
  const { ask } = mdiSite(t);
  const same = 'start=1999-10-09&stop=1999-10-09&series=fd_V_*';
  const refused = await ask(find(`${same}&format=json`));
  t.equal(refused.status, 400);
  t.match(JSON.parse(refused.text), { version: 1, error: { code: 'illegalArgument', field: 'stop' } });
  const page = await ask({ ...find(same), headers: { Accept: 'text/html' } });
  t.equal(page.status, 400);
  t.match(page.text, /<title>Error: /);
  t.match(page.text, /role="alert"/);
  t.match(page.text, /name="stop" type="text" value="1999-10-09"/);
  t.match(page.text, /value="fd_V_\*"/);
  const swap = await ask({ ...find('start=1999-10-10&stop=1999-10-09&scale=TAI'), headers: { Accept: 'text/html' } });
  t.match(swap.text, /find\?start=1999-10-09&amp;stop=1999-10-10&amp;scale=TAI">Swap start and stop/);
  t.match(swap.text, /1999-10-09T00:00:00 TAI is before start, 1999-10-10T00:00:00 TAI/);
});

t.test('other faults of questions', async (t) => {
  const { ask } = mdiSite(t);
  for (const [query = '', field] of [
    ['', 'start'],
    ['start=99.10.09', 'start'],
    ['start=1999&stop=1999.13.01', 'stop'],
    ['start=1999&scale=GPS', 'scale'],
    ['start=1999&block=2hr', 'block'],
    ['start=1999&prog=../x', 'prog'],
    ['start=1999-10-09&edge=x', 'edge'],
    ['start=1999-10-09&limit=0', 'limit'],
    ['start=1999-10-09&after=x', 'after'],
    ['start=1999-10-09&order=size', 'order'],
    [`start=${'1'.repeat(3000)}`, 'start'],
    ['start=1&start=2', 'start'],
    ['start=%2312', 'start'],
    ['start=9999-12-31', 'stop'],
    ['start=1999-10-09&after=prog:mdi,level:lev1.5,series:fd_V_01h[9999999999]', 'after'],
  ]) {
    const { status, text } = await ask(find(`${query}&format=json`));
    t.equal(status, 400, query.slice(0, 60));
    t.equal(JSON.parse(text).error.field, field, query.slice(0, 60));
  }
  t.equal((await ask(find('start=1999&format=xml'))).status, 400);
  t.equal((await ask({ path: '/nowhere' })).status, 404);
  t.equal((await ask({ path: '/series/mdi/lev1.5/none' })).status, 404);
  t.equal((await ask({ path: '/series/mdi/../x' })).status, 404);
  t.equal((await ask({ path: '/find', method: 'PUT' })).status, 405);
  t.equal((await ask({ path: '/find', form: [] })).status, 405);
});

t.test('the form that Accept asks for', async (t) => {
  const { ask } = mdiSite(t);
  for (const [accept, type] of [
    ['text/html;q=0.5, application/json', 'application/json'],
    ['application/json;q=0, text/csv', 'text/csv'],
    ['image/png, text/plain;q=0.1, */*', 'text/plain'],
    ['__proto__, constructor', 'text/html'],
    ['*/*', 'text/html'],
    ['text/csv, application/json', 'text/csv'],
  ] as const) {
    const { headers } = await ask({ ...find(LISTING), headers: { Accept: accept } });
    t.match(headers['Content-Type'], type, accept);
  }
});

t.test('a record as a time', async (t) => {
  const { json } = mdiSite(t);
  const found = await json(find('start=%2359333&stop=%2359335&block=1hr&obs=doppler'));
  t.same(
    rowsOf(found).map(({ rec }) => rec),
    [59333, 59334],
  );
});

t.test('B36: assumed records', async (t) => {
  const { json, folder, ask } = mdiSite(t, {
    sources: {
      'MDI/new': mdiDefinition('new_01h', '1hr', "validRange = '1999-10-09T03:00 to 1999-10-09T06:00'\n"),
      'MDI/part': mdiDefinition('part_01h', '1hr', "validRange = '1999-01-01 to 2000-01-01'\n"),
      'MDI/bare': mdiDefinition('bare_01d', '1day'),
    },
  });
  folder.write(
    'state/inventory/mdi/lev1.5/part_01h/1999.inv',
    '59328^present^3000000\n59329^absent\n59330^present^1\n59330^present^1000000\nnonsense\n59331^funny^1\n',
  );
  const rows = rowsOf(
    await json(
      find('start=1999-10-09_TAI&stop=1999.10.09_06_TAI&series=new_01h'.replace('1999-10-09_TAI', '1999.10.09_TAI')),
    ),
  );
  t.same(
    rows.map(({ rec, state, bytes }) => [rec, state, bytes]),
    [59331, 59332, 59333].map((rec) => [rec, 'assumed', null]),
  );
  const part = rowsOf(await json(find('start=1999.10.09_TAI&stop=1999.10.09_05_TAI&series=part_01h')));
  t.same(
    part.map(({ rec, state, bytes }) => [rec, state, bytes]),
    [
      [59328, 'present', 3000000],
      [59330, 'present', 1000000],
      [59331, 'assumed', 2000000],
      [59332, 'assumed', 2000000],
    ],
  );
  t.same(
    rowsOf(await json(find('start=1999.10.09_TAI&series=bare_01d'))).map(({ state }) => state),
    ['assumed'],
    'nothing is known',
  );
  t.same(rowsOf(await json(find('start=1999.10.09_TAI&series=bare_01d&show=known'))), []);
  const page = (
    await ask({
      ...find('start=1999.10.09_TAI&stop=1999.10.09_05_TAI&series=part_01h,new_01h'),
      headers: { Accept: 'text/html' },
    })
  ).text;
  t.match(page, /about 1\.9 MiB/);
  t.match(page, />not known</);
});

t.test('B37: an inventory that cannot be read', async (t) => {
  const { json, stateRoot } = mdiSite(t);
  const file = join(stateRoot, 'inventory/mdi/lev1.5/vw_V_06h/1999.inv');
  rmSync(file);
  mkdirSync(file);
  const found = await json(find(LISTING));
  t.equal(found.count, 22);
  t.match(found.notes, [{ kind: 'unavailable', text: /^vw_V_06h is not available just now/ }]);
});

t.test('B38: too wide', async (t) => {
  const sources = Object.fromEntries([1, 2, 3, 4, 5, 6].map((i) => [`MDI/s${i}`, mdiDefinition(`s${i}_01h`, '1hr')]));
  const { ask, stateRoot } = mdiSite(t, { sources, withoutMdi: true });
  // Whoever looked into inventories would find this one in the way.
  mkdirSync(join(stateRoot, 'inventory/mdi/lev1.5'), { recursive: true });
  writeFileSync(join(stateRoot, 'inventory/mdi/lev1.5/s1_01h'), '');
  const query = 'start=1997_TAI&stop=2000_TAI&scale=TAI';
  const { status, text } = await ask(find(`${query}&format=json`));
  t.equal(status, 422);
  t.match(JSON.parse(text).error, {
    code: 'tooWide',
    message: /^That is 157 680 possible records; narrow the interval/,
  });
  const page = await ask({ ...find(query), headers: { Accept: 'text/html' } });
  t.equal(page.status, 200);
  t.match(page.text, 'That is 157 680 possible records');
});

t.test('B39, B40: selecting', async (t) => {
  const { ask, folder } = mdiSite(t, { sources: { 'MDI/long': mdiDefinition('long_01h', '1hr') } });
  folder.write(
    'state/inventory/mdi/lev1.5/long_01h/1999.inv',
    Array.from({ length: 1240 }, (_one, i) => `${52608 + i}^present^1048576\n`).join(''),
  );
  const query = 'start=1999.01.01_TAI&stop=1999.03.10_TAI&series=long_01h';
  const page = (await ask({ ...find(query), headers: { Accept: 'text/html' } })).text;
  t.equal((page.match(/name="sel"/g) ?? []).length, 200);
  t.match(page, 'Select all 1 240 results');
  const hidden = [...page.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)].map(
    ([, key = '', value = '']): [string, string] => [key, value],
  );
  const all = await ask({
    path: '/request',
    form: [...hidden, ['all', 'on'], ['sel', 'ignored']],
    headers: { Accept: 'text/html' },
  });
  t.equal(all.status, 200);
  t.match(all.text, /<h1>Request of 1 240 items<\/h1>/);
  t.equal((all.text.match(/<th scope="row">[^<]* <small>prog:mdi/g) ?? []).length, 1240);
  const group = /name="group" value="(-?\d+)"/.exec(page)?.[1] ?? '';
  const grouped = await ask({
    path: '/request',
    form: [...hidden, ['group', group]],
    headers: { Accept: 'text/plain' },
  });
  t.equal(grouped.text.trim().split('\n').length, 24, 'the records of one day');

  const two = ['prog:mdi,level:lev1.5,series:fd_V_6h_01d[2472]', 'prog:mdi,lev:lev1.5,series:vw_V_06h[9889]'].map(
    (item): [string, string] => ['sel', item],
  );
  const chosen = await ask({ path: '/request', form: two, headers: { Accept: 'text/html' } });
  t.match(chosen.text, /<h1>Request of 2 items<\/h1>\n<p class="summary">2 can be delivered, 55 MiB\./);
  const unknown = await ask({
    path: '/request',
    form: [...two, ['sel', 'prog:mdi,level:lev1.5,series:none[1]']],
    headers: { Accept: 'application/json' },
  });
  t.equal(unknown.status, 400);
  t.match(JSON.parse(unknown.text).error.message, /there is no item 'prog:mdi,level:lev1.5,series:none\[1\]'/);
  t.equal((await ask({ path: '/request', form: [], headers: { Accept: 'application/json' } })).status, 400);
  const foreign = await ask({ path: '/request', form: two, headers: { Origin: 'http://evil.example.org' } });
  t.equal(foreign.status, 403);
});

t.test('pages of a result do not shift', async (t) => {
  const { json, folder } = mdiSite(t);
  const first = await json(find(`${LISTING}&limit=10`));
  t.equal(rowsOf(first).length, 10);
  t.equal(first.truncated, true);
  folder.write('state/inventory/mdi/lev1.5/fd_V_01h/1999.inv', '59328^present^1\n59329^present^1\n59340^present^1\n');
  const next = new URL(String(first.next));
  const second = await json({ path: '/find', query: next.search.slice(1).replace(/&format=json$/, '') });
  t.equal(rowsOf(second)[0]?.item, 'prog:mdi,level:lev1.5,series:vw_V_06h[9889]');
  t.equal(rowsOf(second).length, 10);
  const last = rowsOf(first).at(-1)?.rec;
  folder.write('state/inventory/mdi/lev1.5/hr_Vm_bin2x2_01h/1999.inv', `${last}^absent\n59334^present^1\n`);
  const third = await json({ path: '/find', query: next.search.slice(1).replace(/&format=json$/, '') });
  t.equal(rowsOf(third)[0]?.item, 'prog:mdi,level:lev1.5,series:vw_V_06h[9889]', 'though the row before has gone');
});

t.test('more records than a call can have arguments', async (t) => {
  const { json, ask } = mdiSite(t, {
    sources: { 'MDI/minutes': mdiDefinition('minutes', '1min') },
    settings: 'BROWSE_MAX_BLOCKS = 300000\n',
    withoutMdi: true,
  });
  const found = await json(find('start=1999.01.01_TAI&stop=1999.07.01_TAI&limit=1'));
  t.equal(found.count, 181 * 1440);
  const sel: [string, string][] = [['sel', 'prog:mdi,level:lev1.5,series:minutes[0-250000]']];
  const { text } = await ask({ path: '/request', form: sel, headers: { Accept: 'text/plain' } });
  t.equal(text.split('\n').length, 250_002);
});
