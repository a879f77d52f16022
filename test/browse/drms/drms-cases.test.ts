/** The door for clients of a DRMS: the test case B57 of browse-export 15, and what such clients ask (9.6). */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { temporaryFolder } from '../../tools/temporary-folder.js';
import { exportSite, HEADER } from '../export/export-site.js';
import { type BrowseSite, mdiDefinition, mdiSite } from '../mdi-site.js';

/** Asks a program of the door; gives its answer. */
async function drms(
  { ask }: Pick<BrowseSite, 'ask'>,
  program: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Record<string, unknown>> {
  const { status, text, headers } = await ask({
    path: `/drms/${program}`,
    query: new URLSearchParams(parameters).toString(),
  });
  if (status !== 200) throw new Error(`${program}: ${status} ${text}`);
  t.match(headers['Content-Type'], 'application/json');
  t.match(text, /^[\x20-\x7e\n]+$/, 'plain ASCII');
  return JSON.parse(text);
}

const info = (site: Pick<BrowseSite, 'ask'>, op: string, ds: string, more = {}) =>
  drms(site, 'jsoc_info', { op, ds, ...more });

t.test('B57: series and what they are made of', async (t) => {
  const site = mdiSite(t, { sources: { 'MDI/u': mdiDefinition('u-x_01h', '1hr', "browseLabel = 'Ümlaut'\n") } });
  const { status, names } = (await drms(site, 'show_series', { filter: '^MDI\\.fd_' })) as {
    status: number;
    names: unknown[];
  };
  t.equal(status, 0);
  t.same(names, [
    { name: 'mdi.fd_M_01d', primekeys: 'T_REC', note: 'MDI fd_M_01d' },
    { name: 'mdi.fd_V_6h_01d', primekeys: 'T_REC', note: 'MDI fd_V_6h_01d' },
    { name: 'mdi.fd_V_01h', primekeys: 'T_REC', note: 'MDI fd_V_01h' },
  ]);
  t.equal(((await drms(site, 'show_series')).names as unknown[]).length, 7);
  const struct = await info(site, 'series_struct', 'mdi.fd_v_01h');
  t.same(Object.keys(struct), [
    'status',
    'note',
    'retention',
    'unitsize',
    'archive',
    'tapegroup',
    'primekeys',
    'dbindex',
    'keywords',
    'links',
    'segments',
  ]);
  t.match(struct, { status: 0, primekeys: ['T_REC'], links: [] });
  const keywords = struct.keywords as Record<string, unknown>[];
  for (const keyword of keywords)
    t.same(Object.keys(keyword), ['name', 'type', 'recscope', 'defval', 'units', 'note', 'linkinfo']);
  t.match(
    keywords.find(({ name }) => name === 'T_REC'),
    { type: 'time', recscope: 'ts_slot' },
  );
  t.match(
    keywords.find(({ name }) => name === 'T_REC_step'),
    { defval: '3600', recscope: 'constant' },
  );
  t.match(
    keywords.find(({ name }) => name === 'T_REC_unit'),
    { defval: 'secs' },
  );
  t.match(
    keywords.find(({ name }) => name === 'T_REC_epoch'),
    { defval: '1993.01.01_00:00:00_TAI' },
  );
  for (const segment of struct.segments as object[])
    t.same(Object.keys(segment).sort(), ['dims', 'name', 'note', 'protocol', 'type', 'units']);
  t.match(await info(site, 'series_struct', 'mdi.u_x_01h'), { status: 0 }, 'a minus sign is an underscore');
});

t.test('B57: records of a set', async (t) => {
  const site = mdiSite(t, {
    sources: { Utc: "description = 'U'\nreader = x\ndas2Stream = 1\nvalidRange = '2020-01-01 to 2020-02-01'\n" },
  });
  t.same(await info(site, 'rs_summary', 'mdi.hr_Vm_bin2x2_01h[1999.10.09/1d]'), { status: 0, count: 18 });
  t.same(await info(site, 'rs_summary', 'mdi.hr_Vm_bin2x2_01h[]'), { status: 0, count: 18 }, 'all there are');
  const list = await info(site, 'rs_list', 'mdi.vw_V_06h[1999.10.09-1999.10.09_12]', {
    key: 'T_REC,BYTES,HAVE,*recnum*,nothing',
    seg: 'd2t',
    R: '1',
  });
  t.match(list, {
    status: 0,
    count: 3,
    keywords: [
      { name: 'T_REC', values: ['1999.10.09_00:00:00_TAI', '1999.10.09_06:00:00_TAI', '1999.10.09_12:00:00_TAI'] },
      { name: 'BYTES', values: ['54154756', '54154756', '54155805'] },
      { name: 'HAVE', values: ['MISSING', 'MISSING', 'MISSING'] },
      { name: '*recnum*', values: ['9888', '9889', '9890'] },
      { name: 'nothing', values: Array(3).fill('Invalid KeyLink') },
    ],
    recinfo: [{ name: 'mdi.vw_V_06h[1999.10.09_00:00:00_TAI]' }, {}, {}],
  });
  t.equal(
    (list.segments as { values: string[] }[])[0]?.values[1],
    'http://das.example.org/das/server?server=dataset&dataset=MDI/vw_V_06h&start_time=1999-10-09T05:59:28&end_time=1999-10-09T11:59:28&ascii=1',
  );
  const times = async (ds: string, n?: string) =>
    ((await info(site, 'rs_list', ds, { key: 'T_REC_index', ...(n && { n }) })).keywords as { values: string[] }[])[0]
      ?.values;
  t.same(await times('mdi.fd_V_01h[$]'), ['59340'], 'the last one there is');
  t.same(await times('mdi.fd_V_01h[^]'), ['59329']);
  t.same(await times('mdi.hr_Vm_bin2x2_01h', '2'), ['59328', '59329']);
  t.same(await times('mdi.hr_Vm_bin2x2_01h', '-2'), ['59344', '59345']);
  t.same(await times('mdi.hr_Vm_bin2x2_01h', '-3'), ['59343', '59344', '59345'], 'whatever is looked at in one go');
  t.same(await times('mdi.hr_Vm_bin2x2_01h[1999.10.09/1d@6h]'), ['59328', '59334', '59340']);
  t.same(await times('mdi.fd_V_01h[1999.10.10/1d]'), []);
  const all = await info(site, 'rs_list', 'Utc.Utc[2020.01.31/1w]', { key: '**ALL**' });
  t.match(
    (all.keywords as object[])[0],
    { name: 'T_REC', values: ['2020-01-31T00:00:00Z'] },
    'to the end of the valid range',
  );
  for (const [bad, words] of [
    ['mdi.nothing[1999]', "there is no series 'mdi.nothing'"],
    ['mdi.fd_V_01h[x]', 'is neither a time'],
    ['mdi.fd_V_01h[1990/9999d]', '239 976 possible records'],
    ['mdi.fd_V_01h[#9999999999]', 'outside of the years'],
  ] as const) {
    const { status, error } = await info(site, 'rs_list', bad, { key: 'T_REC' });
    t.equal(status, 1, bad);
    t.match(error, words, bad);
  }
  t.match(await info(site, 'nothing', 'x'), { status: 1, error: /series_struct/ });
  t.equal((await site.ask({ path: '/drms/nothing' })).status, 404);
});

t.test('addresses at once', async (t) => {
  const site = mdiSite(t);
  const fetch = (ds: string, more = {}) =>
    drms(site, 'jsoc_fetch', { op: 'exp_request', ds, format: 'json', notify: 'a@b.org', ...more });
  const url =
    'http://das.example.org/das/server?server=dataset&dataset=MDI/vw_V_06h&start_time=1999-10-09T05:59:28&end_time=1999-10-09T11:59:28';
  t.match(await fetch('mdi.vw_V_06h[#9889]', { method: 'url_quick', protocol: 'as-is', 'process=n': '0' }), {
    status: 0,
    requestid: '',
    method: 'url_quick',
    protocol: 'as-is',
    wait: 0,
    dir: '',
    data: [{ record: 'mdi.vw_V_06h[1999.10.09_06:00:00_TAI]{d2s}', filename: url }],
    tarfile: null,
  });
  t.match(await fetch('mdi.vw_V_06h[#9889]{d2t}'), { data: [{ filename: `${url}&ascii=1` }] });
  t.equal(((await fetch('mdi.vw_V_06h[1999.10.09/1d]', { 'process=n': '-2' })).data as unknown[]).length, 2);
  for (const more of [
    { method: 'pigeon' },
    { protocol: 'fits' },
    { 'process=n': '0|rebin,scale=2' },
    { 'process=n': 'x' },
  ])
    t.match(await fetch('mdi.vw_V_06h[#9889]', more), { status: 4, error: /./ }, JSON.stringify(more));
  t.match(await fetch('mdi.vw_V_06h[2020.01.01]'), { status: 4, error: /no such record/ });
  t.match(await fetch('mdi.vw_V_06h[#9889]{fits}'), { status: 4, error: /no segment/ });
  t.match(await drms(site, 'check_address', { address: 'a.b%40example.org' }), { status: 2 });
  t.match(await drms(site, 'check_address', { address: 'nobody' }), { status: -2 });
});

t.test('B57: a request reaches status 0', async (t) => {
  const site = exportSite(t);
  const { work, ask } = site;
  const fetch = (parameters: Record<string, string>) => drms(site, 'jsoc_fetch', parameters);
  const ask3 = { op: 'exp_request', ds: 'Test.A[2020.06.01/3d]' };
  const begun = await fetch({ ...ask3, method: 'url' });
  t.match(begun, { status: 2, requestid: /^X\d{8}-/, wait: 5, method: 'url', data: [] });
  const requestid = String(begun.requestid);
  t.match(await fetch({ op: 'exp_status', requestid }), { status: 2, requestid, wait: 5, data: [] });
  await work();
  const done = await fetch({ op: 'exp_status', requestid });
  const address = `/export/${requestid}`;
  t.match(done, {
    status: 0,
    requestid,
    wait: 0,
    dir: `http://das.example.org/das/browse${address}/files/data/Test/na/A`,
    data: [
      { record: 'Test.A[2020-06-01T00:00:00Z]', filename: '2020.06.01_7457.d2s' },
      { filename: '2020.06.02_7458.d2s' },
      { filename: '2020.06.03_7459.d2s' },
    ],
    tarfile: null,
  });
  t.equal((await ask({ path: `${address}/files/data/Test/na/A/2020.06.01_7457.d2s` })).text, `${HEADER}payload`);
  const tar = String((await fetch({ ...ask3, method: 'ftp-tar' })).requestid);
  await work();
  const { tarfile } = await fetch({ op: 'exp_status', requestid: tar });
  t.equal(tarfile, `http://das.example.org/das/browse/export/${tar}.tar.gz`);
  t.match(await fetch({ op: 'exp_status', requestid: 'X20200101-aaaaaaaa' }), { status: 6, error: /no such export/ });
  const other = await ask({
    path: '/drms/jsoc_fetch',
    query: new URLSearchParams({ ...ask3, method: 'url' }).toString(),
    headers: { 'Sec-Fetch-Site': 'cross-site' },
  });
  t.match(JSON.parse(other.text), { status: 4, error: /another site/ });
  await ask({ path: `${address}/cancel`, form: [] });
});

t.test('what is too large, and what the site cannot do', async (t) => {
  const small = exportSite(t, 'EXPORT_MAX_ITEMS = 2\n');
  const parameters = { op: 'exp_request', ds: 'Test.A[2020.06.01/3d]', method: 'url' };
  t.match(await drms(small, 'jsoc_fetch', parameters), { status: 3, error: /make 2 requests/ });
  const none = exportSite(t, 'WORK_QUEUE_BROKER = none\n');
  t.match(await drms(none, 'jsoc_fetch', parameters), { status: 4, error: /no background worker/ });
  t.match(await drms(none, 'jsoc_fetch', { ...parameters, method: 'url_quick' }), { status: 0 });
});

t.test('records that are not for everybody', async (t) => {
  const closed = mdiDefinition('closed_01d', '1day', "readAccess = 'GROUP:g'\nsecurityRealm = 'R'\n");
  const site = mdiSite(t, {
    sources: { 'MDI/closed': closed },
    settings: 'USER_PASSWD = passwd\nUSER_GROUP = group\n',
    withoutMdi: true,
  });
  site.folder.write('etc/passwd', '');
  site.folder.write('etc/group', '');
  site.folder.write('state/inventory/mdi/lev1.5/closed_01d/1999.inv', '2472^present^77777777\n');
  const ds = 'mdi.closed_01d[1999.10.09]';
  const list = await info(site, 'rs_list', ds, { key: 'STATE,BYTES', seg: 'd2s' });
  t.match(list, { keywords: [{ values: ['restricted'] }, { values: ['MISSING'] }], segments: [{ values: [''] }] });
  t.notMatch(JSON.stringify(list), '77777777');
  t.match(await drms(site, 'jsoc_fetch', { op: 'exp_request', ds }), { data: [{ filename: 'NoDataFile' }] });
  t.match(await drms(site, 'jsoc_fetch', { op: 'exp_request', ds, method: 'url' }), { status: 4 });
});

t.test('records of files', async (t) => {
  const { path } = temporaryFolder(t);
  const site = mdiSite(t, {
    withoutMdi: true,
    sources: {
      'cam/sky': `description = 'Sky'\nreader = 'false'\ndas2Stream = 1\nvalidRange = '2020-06-01 to 2020-06-02'\nbrowseKind = files\nrecordPath = '${path}/$(LABEL)'\n`,
    },
  });
  mkdirSync(join(path, '2020.06.01'));
  for (const name of ['a.png', 'b.png']) writeFileSync(join(path, '2020.06.01', name), name);
  const fetch = async (ds: string) =>
    (await drms(site, 'jsoc_fetch', { op: 'exp_request', ds })).data as { record: string; filename: string }[];
  const list = 'http://das.example.org/das/browse/file/cam/na/sky/7457';
  const record = 'cam.sky[2020-06-01T00:00:00Z]';
  t.same(await fetch('cam.sky[#7457]'), [
    { record: `${record}{a.png}`, filename: `${list}/a.png` },
    { record: `${record}{b.png}`, filename: `${list}/b.png` },
  ]);
  t.same(await fetch('cam.sky[#7457]{0001,nothing}'), [
    { record: `${record}{b.png}`, filename: `${list}/b.png` },
    { record: `${record}{nothing}`, filename: 'NoDataFile' },
  ]);
  t.match(await info(site, 'series_struct', 'cam.sky'), { segments: [{ name: 'files' }] });
  const { segments } = await info(site, 'rs_list', 'cam.sky[^]', { seg: '**ALL**' });
  t.same(segments, [{ name: 'files', values: [list] }]);
});

t.test('questions that would make answers without end', async (t) => {
  const site = mdiSite(t);
  const many = Array.from({ length: 400 }, (_one, i) => `k${i}`).join(',');
  const set = 'mdi.hr_Vm_bin2x2_01h[1999.10.09/1d]';
  t.match(await info(site, 'rs_list', set, { key: many }), { status: 1, error: /key: more than/ });
  t.match(await info(site, 'rs_list', set, { seg: many }), { status: 1, error: /seg: more than/ });
  t.match(await info(site, 'rs_list', set, { key: 'T_REC,STATE,nothing' }), { status: 0 });
  for (const ds of [
    'mdi.fd_V_01h[#-9999999999-#9999999999]',
    'mdi.fd_V_01h[1999.10.09/999999999w]',
    'mdi.fd_V_01h[9999.12.31/999999999w]',
    'mdi.fd_V_01h[#9999999999]',
    'mdi.fd_V_01h[0001.01.01/1d@1s]',
    'mdi.fd_V_01h[$-^]',
  ])
    for (const op of ['rs_summary', 'rs_list', 'series_struct'])
      for (const n of ['', '5', '-5']) t.type((await info(site, op, ds, { n, key: 'T_REC' })).status, 'number', ds);
});

t.test('nobody keeps what is said about exports', async (t) => {
  const { ask } = mdiSite(t);
  const kept = async (program: string, query: string) =>
    (await ask({ path: `/drms/${program}`, query })).headers['Cache-Control'];
  t.equal(await kept('jsoc_fetch', 'op=exp_status&requestid=X20200101-00000000'), 'no-store');
  t.equal(await kept('jsoc_fetch', 'op=exp_request&ds=mdi.fd_V_01h[1999.10.09/1d]'), 'no-store');
  t.equal(await kept('jsoc_info', 'op=rs_summary&ds=mdi.fd_V_01h[1999.10.09/1d]'), 'max-age=60');
});
