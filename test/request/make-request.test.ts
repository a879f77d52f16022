/** Requests from CGI variables: browsers, client addresses behind proxies, empty environments (server-protocol 2.2, 8.4). */
import t from 'tap';
import { isBrowserAgent } from '../../lib/request/browser.js';
import { cgiFacts, isCgi, requestFromCgi } from '../../lib/request/cgi-environment.js';
import { clientOrigin } from '../../lib/request/client-address.js';
import { testRequest } from '../tools/make-test-request.js';

t.test('browsers', async (t) => {
  for (const agent of [
    'Mozilla/5.0 (X11)',
    'Opera Safari',
    'FIREFOX',
    'Internet Explorer',
    'konqueror',
    'HeadlessChrome',
  ]) {
    t.equal(isBrowserAgent(agent), true, agent);
  }
  for (const agent of [
    '',
    'Autoplot-v2023a Java/1.8.0_252',
    'Java/17',
    'libdas2/2.3',
    'das3_cdf',
    'curl/8',
    'Wget/1',
    'x Mozilla/5',
  ]) {
    t.equal(isBrowserAgent(agent), false, agent);
  }
});

t.test('client address', async (t) => {
  const trusted = (address: string): boolean => address === '10.0.0.1' || address === '10.0.0.2';
  const of = (peer: string, headers: Record<string, string>): [string, boolean] => {
    const origin = clientOrigin(peer, new Map(Object.entries(headers)), trusted);
    return [origin.address, origin.forwardedByTrusted];
  };
  t.same(of('192.0.2.1', {}), ['192.0.2.1', false]);
  t.same(of('192.0.2.1', { 'x-forwarded-for': '127.0.0.1' }), ['192.0.2.1', false]);
  t.same(of('10.0.0.1', { 'x-forwarded-for': '127.0.0.1, 192.0.2.7' }), ['192.0.2.7', true]);
  t.same(of('10.0.0.1', { 'x-forwarded-for': '192.0.2.7, 10.0.0.2' }), ['192.0.2.7', true]);
  t.same(of('10.0.0.1', { 'x-forwarded-for': '192.0.2.7, <script>' }), ['10.0.0.1', true]);
  t.same(of('10.0.0.1', { 'x-forwarded-for': '192.0.2.7, unknown, 10.0.0.2' }), ['10.0.0.2', true]);
  t.same(of('10.0.0.1', { forwarded: 'for=192.0.2.7;proto=https, for="[2001:db8::1]:99"' }), ['2001:db8::1', true]);
  t.same(of('10.0.0.1', { 'x-forwarded-for': '192.0.2.7:5555' }), ['192.0.2.7', true]);
  t.same(of('fe80::1%eth0', {}), ['fe80::1', false]);
});

t.test('CGI environment', async (t) => {
  t.equal(isCgi({}), false);
  t.equal(isCgi({ GATEWAY_INTERFACE: 'CGI/1.1' }), true);
  const empty = requestFromCgi({});
  t.equal(empty.method, 'GET');
  t.equal(empty.path, '');
  t.equal(empty.query, '');
  t.equal(empty.baseUrl, 'http://localhost');
  t.equal(empty.clientAddress, '');
  t.match(empty.id, /^[0-9a-z]{12}$/);
  const full = requestFromCgi({
    REQUEST_METHOD: 'head',
    SERVER_PROTOCOL: 'HTTP/1.0',
    HTTPS: 'on',
    SERVER_NAME: 'x.org',
    SERVER_PORT: '8443',
    SCRIPT_NAME: '/das/server/',
    PATH_INFO: '/data/A',
    QUERY_STRING: 'a=1',
    REMOTE_ADDR: '192.0.2.1',
    HTTP_USER_AGENT: 'curl',
    HTTP_X_FORWARDED_FOR: '127.0.0.1',
    REDIRECT_HTTP_AUTHORIZATION: 'Basic x',
    CONTENT_TYPE: 'text/plain',
  });
  t.equal(full.method, 'HEAD');
  t.equal(full.httpVersion, '1.0');
  t.equal(full.baseUrl, 'https://x.org:8443/das/server');
  t.equal(full.mountPath, '/das/server');
  t.equal(full.path, '/data/A');
  t.equal(full.clientAddress, '192.0.2.1');
  t.equal(full.headers.get('authorization'), 'Basic x');
  t.notOk(cgiFacts({ HTTP_AUTHORIZATION: '' }).headers.has('authorization'), 'empty: as set by a rewrite rule');
  t.equal(full.headers.get('user-agent'), 'curl');
  t.equal(full.headers.get('content-type'), 'text/plain');
  t.equal(cgiFacts({ SERVER_PORT: 'x' }).serverPort, undefined);
});

t.test('a query that cannot be read is kept as a fault', async (t) => {
  const request = testRequest({ query: `server=list&${'x'.repeat(9000)}` });
  t.equal(request.fault?.status, 414);
  t.same(request.pairs, []);
  t.equal(testRequest({ query: 'server=list' }).fault, undefined);
});
