/** Pages of browse: valid HTML, names of boxes, faults, titles (B56), headers and validators (browse-export 12, 13). */
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
  const heading = async (query: string) =>
    /<h1>(.*)<\/h1>/.exec((await ask({ ...find(query), headers: HTML })).text)?.[1];
  t.equal(await heading('start=1999-10-09&stop=1999-10-10'), 'Records of 9 Oct 1999');
  t.equal(await heading('start=1999-10-09&stop=1999-10-11T06:00'), 'Records of 9 Oct 1999 to 11 Oct 1999');
  t.match(text, 'aria-label="fd_V_01h, 9 Oct 1999, 01:00–02:00 TAI, 4.160 MiB"');
  t.match(text, '<h1>Records of 9 Oct 1999</h1>');
  t.equal(text.split('25 datasets in 5 series').length, 2, 'it says so once');
  t.match(text, '25 datasets in 5 series between 9 Oct 1999 00:00 and 17:59 TAI, 725.4 MiB.');
  t.match(text, 'title="4 362 076 bytes"');
  t.match(text, 'role="status"');
  t.match(
    (await ask({ ...find('start=x'), headers: HTML })).text,
    /role="alert" tabindex="-1" autofocus>[\s\S]*href="#field-start"/,
  );
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
