/**
 * Cases of HAPI that every front must answer alike: statuses with their reason phrases, headers, cut answers (server-internals 6.3, 6.5, 9).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Test } from 'tap';
import { layOutHapiSite } from '../tools/hapi-site.js';
import { coverageFile, keptCoverage } from '../tools/kept-coverage.js';
import { header, type ProtocolDriver, type ProtocolResponse, type RequestSpec } from '../tools/protocol-driver.js';

const DAY = 'start=2017-01-01Z&stop=2017-01-02Z';
const JUNE = 'start=2017-06-01Z&stop=2017-06-02Z';
const CORS = { 'Access-Control-Allow-Origin': '*' };
const LOG_IN = { Authorization: `Basic ${Buffer.from('u:p').toString('base64')}` };

interface HapiCase {
  readonly name: string;
  readonly request: RequestSpec;
  readonly status: number;
  /** Code of the document, and of the reason phrase. */
  readonly code?: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | RegExp;
  readonly aborted?: boolean;
}

const get = (path: string, query?: string, headers?: Record<string, string>): RequestSpec => ({
  path: `/hapi${path}`,
  ...(query === undefined ? {} : { query }),
  ...(headers === undefined ? {} : { headers }),
});

const JSON_TYPE = 'application/json; charset=utf-8';

