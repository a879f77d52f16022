/** Errors as answers in every form, and what a client learns of a fault (server-protocol 2.3, 2.4). */
import t from 'tap';
import { Das2Error, ERROR_TABLE, type ErrorCode } from '../../lib/error.js';
import { errorReply } from '../../lib/reply/error-reply.js';
import type { Reply } from '../../lib/reply/reply.js';
import { testRequest } from '../tools/make-test-request.js';

const body = (reply: Reply): string => (reply.body.kind === 'bytes' ? Buffer.from(reply.body.bytes).toString() : '');
const value = (reply: Reply, name: string): string | undefined => reply.headers.find(([key]) => key === name)?.[1];
const BROWSER = { 'User-Agent': 'Mozilla/5.0' };

t.test('every code has a framed answer', async (t) => {
  for (const code of Object.keys(ERROR_TABLE) as ErrorCode[]) {
    const reply = errorReply(new Das2Error(code, 'what happened'), testRequest());
    t.equal(reply.status, ERROR_TABLE[code].status, code);
    t.equal(value(reply, 'Content-Type'), 'text/vnd.das2.das2stream; charset=utf-8');
    t.equal(value(reply, 'Expires'), 'now');
    t.match(body(reply), `<exception type="${ERROR_TABLE[code].exceptionType}" message="`);
    t.equal(value(reply, 'Content-Length'), String(Buffer.byteLength(body(reply))));
  }
});

t.test('exact packets and escapes', async (t) => {
  const reply = errorReply(new Das2Error('illegalArgument', '\n a<b> & "c"\nµ\u0001\n\n'), testRequest());
  const content = '<exception type="IllegalArgument" message=" a&lt;b&gt; &amp; &quot;c&quot;&#13;&#10;µ" />\n';
  t.equal(
    body(reply),
    `[00]000025<stream version="2.2" />\n[xx]${String(Buffer.byteLength(content)).padStart(6, '0')}${content}`,
  );
});

t.test('forms', async (t) => {
  const error = new Das2Error('noSuchSource', 'no such source');
  const form = (
    path: string,
    options: { query?: string; headers?: Record<string, string>; qstream?: boolean } = {},
  ) => {
    const { qstream, ...request } = options;
    return errorReply(error, testRequest({ path, ...request }), { qstream });
  };
  t.equal(body(form('', { headers: BROWSER })), 'no such source\n');
  t.equal(value(form('', { headers: BROWSER }), 'Content-Type'), 'text/plain; charset=utf-8');
  t.match(body(form('', { qstream: true })), /^\[00\]000029<stream dataset_id="none" \/>\n\[xx\]/);
  t.equal(value(form('', { qstream: true }), 'Content-Type'), 'text/vnd.das2.qstream; charset=utf-8');
  for (const path of ['/services', '/catalog.json', '/source/A/B.json', '/source/A', '/coverage/A.json']) {
    const reply = form(path, { headers: BROWSER });
    t.same(JSON.parse(body(reply)), { error: { type: 'NoSuchDataSource', message: 'no such source' } }, path);
    t.equal(value(reply, 'Content-Type'), 'application/json; charset=utf-8');
  }
  for (const path of ['/source/A/das2.d2t', '/source/A/das2', '/data/A', '/sourceX', '/servicesX']) {
    t.match(body(form(path)), '[xx]', path);
  }
  t.match(body(form('/services', { query: 'server=dsdf' })), '[xx]', 'server= goes before the path');
  for (const path of ['/hapi', '/hapi/data', '/hapi/x/y']) {
    const reply = form(path, { headers: BROWSER });
    t.same(JSON.parse(body(reply)), {
      HAPI: '3.3',
      status: { code: 1406, message: 'HAPI error 1406: no such source' },
    });
  }
});

t.test('headers of single codes', async (t) => {
  const challenge = (realm: string): Reply =>
    errorReply(new Das2Error('authenticationRequired', 'log in', { data: { realm } }), testRequest());
  t.equal(value(challenge('My Realm'), 'WWW-Authenticate'), 'Basic realm="My Realm"');
  t.equal(value(challenge('a"b\\c'), 'WWW-Authenticate'), 'Basic realm="a\\"b\\\\c"');
  t.equal(value(challenge('a\r\nX: y\0µ€'), 'WWW-Authenticate'), 'Basic realm="aX: yµ?"');
  t.equal(value(challenge('x'), 'Cache-Control'), 'no-store');
  t.equal(value(errorReply(new Das2Error('methodNotAllowed', 'x'), testRequest()), 'Allow'), 'GET, HEAD, OPTIONS');
  const overload = errorReply(new Das2Error('overload', 'x', { data: { retryAfter: 2.1 } }), testRequest());
  t.equal(value(overload, 'Retry-After'), '3');
  t.equal(value(errorReply(new Das2Error('tooManyLogIns', 'x'), testRequest()), 'Retry-After'), '30');
});

t.test('what a client learns', async (t) => {
  const request = testRequest();
  const message = (error: unknown, detail?: 'id'): string => body(errorReply(error, request, { detail }));
  const failed = new Das2Error('readerFailed', 'cannot open /data/x/y.dat: no such file');
  t.match(message(failed), 'cannot open [path]: no such file');
  t.match(message(failed), request.id);
  t.notMatch(message(failed, 'id'), 'no such file');
  t.match(message(failed, 'id'), request.id);
  const lines = Array.from({ length: 100 }, (_, i) => `line ${i}.`).join('\n');
  t.match(message(new Das2Error('readerFailed', lines)), 'line 99.');
  t.match(message(new Das2Error('readerFailed', lines)), 'line 60.');
  t.notMatch(message(new Das2Error('readerFailed', lines)), 'line 59.');
  for (const code of ['configuration', 'sourceDefinition', 'internal'] as const) {
    t.notMatch(message(new Das2Error(code, 'secret of /etc/x')), /secret|etc/);
    t.match(message(new Das2Error(code, 'secret')), request.id);
  }
  const unforeseen = message(new TypeError('x is undefined at /srv/lib/a.js:1'));
  t.notMatch(unforeseen, /undefined|lib/);
  t.match(message('a string was thrown'), 'ServerError');
  t.match(message(undefined), 'ServerError');
});

t.test('long messages stay within packet limits', async (t) => {
  const reply = errorReply(new Das2Error('readerFailed', 'µ&'.repeat(5000)), testRequest());
  t.ok(Buffer.byteLength(body(reply)) < 4300);
  t.match(body(reply), /" \/>\n$/);
});
