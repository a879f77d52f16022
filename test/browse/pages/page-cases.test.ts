/** Pages and machine forms of browse: valid HTML, the same addresses for programs, hostile text, access (B52 to B54, B56, B60; 11 to 13). */
import t from 'tap';
import { htmlFaults } from '../../tools/validate-html.js';
import { LISTING, mdiDefinition, mdiSite } from '../mdi-site.js';

const HTML = { Accept: 'text/html,application/xhtml+xml' };
const find = (query: string) => ({ path: '/find', query });

t.test('every page is valid and accessible as far as a program can tell', async (t) => {
  const site = mdiSite(t, {
    sources: {
      'MDI/long': mdiDefinition(
        'long_01h',
        '1hr',
        "region_00 = 'Sun.Photosphere'\nspatialCoverage = 'full | Full disk'\nitem_00 = 'v | Velocity | m/s'\n",
      ),
      Other: "description = 'Other'\nreader = x\ndas2Stream = 1\nbrowseGroup_00 = 'all | Everything'\n",
    },
    settings: 'SERVER_ID = test\n',
  });
  site.folder.write(
    'etc/browse-groups.ini',
    '[velocity]\nlabel = Velocities\ndescription = All that moves\nseries = fd_V_*, mdi:lev1.5:vw_*\n[bad name]\nseries = x\n[none]\n',
  );
  site.folder.write(
    'etc/browse-pages.ini',
    '[doppler]\ntitle = Doppler data\nprog = mdi\nobs = doppler\nhide = prog, obs\n',
  );
  for (const [path, query] of [
    ['', ''],
    ['/find', 'nick=velocity&start='],
    ['/find', LISTING],
    ['/find', `${LISTING}&show=missing&pick=existing`],
    ['/find', `${LISTING}&order=series&pick=not-complete`],
    ['/find', 'start=1999-10-09&limit=7'],
    ['/find', 'start=1999-10-09&series=nothing'],
    ['/find', 'start=1999-13-09&scale=TAI&obs=doppler'],
    ['/find', 'start=1999-10-10&stop=1999-10-09'],
    ['/find', 'start=1990&stop=2020'],
    ['/series/mdi/lev1.5/hr_Vm_bin2x2_01h', ''],
    ['/series/mdi/lev1.5/long_01h', ''],
    ['/when', ''],
    ['/when', 'block=1hr&epoch=1993.01.01_00:00:00_TAI&t=1999-10-09T00:00:00Z'],
    ['/when', 'block=1hr&t=99.1.1'],
    ['/p/doppler', ''],
    ['/p/none', ''],
    ['/request', 'all=on&start=1999-10-09&show=missing'],
    ['/request', ''],
    ['/nowhere', ''],
  ] as const) {
    const { text, headers } = await site.ask({ path, query, headers: HTML });
    t.match(headers['Content-Type'], 'text/html', `${path}?${query}`);
    t.same(await htmlFaults(text), [], `${path}?${query}`);
    t.match(headers['Content-Security-Policy'], "default-src 'self'");
    t.match(text, '<li><a href="/das/server/source/index.html">Data sources</a></li>', 'the way to the sources');
    t.notMatch(text, /undefined|\[object|NaN/, `${path}?${query}`);
  }
});

t.test('B56: names of boxes, summary of faults, unique titles', async (t) => {
  const { ask } = mdiSite(t);
  const { text } = await ask({ ...find(LISTING), headers: HTML });
  t.match(text, '<title>25 datasets – 9 Oct 1999 – Browse');
  t.match(text, 'aria-label="fd_V_01h, 9 Oct 1999, 01:00–02:00 TAI, 4.160 MiB"');
  t.match(text, '25 datasets in 5 series between 9 Oct 1999 00:00 and 17:59 TAI, 725.4 MiB.');
  t.match(text, 'title="4 362 076 bytes"');
  t.match(text, 'role="status"');
  t.match(
    (await ask({ ...find('start=x'), headers: HTML })).text,
    /role="alert" tabindex="-1" autofocus>[\s\S]*href="#field-start"/,
  );
});

t.test('the form: counts of choices, presets, nicknames', async (t) => {
  const { ask, json, folder } = mdiSite(t);
  folder.write('etc/browse-groups.ini', '[velocity]\nlabel = Velocities\nseries = fd_V_*\n');
  folder.write('etc/browse-pages.ini', '[magnetic]\ntitle = Magnetic maps\nobs = magnetic\nhide = obs\n');
  const page = (await ask({ headers: HTML })).text;
  t.match(page, 'Doppler <span class="count">(5 series)</span>');
  t.match(page, 'Magnetic field <span class="count">(1 series)</span>');
  t.match(page, 'Velocities <span class="count">(2 series)</span>');
  t.match(
    (await ask({ path: '/find', query: 'obs=magnetic', headers: HTML })).text,
    'Velocities <span class="count">(0 series)</span>',
    'what the other fields leave',
  );
  const preset = (await ask({ path: '/p/magnetic', headers: HTML })).text;
  t.match(preset, '<h1>Magnetic maps</h1>');
  t.match(preset, '<input type="hidden" name="obs" value="magnetic">');
  t.notMatch(preset, 'type="checkbox" id="obs-');
  t.equal((await json(find('nick=velocity&start=1999.10.09_TAI'))).count, 3);
  const form = (await json({})).form as { fields: { name: string; choices?: { key: string; count: number }[] }[] };
  t.match(form.fields.find(({ name }) => name === 'obs')?.choices, [
    { key: 'doppler', count: 5 },
    { key: 'magnetic', count: 1 },
  ]);
  t.match((await ask({ headers: { Accept: 'text/plain' } })).text, 'obs=doppler\t5\tDoppler');
});

t.test('B52, B53: records that are not for everybody', async (t) => {
  const secret = mdiDefinition('secret_01d', '1day', "readAccess = 'AGE:1y6m | GROUP:g'\nsecurityRealm = 'My Realm'\n");
  const closed = mdiDefinition('closed_01d', '1day', "readAccess = 'GROUP:g'\nsecurityRealm = 'My Realm'\n");
  const { json, ask, folder } = mdiSite(t, {
    sources: { 'MDI/secret': secret, 'MDI/closed': closed },
    settings: 'USER_PASSWD = passwd\nUSER_GROUP = group\n',
    withoutMdi: true,
  });
  // The password is `p`.
  folder.write('etc/passwd', 'u:$apr1$abcdefgh$xK6CB7OEhYUgcoSTmXdjL1\n');
  folder.write('etc/group', 'g:::u\n');
  const today = Math.floor((Date.now() - Date.UTC(1993, 0, 1)) / 86_400_000);
  const years = [
    ...new Set(Array.from({ length: 800 }, (_one, i) => new Date(Date.now() - i * 86_400_000).getUTCFullYear())),
  ];
  for (const series of ['secret_01d', 'closed_01d']) {
    for (const year of years) {
      const lines = Array.from({ length: 800 }, (_one, i) => `${today - i}^present^77777777^5^10\n`);
      folder.write(`state/inventory/mdi/lev1.5/${series}/${year}.inv`, lines.join(''));
    }
  }
  const from = new Date(Date.now() - 700 * 86_400_000).toISOString().slice(0, 10);
  const to = new Date(Date.now() - 10 * 86_400_000).toISOString().slice(0, 10);
  const query = `start=${from}&stop=${to}`;
  const rows = (await json(find(`${query}&series=secret_01d`))).records as {
    state: string;
    bytes: number | null;
    rec: number;
    realm?: string;
  }[];
  const states = rows.map(({ state }) => state);
  t.equal(states[0], 'present');
  t.equal(states.at(-1), 'restricted');
  t.equal(states.lastIndexOf('present') + 1, states.indexOf('restricted'), 'old ones open, newer ones not');
  t.ok(rows.every(({ state, bytes }) => (state === 'restricted') === (bytes === null)));
  t.equal(rows.at(-1)?.realm, 'My Realm');
  const page = (await ask({ ...find(`${query}&series=closed_01d&limit=3`), headers: HTML })).text;
  t.match(page, /name="sel" value="[^"]+" aria-label="closed_01d, [^"]+" data-bytes="0" disabled/);
  t.match(page, 'sign-in needed: My Realm');
  t.notMatch(page, /77 777 777|74\.1/);
  t.notMatch((await ask({ path: '/series/mdi/lev1.5/closed_01d', headers: HTML })).text, /Records present, by year/);
  const request = await ask({
    path: '/request',
    form: [
      ['all', 'on'],
      ['start', from],
      ['stop', to],
      ['series', 'closed_01d'],
    ],
    headers: HTML,
  });
  t.match(request.text, 'cannot be delivered');
  const confirm = await ask({
    path: '/export',
    form: [
      ['all', 'on'],
      ['start', from],
      ['stop', to],
      ['series', '*'],
    ],
  });
  t.equal(confirm.status, 400, 'what is missing must be confirmed');
});

t.test('B54: hostile text of definitions', async (t) => {
  const evil = mdiDefinition(
    'evil_01d',
    '1day',
    `browseLabel = '<script>alert("1")</script>'\nobservable = 'x | <b>'\n`,
  );
  const formula = mdiDefinition('formula_01d', '1day', `browseLabel = '=cmd|x, "y"'\n`);
  const { ask } = mdiSite(t, { sources: { 'MDI/evil': evil, 'MDI/formula': formula }, withoutMdi: true });
  const query = 'start=1999.10.09_TAI&series=*';
  for (const path of ['', '/find', '/series/mdi/lev1.5/evil_01d', '/request']) {
    const { text } = await ask({
      path,
      query: path === '/request' ? `${query}&all=on` : path === '/find' ? query : '',
      headers: HTML,
    });
    t.notMatch(text, /<script>alert|<b>/, path);
    t.match(text, '&lt;', path);
  }
  const csv = (await ask(find(`${query}&format=csv`))).text;
  t.match(csv, `,"'=cmd|x, ""y""",`);
  t.match(csv, /^item,prog,level,series,title,block,rec,label,start_utc/);
  t.ok(csv.split('\r\n').length === 4);
});

t.test('B60: the table of leap seconds past its date', async (t) => {
  const { json, ask, folder } = mdiSite(t, { settings: 'LEAP_SECONDS_FILE = leap.list\n' });
  folder.write('etc/leap.list', '#@ 3124137600\n2272060800 10\n2287785600 11\n2303683200 12\n');
  const late = (await json({ path: '/when', query: 'block=1day&epoch=1993.01.01_TAI&t=1999-10-09' })) as {
    start: unknown;
  };
  t.match(late.start, { provisional: true });
  const early = (await json({ path: '/when', query: 'block=1day&epoch=1993.01.01_TAI&t=1998-10-09' })) as {
    start: Record<string, unknown>;
  };
  t.notOk(early.start.provisional);
  const old = (await json({ path: '/when', query: 'block=1day&epoch=1993.01.01_TAI&t=1960-10-09' })) as {
    start: Record<string, unknown>;
  };
  t.ok(old.start.approximate);
  const { readdirSync, readFileSync } = await import('node:fs');
  const logs = readdirSync(`${folder.path}/log`)
    .map((name) => readFileSync(`${folder.path}/log/${name}`, 'utf8'))
    .join('');
  t.equal(logs.split('the table of leap seconds is known up to 1999-01-01 only').length - 1, 1, 'one warning a day');
  folder.write('etc/leap.list', 'nonsense');
  t.equal((await ask({ path: '/when', query: 'format=json&t=1999' })).status, 500);
});

t.test('translating', async (t) => {
  const { json, ask } = mdiSite(t);
  const query = 'block=1hr&epoch=1993.01.01_00:00:00_TAI';
  t.match(await json({ path: '/when', query: `${query}&t=1999-10-09T00:00:00Z` }), {
    rec: 59328,
    label: '1999.10.09_00',
    start: { tai: '1999-10-09T00:00:00' },
  });
  t.match(await json({ path: '/when', query: `${query}&rec=59333` }), {
    label: '1999.10.09_05',
    start: { utc: '1999-10-09T04:59:28Z' },
    stop: { utc: '1999-10-09T05:59:28Z' },
  });
  t.equal(
    (await ask({ path: '/when', query: `${query}&rec=0&format=text` })).text,
    '0\t1993.01.01_00\t1992-12-31T23:59:33Z\t1993-01-01T00:59:33Z\t1993-01-01T00:00:00\t1993-01-01T01:00:00\n',
  );
  for (const [bad, field] of [
    ['t=1999&rec=1', 'rec'],
    ['', 't'],
    ['rec=x', 'rec'],
    ['rec=9999999999&block=1year', 'rec'],
    ['t=x', 't'],
    ['t=1999&block=2hr', 'block'],
    ['t=1999&epoch=x', 'epoch'],
    ['t=1999&scale=x', 'scale'],
    ['t=1999&block=1month&epoch=1993.01.01_TAI', 'block'],
  ]) {
    const { status, text } = await ask({ path: '/when', query: `${bad}&format=json` });
    t.equal(status, 400, bad as string);
    t.equal(JSON.parse(text).error.field, field, bad as string);
  }
});

t.test('the naming table and the health of the program', async (t) => {
  const { ask, json } = mdiSite(t);
  const one = await ask({ path: '/names', query: 'prog=mdi&level=lev1.5&block=1day' });
  t.equal(
    one.text,
    ['fd_M_01d', 'fd_V_6h_01d', 'loi64_V_01d']
      .map((name) => `mdi^lev1.5^${name}^TS_EQ^t_obs^1993.01.01_00:00:00_TAI\n`)
      .join(''),
  );
  t.match(one.headers['Content-Type'], 'text/plain');
  t.equal((await ask({ path: '/names', query: 'prog=mdi' })).text.split('\n').length, 7);
  t.match(await json({ path: '/names', query: 'block=6hr' }), {
    triads: [{ series: 'vw_V_06h', epoch: 'TS_EQ t_obs 1993.01.01_00:00:00_TAI' }],
  });
  t.match(
    (await ask({ path: '/names', query: 'format=csv' })).text,
    'mdi,lev1.5,fd_M_01d,TS_EQ t_obs 1993.01.01_00:00:00_TAI,1day,MDI fd_M_01d\r\n',
  );
  t.equal((await ask({ path: '/names', query: 'prog=../x' })).status, 400);
  const health = await ask({ path: '/health' });
  t.equal(health.status, 200);
  const value = JSON.parse(health.text);
  t.match(value, {
    status: 'ok',
    names: { series: 6, leftOut: 0 },
    broker: { kind: 'spool' },
    settings: { BROWSE_MAX_BLOCKS: 20000 },
  });
  t.notMatch(health.text, /das2-test-|\/tmp\//, 'names no paths');
});

t.test('addresses, scripts, manifests', async (t) => {
  const { ask } = mdiSite(t);
  const url =
    'http://das.example.org/das/server?server=dataset&dataset=MDI/vw_V_06h&start_time=1999-10-09T05:59:28&end_time=1999-10-09T11:59:28';
  t.match((await ask(find(`${LISTING}&format=urls`))).text, `${url}\n`);
  t.match(
    (await ask(find(`${LISTING}&format=curl`))).text,
    `curl -fsS -o 'vw_V_06h_1999.10.09.25_9889.d2s' '${url}'\n`,
  );
  const sel: [string, string][] = [['sel', 'prog:mdi,level:lev1.5,series:vw_V_06h[9889-9890]']];
  t.equal((await ask({ path: '/export', form: [...sel, ['data', 'd2t']] })).text.split('\n')[0], `${url}&ascii=1`);
  for (const language of ['curl', 'wget', 'python', 'idl', 'matlab', 'julia']) {
    const { text, headers } = await ask({ path: '/export', form: [...sel, ['method', 'script'], ['lang', language]] });
    t.match(text, url, language);
    t.match(headers['Content-Disposition'], /^attachment; filename="fetch\.\w+"$/);
  }
  t.equal(
    (await ask({ path: '/export', form: [...sel, ['method', 'manifest']] })).text,
    'prog:mdi,level:lev1.5,series:vw_V_06h[9889]\nprog:mdi,level:lev1.5,series:vw_V_06h[9890]\n',
  );
  t.match(
    (await ask({ path: '/export', form: [...sel, ['method', 'manifest'], ['list', 'csv']] })).text,
    '1999-10-09T05:59:28Z',
  );
  t.equal((await ask({ path: '/export', form: [...sel, ['method', 'pigeon']] })).status, 400);
});

t.test('validators and headers', async (t) => {
  const { ask } = mdiSite(t);
  const first = await ask({ ...find(LISTING), headers: HTML });
  const etag = first.headers.ETag ?? '';
  t.match(etag, /^W\/"/);
  t.equal(first.headers['Cache-Control'], 'max-age=60');
  t.equal(first.headers['X-Robots-Tag'], 'noindex');
  t.match(first.headers.Vary, 'Accept');
  t.equal((await ask({ ...find(LISTING), headers: { ...HTML, 'If-None-Match': etag } })).status, 304);
  t.equal((await ask({ path: '/series/mdi/lev1.5/fd_V_01h', headers: HTML })).headers['X-Robots-Tag'], undefined);
});

t.test('all faults of a question at once, each beside its field', async (t) => {
  const { ask } = mdiSite(t);
  const query = 'start=x&stop=1999-13-01&scale=GPS&obs=a%20b&obs=doppler&order=size&edge=z&series=fd_*';
  const { status, text } = await ask({ ...find(query), headers: HTML });
  t.equal(status, 400);
  t.same(await htmlFaults(text), []);
  t.match(text, '6 things are not right');
  for (const field of ['start', 'stop', 'scale', 'obs', 'order']) {
    t.match(text, `href="#field-${field}"`, field);
    t.match(text, `class="fault" id="fault-${field}"`, field);
  }
  t.match(text, /edge: |neither auto nor a number/);
  t.match(text, 'id="obs-doppler" name="obs" value="doppler" checked', 'what is right stays');
  t.match(text, 'value="1999-13-01"');
  t.match(text, 'value="fd_*"');
  const one = await ask({ ...find('start=x&stop=1999-10-09'), headers: HTML });
  t.match(one.text, 'One thing is not right');
  t.notMatch(one.text, 'id="fault-stop"');
  const hidden = await ask({ ...find('start=1999-10-09&level=a%20b'), headers: HTML });
  t.match(hidden.text, 'href="#field-level"', 'a field that has one choice only is shown then');
});

t.test('parts of a result: sizes of pages, groups that go on elsewhere', async (t) => {
  const { ask } = mdiSite(t);
  const page = (await ask({ ...find(`${LISTING}&limit=10`), headers: HTML })).text;
  t.match(page, /9 Oct 1999 TAI: 25 records, 725 MiB/, 'the box is for the whole group');
  t.equal((page.match(/name="sel"/g) ?? []).length, 10);
  t.match(page, /format=csv">CSV/);
  t.notMatch(page, /limit=10&amp;format=csv/);
  t.notMatch(page, 'on a page', 'nothing to choose');
  const long = (await ask({ ...find('start=1999-10-09&stop=%2B5d&show=missing&limit=50'), headers: HTML })).text;
  t.match(long, /limit=50" aria-current="true">50 on a page/);
  t.match(long, /limit=1000">1000 on a page/);
  t.match(long, />200 on a page/);
  t.same(await htmlFaults(long), []);
});

t.test('a page with preset text fields', async (t) => {
  const { ask, folder } = mdiSite(t);
  folder.write('etc/browse-pages.ini', '[two]\nseries = fd_V_01h, vw_*\nblock = 1hr, 6hr\nstop = +6h\n');
  const { text } = await ask({ path: '/p/two', headers: HTML });
  t.match(text, 'name="series" type="text" value="fd_V_01h, vw_*"');
  t.match(text, 'name="stop" type="text" value="+6h"');
  for (const block of ['1hr', '6hr']) t.match(text, `id="block-${block}" name="block" value="${block}" checked`);
});

t.test('the age of inventories is that of the newest', async (t) => {
  const { ask, stateRoot } = mdiSite(t);
  const { utimesSync, readdirSync } = await import('node:fs');
  const root = `${stateRoot}/inventory/mdi/lev1.5`;
  const ago = (seconds: number) => Date.now() / 1000 - seconds;
  const series = readdirSync(root);
  for (const [i, name] of series.entries()) utimesSync(`${root}/${name}/1999.inv`, 1, ago(7200 + 1000 * i));
  const { inventory, settings, freeBytes } = JSON.parse((await ask({ path: '/health' })).text);
  t.ok(inventory.ageSeconds >= 7199 && inventory.ageSeconds < 8200, String(inventory.ageSeconds));
  t.match(settings, { EXPORT_KEEP_DAYS: 7, EXPORT_MAX_ITEMS: { archive: 500, export: 5000 } });
  t.ok(freeBytes > 0);
  const bare = mdiSite(t, { withoutMdi: true });
  t.equal(JSON.parse((await bare.ask({ path: '/health' })).text).inventory.ageSeconds, null);
});

t.test('short addresses', async (t) => {
  const { ask, folder } = mdiSite(t);
  const page = await ask({ ...find(LISTING), headers: HTML });
  const form = /<form class="short"[\s\S]*?<\/form>/.exec(page.text)?.[0] ?? '';
  const fields = [...form.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(
    ([, key = '', value = '']): [string, string] => [key, value],
  );
  const kept = await ask({ path: '/q', form: fields });
  t.equal(kept.status, 303);
  const [, name = ''] =
    /^http:\/\/das\.example\.org\/das\/browse\/q\/([0-9a-f]{16})$/.exec(kept.headers.Location ?? '') ?? [];
  t.not(name, '');
  t.equal((await ask({ path: '/q', form: fields })).headers.Location, kept.headers.Location, 'one name');
  t.match((await ask({ path: `/q/${name}`, headers: HTML })).text, '25 datasets in 5 series between 9 Oct 1999 00:00');
  const json = JSON.parse((await ask({ path: `/q/${name}`, query: 'format=json&limit=3' })).text);
  t.equal(json.count, 25);
  t.equal(json.records.length, 3);
  t.match(json.next, '/das/browse/find?start=', 'what follows is asked for as usual');
  for (const bad of ['0123456789abcdef', '..', 'x', '0123456789abcde/', '%2e%2e'])
    t.equal((await ask({ path: `/q/${bad}` })).status, 404, bad);
  t.equal((await ask({ path: '/q' })).status, 405);
  t.equal(
    (
      await ask({
        path: '/q',
        form: [
          ['start', 'x'],
          ['start', 'y'],
        ],
      })
    ).status,
    400,
  );
  t.equal((await ask({ path: '/q', form: [] })).status, 400);
  t.equal((await ask({ path: '/q', form: fields, headers: { Origin: 'http://evil.example.org' } })).status, 403);
  const { createHash } = await import('node:crypto');
  const other = createHash('sha256').update('start=1999').digest('hex');
  for (let i = 0; i < 200; i++) folder.write(`state/queries/${other.slice(0, 2)}/${i}`, '');
  t.equal((await ask({ path: '/q', form: [['start', '1999']] })).status, 503, 'no room');
});