const CASES: readonly HapiCase[] = [
  {
    name: 'page',
    request: get(''),
    status: 200,
    type: 'text/html; charset=utf-8',
    body: /H\/Plain|not been looked at/,
  },
  { name: 'page with a slash', request: get('/'), status: 200, type: 'text/html; charset=utf-8' },
  { name: 'capabilities', request: get('/capabilities'), status: 200, code: 1200, type: JSON_TYPE, headers: CORS },
  { name: 'about', request: get('/about'), status: 200, code: 1200, body: /"contact":"someone@example\.org"/ },
  { name: 'info', request: get('/info', 'id=H/Plain'), status: 200, code: 1200, type: JSON_TYPE, headers: CORS },
  { name: 'encoded id', request: get('/info', 'dataset=H%2FPlain'), status: 200, code: 1200 },
  {
    name: 'a slash behind an endpoint',
    request: get('/info/', 'id=H/Plain'),
    status: 301,
    headers: { Location: 'http://das.example.org/das/server/hapi/info?id=H/Plain' },
  },
  { name: 'no endpoint', request: get('/infoX'), status: 400, code: 1400, type: JSON_TYPE },
  { name: 'below an endpoint', request: get('/info/x'), status: 400, code: 1400 },
  { name: 'unknown key', request: get('/data', 'foo=1'), status: 400, code: 1401 },
  { name: 'no dataset', request: get('/data', DAY), status: 400, code: 1400 },
  { name: 'unknown dataset', request: get('/data', `id=nope&${DAY}`), status: 404, code: 1406 },
  { name: 'start', request: get('/data', 'id=H/Plain&start=2017&stop=x'), status: 400, code: 1403 },
  { name: 'method', request: { ...get('/info', 'id=H/Plain'), method: 'POST' }, status: 405, code: 1400 },
  { name: 'OPTIONS', request: { ...get('/data'), method: 'OPTIONS' }, status: 204, headers: CORS },
  {
    name: 'data',
    request: get('/data', `id=H/Plain&${DAY}&parameters=B`),
    status: 200,
    type: 'text/csv',
    headers: {
      ...CORS,
      'Content-Disposition': 'attachment; filename="Plain_2017-01-01_2017-01-02.csv"',
      Expires: 'now',
    },
    body: /^2017-01-01T00:00:00\.000Z,0\.0e\+00\n(?:2017-01-01T.*\n){23}$/,
  },
  {
    name: 'HEAD of data',
    request: { ...get('/data', `id=H/Plain&${DAY}`), method: 'HEAD' },
    status: 200,
    type: 'text/csv',
    body: '',
  },
  {
    name: 'JSON',
    request: get('/data', `id=H/Plain&${DAY}&format=json`),
    status: 200,
    code: 1200,
    type: 'application/json',
  },
  {
    name: 'binary',
    request: get('/data', `id=H/Plain&${DAY}&format=binary&parameters=Time`),
    status: 200,
    type: 'application/octet-stream',
    body: /^(?:2017-01-01T\d\d:00:00\.000Z){24}$/,
  },
  {
    name: 'nothing there',
    request: get('/data', `id=H/Plain&${JUNE}`),
    status: 200,
    code: 1201,
    type: 'text/csv',
    body: '',
  },
  {
    name: 'the reader prints nothing',
    request: get('/data', `id=H/Later/Silent&${JUNE}`),
    status: 200,
    code: 1201,
    body: '',
  },
  {
    name: 'the reader says no data',
    request: get('/data', `id=H/Later/NoData&${JUNE}`),
    status: 200,
    code: 1201,
    body: '',
  },
  {
    name: 'JSON of nothing',
    request: get('/data', `id=H/Plain&${JUNE}&format=json`),
    status: 200,
    code: 1201,
    body: /"data":\[\n\]\}\n$/,
  },
  {
    name: 'the reader fails',
    request: get('/data', `id=H/Later/Fails&${JUNE}`),
    status: 500,
    code: 1501,
    body: /no calibration file/,
  },
  { name: 'the stream refuses', request: get('/data', `id=H/Later/Refused&${JUNE}`), status: 500, code: 1501 },
  { name: 'no header', request: get('/info', 'id=H/Fails'), status: 500, code: 1501, body: /no calibration file/ },
  {
    name: 'guarded',
    request: get('/data', `id=H/Closed&${DAY}`),
    status: 401,
    code: 1400,
    headers: { 'WWW-Authenticate': 'Basic realm="My Realm"' },
  },
  {
    name: 'guarded, with a password',
    request: get('/data', `id=H/Closed&${DAY}`, LOG_IN),
    status: 200,
    type: 'text/csv',
    headers: { 'Cache-Control': 'private' },
  },
  {
    name: 'info of a coverage',
    request: get('/info', 'id=H/Plain:coverage'),
    status: 200,
    code: 1200,
    type: JSON_TYPE,
  },
  {
    name: 'coverage',
    request: get('/data', 'id=H/Plain:coverage&start=2017-01-01Z&stop=2017-01-04Z&parameters=end,count'),
    status: 200,
    type: 'text/csv',
    headers: { ...CORS, 'Content-Disposition': 'attachment; filename="Plain_coverage_2017-01-01_2017-01-04.csv"' },
    body: /^2017-01-01T00:00:00\.000Z,2017-01-02T00:00:00\.000Z,24\n2017-01-02T.*,0\n$/,
  },
  {
    name: 'a day that nobody has counted',
    request: get('/data', 'id=H/Plain:coverage&start=2017-01-03Z&stop=2017-01-04Z'),
    status: 200,
    code: 1201,
    type: 'text/csv',
    body: '',
  },
  {
    name: 'beyond a coverage',
    request: get('/data', 'id=H/Plain:coverage&start=2017-01-03Z&stop=2017-01-05Z'),
    status: 400,
    code: 1405,
  },
  {
    name: 'a coverage that nobody has counted',
    request: get('/info', 'id=H/Double:coverage'),
    status: 404,
    code: 1406,
    body: /not been counted yet/,
  },
  {
    name: 'more of a coverage than a request may ask for',
    request: get('/data', 'id=H/Sub:coverage&start=2017-01-01Z&stop=2017-03-01Z'),
    status: 400,
    code: 1408,
    body: /longer than PT3888000S/,
  },
  {
    name: 'as much of a coverage as a request may ask for',
    request: get('/data', 'id=H/Sub:coverage&start=2017-01-01Z&stop=2017-02-15Z&parameters=count'),
    status: 200,
    type: 'text/csv',
    body: /^(?:2017-.*,7\n){45}$/,
  },
  { name: 'a guarded coverage', request: get('/info', 'id=H/Closed:coverage'), status: 401, code: 1400 },
];

