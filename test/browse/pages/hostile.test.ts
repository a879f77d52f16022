/** Whatever a request or a definition says (B54): browse answers, with a status that blames the request, and names no path of the host. */
import fc from 'fast-check';
import t from 'tap';
import { mdiDefinition, mdiSite } from '../mdi-site.js';

const PATHS = [
  '',
  '/find',
  '/names',
  '/when',
  '/request',
  '/export',
  '/series/mdi/lev1.5/fd_V_01h',
  '/p/one',
  '/export/X20200101-00000000',
  '/export/X20200101-00000000/files/data/x',
  '/file/cam/na/sky/7457',
  '/file/cam/na/sky/7457/thumbnails/x',
  '/drms/show_series',
  '/drms/jsoc_info',
  '/drms/jsoc_fetch',
];
const FIELDS = [
  ...['start', 'stop', 'scale', 'nick', 'prog', 'level', 'obs', 'cover', 'region', 'block', 'series', 'order', 'show'],
  ...['edge', 'limit', 'after', 'pick', 'format', 'sel', 'all', 'group', 'method', 'packaging', 'list', 'lang', 'data'],
  ...['confirm', 'key', 't', 'rec', 'epoch', 'auto', 'every', 'near', 'ends', 'view', 'raw'],
  ...['op', 'ds', 'filter', 'key', 'seg', 'n', 'R', 'process=n', 'protocol', 'requestid', 'notify'],
];
const VALUES = [
  ...[
    '1999-10-09',
    '1999.10.09_05:30_TAI',
    '1999-282',
    '#59333',
    '+6h',
    '0001-01-01',
    '9999-12-31T23:59:60Z',
    '1998-12-31T23:59:60',
  ],
  ...[
    'TAI',
    'series',
    'mdi',
    'lev1.5',
    '1hr',
    '1min',
    '1year',
    'fd_V_*',
    '*',
    '0',
    '-1',
    '1e9',
    '9999999',
    'on',
    'auto',
    'missing',
  ],
  ...['prog:mdi,level:lev1.5,series:fd_V_01h[59340]', 'prog:mdi,level:lev1.5,series:fd_V_01h[-9999999999-9999999999]'],
  ...[
    'prog:mdi,level:lev1.5,series:fd_V_01h[9999999999]',
    'csv',
    'json',
    'text',
    'html',
    'urls',
    'script',
    'manifest',
    'python',
  ],
  ...[
    'rs_list',
    'rs_summary',
    'series_struct',
    'exp_request',
    'exp_status',
    '**ALL**',
    'mdi.fd_V_01h[1999.10.09/1d@6h]',
    'mdi.x_01h[$]{d2t}',
    '^mdi|[a-z]+$',
  ],
  ...[
    '../../etc/passwd',
    '__proto__',
    'constructor',
    'not-constructor',
    '\0',
    '\r\nX: y',
    '<b>"\'&',
    '%',
    'é',
    'TS_EQ t 2000.01.01_UTC',
  ],
];

const value = fc.oneof(fc.constantFrom(...VALUES), fc.constantFrom(...VALUES), fc.string({ maxLength: 40 }));
const pair = fc.tuple(fc.oneof(fc.constantFrom(...FIELDS), fc.constantFrom('start', 'sel', 'all')), value);

const HTML = { Accept: 'text/html,application/xhtml+xml' };
const find = (query: string) => ({ path: '/find', query });

t.test('any parameters', async (t) => {
  const { ask, folder } = mdiSite(t, {
    sources: {
      'MDI/x': mdiDefinition('x_01h', '1hr', "region_00 = 'Sun'\n"),
      'cam/sky':
        "description = 's'\nreader = 'false'\ndas2Stream = 1\nbrowseKind = files\nrecordPath = '/nowhere/$(REC)'\n",
    },
  });
  folder.write('etc/browse-pages.ini', '[one]\nprog = mdi\nhide = prog\n');
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...PATHS),
      fc.array(pair, { maxLength: 6 }),
      fc.boolean(),
      fc.constantFrom('text/html', 'application/json', '*/*'),
      async (path, pairs, isPost, Accept) => {
        const query = pairs.map(([key, text]) => `${key}=${encodeURIComponent(text)}`).join('&');
        const {
          status = 0,
          text,
          headers,
        } = await ask({
          path,
          ...(isPost ? { form: pairs } : { query }),
          headers: { Accept },
        });
        const asked = `${isPost ? 'POST' : 'GET'} ${path}?${query}`;
        if (status >= 500 && status !== 503) throw new Error(`${asked}: ${status} ${text.slice(0, 300)}`);
        if (text.includes(folder.path)) throw new Error(`${asked} tells a path`);
        if (Object.values(headers).some((one) => /[\r\n\0]/.test(one))) throw new Error(`${asked}: a header is two`);
        if (/<b>"'&/.test(text) && /html/.test(headers['Content-Type'] ?? '')) throw new Error(`${asked}: unescaped`);
      },
    ),
    { numRuns: 400 },
  );
  t.pass('all were answered');
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

t.test('very many fields', async (t) => {
  const { ask } = mdiSite(t);
  const many = Array.from({ length: 19_000 }, (_one, i): [string, string] => ['obs', `k${i}`]);
  const form: [string, string][] = [['start', '1999-10-09'], ['all', 'on'], ...many];
  t.equal((await ask({ path: '/request', form })).status, 400, 'nothing is selected');
  const doppler = await ask({
    path: '/request',
    form: [...form, ['obs', 'doppler']],
    headers: { Accept: 'text/plain' },
  });
  t.equal(doppler.status, 200);
  t.equal((await ask({ path: '/request', form: [...form, ...many] })).status, 400, 'too many');
});
