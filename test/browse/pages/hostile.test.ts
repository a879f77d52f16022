/** Whatever a request says: browse answers, with a status that blames the request, and names no path of the host. */
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
];
const FIELDS = [
  ...['start', 'stop', 'scale', 'nick', 'prog', 'level', 'obs', 'cover', 'region', 'block', 'series', 'order', 'show'],
  ...['edge', 'limit', 'after', 'pick', 'format', 'sel', 'all', 'group', 'method', 'packaging', 'list', 'lang', 'data'],
  ...['confirm', 'key', 't', 'rec', 'epoch', 'auto'],
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

t.test('any parameters', async (t) => {
  const { ask, folder } = mdiSite(t, { sources: { 'MDI/x': mdiDefinition('x_01h', '1hr', "region_00 = 'Sun'\n") } });
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