/** Sends the cases through a driver. `cuts`: whether the front can show that an answer was cut. */
export async function runHapiConformance(
  t: Test,
  driver: ProtocolDriver,
  { cuts }: { readonly cuts: boolean },
): Promise<void> {
  const site = layOutHapiSite({ CACHE_ROOT: '../cache', HAPI_MAX_SPAN: '45 d' });
  const keep = (id: string, counts: readonly (number | undefined)[]): void => {
    const kept = join(site.root, 'cache', coverageFile(id));
    mkdirSync(dirname(kept), { recursive: true });
    writeFileSync(kept, keptCoverage(id, '2017-01-01', counts));
  };
  keep('H/Plain', [24, 0, undefined]);
  keep('H/Sub', new Array(60).fill(7));
  t.teardown(async () => {
    await driver.close();
    site.remove();
  });
  const send = (request: RequestSpec): Promise<ProtocolResponse> => driver.send(site, request);
  for (const item of CASES) {
    await t.test(`${item.name}: ${item.request.path}?${item.request.query ?? ''}`, async (t) =>
      check(t, item, await send(item.request)),
    );
  }
  await t.test('a reader that dies in the middle: the answer is cut', async (t) => {
    // The example of this dataset ends well; its second half does not.
    const half = 'id=H/Dies&start=2017-01-01T12:00&stop=2017-01-02';
    const cut = await send(get('/data', half));
    t.equal(cut.status, 200);
    t.match(cut.body.toString(), /^2017-01-01T12:00:00\.000Z,/, 'what was there has come');
    if (cuts) {
      t.equal(cut.aborted, true, 'and it is seen that there is more');
      return;
    }
    t.match(cut.body.toString(), /\nINCOMPLETE: [^\n]*\n$/, 'and the last line is no row');
    const rows = cut.body.toString().match(/^2017-/gm)?.length ?? 0;
    const { body } = await send(get('/data', `${half}&format=binary`));
    t.ok(
      rows > 1 && body.length > rows && body.length % rows === 1,
      `${body.length} bytes for ${rows} records and one more`,
    );
  });
  await t.test('gzip', async (t) => {
    const plain = await send(get('/data', `id=H/Plain&${DAY}`));
    const coded = await send(get('/data', `id=H/Plain&${DAY}`, { 'Accept-Encoding': 'gzip' }));
    t.equal(header(coded, 'Content-Encoding'), 'gzip');
    t.equal(header(coded, 'Vary'), 'Accept-Encoding');
    t.strictSame(gunzipSync(coded.body), plain.body);
  });
  await t.test('both generations of names give the same bytes', async (t) => {
    const newer = await send(get('/data', `dataset=H/Plain&${DAY}`));
    const older = await send(get('/data', 'id=H/Plain&time.min=2017-001&time.max=2017-002T00:00Z'));
    t.ok(newer.body.length > 0);
    t.strictSame(older.body, newer.body);
  });
  await t.test('catalog', async (t) => {
    const response = await send(get('/catalog'));
    const { catalog } = JSON.parse(response.body.toString()) as { catalog: { id: string }[] };
    t.ok(catalog.some(({ id }) => id === 'H/Plain'));
    t.notOk(catalog.some(({ id }) => id === 'H/Closed'));
  });
}

function check(t: Test, item: HapiCase, response: ProtocolResponse): void {
  const text = response.body.toString('latin1');
  t.equal(response.status, item.status, `status; ${text.slice(0, 300)}`);
  if (item.type !== undefined) t.equal(header(response, 'Content-Type'), item.type, 'media type');
  for (const [name, value] of Object.entries(item.headers ?? {})) t.equal(header(response, name), value, name);
  if (item.body !== undefined) t.match(text, item.body instanceof RegExp ? item.body : new RegExp(`^${item.body}$`));
  t.equal(response.aborted, item.aborted ?? false, 'whole');
  t.ok(response.headerBytes < 2000);
  t.equal(header(response, 'X-Content-Type-Options'), 'nosniff');
  if (item.code === undefined) return;
  if (item.code !== 1200) t.match(response.reason, `HAPI ${item.code}`, 'reason phrase');
  if (text !== '') t.equal(JSON.parse(text).status.code, item.code, 'code');
  if (item.code >= 1400) t.match(JSON.parse(text).status.message, `HAPI error ${item.code}`);
}
