/** Conformance cases 1 to 29: what there is, and what it is. */
import { LOGO_PNG } from '../../tools/protocol-fixture.js';
import type { ConformanceCase } from '../expected.js';
import { asBrowser, CORS, described, description, get, illegal, LIST, listed, TEXT, unknown } from './words.js';

/** In the order of server-protocol 12.2. */
export const DESCRIPTION_CASES: readonly ConformanceCase[] = [
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
];
