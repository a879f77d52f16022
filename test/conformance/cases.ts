/**
 * The conformance cases of server-protocol 12.2 as data. A row with several requests is several entries with one number.
 * `check.ts` compares, `run.ts` sends them through a driver.
 */
import type { RequestSpec } from '../tools/protocol-driver.js';
import { LISTED, LOGO_PNG, STUB_HEADER, stubComment } from '../tools/protocol-fixture.js';
import type { ConformanceCase, Expected } from './expected.js';

export const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0';

const T1 = 'start_time=2017-01-01&end_time=2017-01-02';
const BEGIN = '2017-01-01';
const END = '2017-01-02';
const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';
const ERROR = 'text/vnd.das2.das2stream; charset=utf-8';
const DATA = 'application/vnd.das2.das2stream';
const DESCRIPTION = 'text/vnd.das2.das2stream';

const LIST = `${LISTED.join('\r\n')}\r\n`;

const description = (length: number, properties: string): string =>
  `[00]${String(length).padStart(6, '0')}<stream>\r\n  <properties ${properties} />\r\n</stream>`;

const RANDOM = description(
  178,
  'description="Random walk (test)" das2Stream="1" techContact="A Person &lt;a@x.org&gt;" ' +
    'exampleRange_00="2017-01-01 to 2017-03-01 UTC | Demo"',
);

const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET',
  'Access-Control-Allow-Headers': 'Content-Type',
};

const get = (query: string, headers?: Record<string, string>): RequestSpec => ({
  query,
  ...(headers === undefined ? {} : { headers }),
});
const asBrowser = (query: string): RequestSpec => get(query, { 'User-Agent': BROWSER });
const data = (id: string, rest = T1): RequestSpec => get(`server=dataset&dataset=Examples/${id}&${rest}`);
const attachment = (name: string): Record<string, string> => ({
  'Content-Disposition': `attachment; filename="${name}"`,
  Expires: 'now',
});

const listed: Expected = { status: 200, type: TEXT, body: LIST };
const described: Expected = { status: 200, type: DESCRIPTION, body: RANDOM };
const unknown: Expected = { status: 404, type: ERROR, exception: 'NoSuchDataSource' };
const illegal: Expected = { status: 400, type: ERROR, exception: 'IllegalArgument' };
const notProvided: Expected = { status: 501, type: ERROR, exception: 'NotImplemented' };
const nothing: Expected = { status: 200, type: ERROR, exception: 'NoDataInInterval' };
const failed: Expected = { status: 500, type: ERROR, exception: 'ServerError' };
const folder = (place: string): Expected => ({
  status: 301,
  headers: { Location: `http://das.example.org/das/server/source/${place}` },
});
const random: Expected = {
  status: 200,
  type: DATA,
  headers: attachment('Random_2017-01-01_2017-01-02.d2s'),
  body: STUB_HEADER + stubComment('rdr', 'fixed', BEGIN, END),
};
const range: Expected = {
  status: 200,
  type: DATA,
  headers: attachment('Range_2017-01-01_2017-01-02.d2s'),
  stages: [['rdr', BEGIN, END]],
};
const secret: Expected = {
  status: 401,
  exception: 'AuthenticationRequired',
  headers: { 'WWW-Authenticate': 'Basic realm="My Realm"', 'Cache-Control': 'no-store' },
};

