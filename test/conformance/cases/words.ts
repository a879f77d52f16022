/** Words of the conformance cases: requests, and answers that many of them expect. */
import type { RequestSpec } from '../../tools/protocol-driver.js';
import { LISTED, STUB_HEADER, stubComment } from '../../tools/protocol-fixture.js';
import type { Expected } from '../expected.js';

export const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0';

export const T1 = 'start_time=2017-01-01&end_time=2017-01-02';
export const BEGIN = '2017-01-01';
export const END = '2017-01-02';
export const TEXT = 'text/plain; charset=utf-8';
export const JSON_TYPE = 'application/json; charset=utf-8';
export const ERROR = 'text/vnd.das2.das2stream; charset=utf-8';
export const DATA = 'application/vnd.das2.das2stream';
const DESCRIPTION = 'text/vnd.das2.das2stream';

export const LIST = `${LISTED.join('\r\n')}\r\n`;

export const description = (length: number, properties: string): string =>
  `[00]${String(length).padStart(6, '0')}<stream>\r\n  <properties ${properties} />\r\n</stream>`;

const RANDOM = description(
  178,
  'description="Random walk (test)" das2Stream="1" techContact="A Person &lt;a@x.org&gt;" ' +
    'exampleRange_00="2017-01-01 to 2017-03-01 UTC | Demo"',
);

export const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET',
  'Access-Control-Allow-Headers': 'Content-Type',
};

export const get = (query: string, headers?: Record<string, string>): RequestSpec => ({
  query,
  ...(headers === undefined ? {} : { headers }),
});
export const asBrowser = (query: string): RequestSpec => get(query, { 'User-Agent': BROWSER });
export const data = (id: string, rest = T1): RequestSpec => get(`server=dataset&dataset=Examples/${id}&${rest}`);
export const attachment = (name: string): Record<string, string> => ({
  'Content-Disposition': `attachment; filename="${name}"`,
  Expires: 'now',
});

export const listed: Expected = { status: 200, type: TEXT, body: LIST };
export const described: Expected = { status: 200, type: DESCRIPTION, body: RANDOM };
export const unknown: Expected = { status: 404, type: ERROR, exception: 'NoSuchDataSource' };
export const illegal: Expected = { status: 400, type: ERROR, exception: 'IllegalArgument' };
export const notProvided: Expected = { status: 501, type: ERROR, exception: 'NotImplemented' };
export const nothing: Expected = { status: 200, type: ERROR, exception: 'NoDataInInterval' };
export const failed: Expected = { status: 500, type: ERROR, exception: 'ServerError' };
export const folder = (place: string): Expected => ({
  status: 301,
  headers: { Location: `http://das.example.org/das/server/source/${place}` },
});
export const random: Expected = {
  status: 200,
  type: DATA,
  headers: attachment('Random_2017-01-01_2017-01-02.d2s'),
  body: STUB_HEADER + stubComment('rdr', 'fixed', BEGIN, END),
};
export const range: Expected = {
  status: 200,
  type: DATA,
  headers: attachment('Range_2017-01-01_2017-01-02.d2s'),
  stages: [['rdr', BEGIN, END]],
};
export const secret: Expected = {
  status: 401,
  exception: 'AuthenticationRequired',
  headers: { 'WWW-Authenticate': 'Basic realm="My Realm"', 'Cache-Control': 'no-store' },
};