export const CASES: readonly ConformanceCase[] = [
  { number: 1, request: get('server=list'), expected: listed },
  { number: 2, request: get('server=discovery'), expected: listed },
  { number: 3, request: get('server=LIST'), expected: listed },
  { number: 4, request: get('SERVER=list'), expected: { status: 200, type: 'text/html; charset=utf-8' } },
  { number: 5, request: get('server=list', { Origin: 'https://example.org' }), expected: { ...listed, headers: CORS } },
  { number: 6, request: { ...get('server=list'), method: 'OPTIONS' }, expected: { status: 204, headers: CORS } },
  {
    number: 7,
    request: { ...get('server=list'), method: 'POST' },
    expected: { status: 405, headers: { Allow: 'GET, HEAD, OPTIONS' } },
  },
  {
    number: 8,
    request: { ...get('server=list'), method: 'HEAD' },
    expected: { status: 200, type: TEXT, body: '', headers: { 'Content-Length': String(Buffer.byteLength(LIST)) } },
  },
  { number: 9, request: get('server=id'), expected: { status: 200, type: TEXT, body: 'Test Site\r\n' } },
  { number: 10, request: get('server=logo'), expected: { status: 200, type: 'image/png', body: LOGO_PNG } },
  {
    number: 11,
    site: 'noLogo',
    request: get('server=logo'),
    expected: { status: 404, type: TEXT, excludes: ['<exception'] },
  },
  {
    number: 12,
    request: get('server=peers'),
    expected: {
      status: 200,
      type: 'text/xml; charset=utf-8',
      body:
        '<?xml version="1.0" encoding="UTF-8" ?>\n' +
        '<?xml-stylesheet type="text/xsl" href="/das/server/static/das2server.xsl"?>\n' +
        '<das2server>\n  <peers>\n' +
        '    <server>\n      <name>a</name>\n      <url>http://a.example.org/das/server</url>\n' +
        '      <description>Plasma &amp; waves,\nsecond line</description>\n    </server>\n' +
        '    <server>\n      <name>b</name>\n      <url>http://b.example.org/das/server</url>\n    </server>\n' +
        '  </peers>\n</das2server>\n',
    },
  },
  { number: 13, request: get('server=dsdf&dataset=Examples/Random'), expected: described },
  { number: 14, request: asBrowser('server=dsdf&dataset=Examples/Random'), expected: { ...described, type: TEXT } },
  { number: 15, request: get('server=dsdf&dataset=Examples%2FRandom.dsdf'), expected: described },
  { number: 16, request: { path: '/Examples/Random', query: 'server=dsdf' }, expected: described },
  { number: 17, request: get('server=dsdf;dataset=Examples/Random'), expected: described },
  {
    number: 18,
    request: get('server=dsdf&dataset=Examples/Unicode'),
    expected: {
      status: 200,
      body: description(
        146,
        'description="A &amp; B &quot;µ&quot;" das2Stream="1" measurementType="phys.flux;em.radio" summary="one two"',
      ),
    },
  },
  {
    number: 19,
    request: get('server=dsdf&dataset=Examples/Far'),
    expected: {
      status: 200,
      body: description(118, 'description="Far away" server="http://far.example.org/das/server" das2Stream="1"'),
    },
  },
  {
    number: 20,
    request: get('server=dsdf&dataset=Examples/Orbit'),
    expected: {
      status: 200,
      body: description(
        160,
        'description="Orbit" das2Stream="1" requiresInterval="1" exampleRange_00="2017-01-01 to 2017-01-02" ' +
          'exampleInterval_00="60"',
      ),
    },
  },
  {
    number: 21,
    request: get('server=dsdf&dataset=Examples/Secret'),
    expected: { status: 200, contains: ['securityRealm="My Realm"'], excludes: ['readAccess'] },
  },
  {
    number: 22,
    request: get('server=dsdf&dataset=Examples/Old'),
    expected: {
      status: 301,
      type: 'text/plain',
      body: '',
      headers: {
        Location: 'http://das.example.org/das/server?server=dsdf&dataset=Examples/Random',
        'Cache-Control': 'no-store',
        'Content-Length': '0',
      },
    },
  },
  { number: 23, request: get('server=dsdf&dataset=Examples/Nope'), expected: unknown },
  {
    number: 24,
    request: asBrowser('server=dsdf&dataset=Examples/Nope'),
    expected: { status: 404, type: TEXT, excludes: ['<', '[00]'] },
  },
  { number: 25, request: get('server=dsdf'), expected: illegal },
  { number: 26, request: get('server=dsdf&dataset=../Examples/Random'), expected: unknown },
  { number: 27, request: get('server=dsdf&dataset=/etc/passwd'), expected: unknown },
  { number: 28, request: get('server=dsdf&dataset=Examples/_dirinfo_'), expected: unknown },
  {
    number: 29,
    request: get('server=dsdf&dataset=Examples/Hid'),
    expected: { status: 200, contains: ['description="x"'], excludes: ['hidden', 'reader'] },
  },
  { number: 30, request: data('Random'), expected: random },
  {
    number: 31,
    request: get(`server=compactdataset&nitems=5&dataset=Examples/Random&${T1}`),
    expected: random,
  },
  {
    number: 32,
    request: get(
      'server=dataset&dataset=Examples%2FRandom&start_time=2014-03-28T00%3A00%3A00.000Z&end_time=2014-03-29T00%3A00%3A00.000Z',
    ),
    expected: {
      status: 200,
      headers: attachment('Random_2014-03-28_2014-03-29.d2s'),
      stages: [['rdr', 'fixed', '2014-03-28T00:00:00.000Z', '2014-03-29T00:00:00.000Z']],
    },
  },
  {
    number: 33,
    request: data('Random', `${T1}&params=a%20'b%20c'`),
    expected: { status: 200, stages: [['rdr', 'fixed', BEGIN, END, 'a', 'b c']] },
  },
  { number: 34, request: data('Random', `${T1}&params=%60id%60`), expected: illegal },
  ...['a%3Bb', 'a%7Cb', 'a%3Eb', 'a%26b', '%24x', '..%2F'].map(
    (params): ConformanceCase => ({
      number: 35,
      request: data('Random', `${T1}&params=${params}`),
      expected: illegal,
    }),
  ),
  {
    number: 36,
    request: data('Random', `${T1}&params=*`),
    expected: { status: 200, stages: [['rdr', 'fixed', BEGIN, END, '*']] },
  },
  {
    number: 37,
    request: data('Random', `${T1}&resolution=60`),
    expected: { status: 200, stages: [['rdr', 'fixed', BEGIN, END]] },
  },
  {
    number: 38,
    request: data('Range', `${T1}&resolution=60.5`),
    expected: {
      status: 200,
      stages: [
        ['rdr', BEGIN, END],
        ['red', '60.5'],
      ],
    },
  },
  { number: 39, request: data('Range', `${T1}&resolution=0`), expected: range },
  ...['abc', 'nan', '-1'].map(
    (resolution): ConformanceCase => ({
      number: 40,
      request: data('Range', `${T1}&resolution=${resolution}`),
      expected: illegal,
    }),
  ),
  ...([41, 42] as const).map(
    (number): ConformanceCase => ({
      number,
      request:
        number === 41
          ? data('Range', `${T1}&resolution=60.5&ascii=1`)
          : asBrowser(`server=dataset&dataset=Examples/Range&${T1}&resolution=60.5&ascii=1`),
      expected: {
        status: 200,
        type: number === 41 ? ERROR : TEXT,
        headers: { 'Content-Disposition': 'inline; filename="Range_2017-01-01_2017-01-02.d2t"' },
        stages: [['rdr', BEGIN, END], ['red', '60.5'], ['txt']],
      },
    }),
  ),
  { number: 43, request: data('Random', `${T1}&ascii=0`), expected: random },
  {
    number: 44,
    request: data('Random', `${T1}&ascii=yes`),
    expected: { status: 200, type: ERROR, stages: [['rdr', 'fixed', BEGIN, END], ['txt']] },
  },
  {
    number: 45,
    request: data('Range', 'start_time=2016-12-01&end_time=2017-01-02'),
    expected: {
      status: 200,
      headers: attachment('Range_2017-01-01_2017-01-02.d2s'),
      stages: [['rdr', '2017-01-01T00:00:00', END]],
    },
  },
  { number: 46, request: data('Range', 'start_time=2015-01-01&end_time=2015-01-02'), expected: nothing },
  {
    number: 47,
    request: asBrowser('server=dataset&dataset=Examples/Range&start_time=2015-01-01&end_time=2015-01-02'),
    expected: { status: 200, type: TEXT, excludes: ['<exception'] },
  },
  { number: 48, request: data('Range', 'start_time=2017-01-02&end_time=2017-01-01'), expected: illegal },
  { number: 49, request: data('Range', 'start_time=junk&end_time=2017-01-02'), expected: illegal },
  { number: 50, request: data('Random', 'end_time=2017-01-02'), expected: illegal },
  { number: 51, request: data('Range', 'time.min=2017-01-01&time.max=2017-01-02'), expected: range },
  { number: 51, request: data('Range', 'time.min=2017-01-01&end_time=2017-01-02'), expected: illegal },
  {
    number: 52,
    request: data('Range', 'start_time=2017-032T00:00&end_time=2017-033'),
    expected: { status: 200, stages: [['rdr', '2017-032T00:00', '2017-033']] },
  },
  { number: 53, request: data('Orbit'), expected: illegal },
  {
    number: 54,
    request: data('Orbit', `${T1}&interval=60`),
    expected: { status: 200, stages: [['rdr', '60', BEGIN, END]] },
  },
  {
    number: 55,
    request: data('Orbit', `${T1}&resolution=30`),
    expected: { status: 200, stages: [['rdr', '30', BEGIN, END]] },
  },
  { number: 56, request: data('Orbit', `${T1}&interval=0`), expected: illegal },
  {
    number: 57,
    request: data('Range', `${T1}&interval=30`),
    expected: {
      status: 200,
      stages: [
        ['rdr', BEGIN, END],
        ['red', '30'],
      ],
    },
  },
  { number: 58, request: data('Quiet'), expected: nothing },
  {
    number: 59,
    request: data('Broken'),
    expected: { ...failed, message: { contains: 'no such file', excludes: ['stub_fail', '/'] } },
  },
  {
    number: 60,
    request: data('Broken', `${T1}&resolution=60`),
    expected: { ...failed, message: { contains: 'no such file', excludes: ['stub_fail', '/'] } },
  },
  {
    number: 61,
    request: data('Half'),
    expected: { status: 200, type: DATA, contains: ['<exception type="ServerError"'], exception: 'ServerError' },
  },
  {
    number: 62,
    site: 'more',
    request: data('Cut'),
    expected: { status: 200, type: DATA, aborted: true, excludes: ['<exception'] },
  },
  {
    number: 63,
    request: data('Qs'),
    expected: { status: 500, type: 'text/vnd.das2.qstream; charset=utf-8', exception: 'ServerError', qstream: true },
  },
  {
    number: 64,
    request: data('Old', `${T1}&params=a%20b`),
    expected: {
      status: 301,
      headers: {
        Location: `http://das.example.org/das/server?server=dataset&dataset=Examples/Random&${T1}&params=a%20b`,
      },
    },
  },
  {
    number: 65,
    request: data('Far'),
    expected: {
      status: 301,
      headers: { Location: `http://far.example.org/das/server?server=dataset&dataset=Examples/Far&${T1}` },
    },
  },
  { number: 66, site: 'ignoreRedirect', request: data('Far'), expected: failed },
  {
    number: 67,
    site: 'more',
    request: data('Home'),
    expected: { status: 200, absent: ['Location'], stages: [['rdr', BEGIN, END]] },
  },
  { number: 68, request: data('Secret'), expected: secret },
  {
    number: 69,
    request: get(`server=dataset&dataset=Examples/Secret&${T1}`, { Authorization: 'Basic dTpw' }),
    expected: {
      status: 200,
      headers: { 'Cache-Control': 'private', Vary: 'Authorization' },
      absent: ['Access-Control-Allow-Origin'],
      stages: [['rdr', BEGIN, END]],
    },
  },
  {
    number: 70,
    request: get(`server=dataset&dataset=Examples/Secret&${T1}`, { Authorization: 'Basic dTpxcXE=' }),
    expected: secret,
  },
  { number: 71, site: 'noAccounts', request: data('Secret'), expected: failed },
  { number: 72, request: get(`server=image&dataset=Examples/Random&${T1}`), expected: notProvided },
  { number: 73, request: get('server=authenticator&user=a&passwd=b'), expected: notProvided },
  { number: 74, request: get('server=bogus'), expected: illegal },
  {
    number: 75,
    request: { path: '/static/das2server.css' },
    expected: { status: 200, type: 'text/css', contains: ['body'] },
  },
  { number: 76, request: { path: '/static/nope.css' }, expected: { status: 404 } },
  { number: 76, request: { path: '/static/%2e%2e/etc/x' }, expected: { status: 404 } },
  { number: 77, request: { path: '/nope' }, expected: { status: 404 } },
  // 6.3: a folder without its slash.
  { number: 77, request: { path: '/source/Examples' }, expected: folder('Examples/') },
  {
    number: 77,
    request: { path: '/source/Examples.html', query: 'find=a%20b' },
    expected: folder('Examples/index.html?find=a%20b'),
  },
  { number: 77, request: { path: '/source/Nope' }, expected: { status: 404, type: JSON_TYPE } },
  { number: 78, request: { path: '/hapi' }, expected: { status: 404, excludes: ['<exception'] } },
  { number: 79, request: get('server=debug'), expected: { status: 404, excludes: ['DSDF_ROOT'] } },
  {
    number: 80,
    request: { ...data('Random'), httpVersion: '1.0' },
    expected: { ...random, absent: ['Transfer-Encoding'] },
  },
  {
    number: 81,
    request: get(`server=dataset&dataset=Examples/Nope&${T1}`, {
      'User-Agent': 'Autoplot-v2023a Java/1.8.0_252',
      Accept: 'text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2',
    }),
    expected: unknown,
  },
  {
    number: 82,
    request: { path: '/data/Examples/Range', query: `${T1}&params~x=on&params~y=on` },
    expected: { status: 200, stages: [['rdr', BEGIN, END, 'x', 'y']] },
  },
  {
    number: 83,
    site: 'more',
    request: data('Macro', `${T1}&params=q`),
    expected: { status: 200, stages: [['rdr', 'q', BEGIN, END]] },
  },
  {
    number: 83,
    site: 'more',
    request: data('Macro'),
    expected: { status: 200, stages: [['rdr', 'all', BEGIN, END]] },
  },
  { number: 84, site: 'more', request: data('Bad'), expected: failed },
  { number: 84, site: 'more', request: get('server=dsdf&dataset=Examples/Bad'), expected: failed },
  {
    number: 84,
    site: 'more',
    request: get('server=list'),
    expected: { status: 200, contains: ['Examples/Bad\r\n'] },
  },
  // 3.3.2: a source renamed to itself is a fault, not a loop.
  { number: 64, site: 'more', request: data('Self'), expected: failed },
];
