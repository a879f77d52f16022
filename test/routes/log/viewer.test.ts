/** The log viewer: who sees what, hostile text, deletion, forms of answers (server-internals 5.2, 9.53 to 9.55). */
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { loadConfiguration } from '../../../lib/conf/configuration.js';
import type { Reply } from '../../../lib/reply/reply.js';
import { serveLog } from '../../../lib/routes/log/serve.js';
import { serve } from '../../../lib/routes/serve.js';
import { makeServer, requestSettings } from '../../../lib/server/context.js';
import { type TestRequest, testRequest } from '../../tools/make-test-request.js';
import { CLIENT_ADDRESS } from '../../tools/protocol-driver.js';
import { layOutProtocolFixture } from '../../tools/protocol-fixture.js';

/** In VIEW_LOG_ALLOW of the fixture. */
const ADMIN = '192.0.2.1';
const EVIL = '</pre><script>alert(1)</script>\' onx="y';

interface ViewerRequest extends TestRequest {
  readonly form?: Readonly<Record<string, string>>;
}

function site(t: Test, settings: Readonly<Record<string, string | undefined>> = {}) {
  const fixture = layOutProtocolFixture({ settings });
  t.teardown(() => fixture.remove());
  const configuration = loadConfiguration({ file: fixture.configurationFile, environment: {} });
  const server = makeServer(configuration);
  const view = async (spec: ViewerRequest = {}) => {
    const body = Buffer.from(new URLSearchParams(spec.form).toString());
    const request = {
      ...testRequest({
        settings: requestSettings(configuration),
        ...spec,
        headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...spec.headers },
      }),
      mountPath: '/das/log',
      readBody: async () => body,
    };
    let reply: Reply | undefined;
    await serveLog(server, request, (made) => {
      reply = made;
      return { bytes: 0, firstByteAt: Date.now(), clientGone: false, aborted: false };
    });
    const bytes = reply?.body.kind === 'bytes' ? reply.body.bytes : new Uint8Array(0);
    return {
      status: reply?.status,
      headers: Object.fromEntries(reply?.headers ?? []),
      text: Buffer.from(bytes).toString(),
    };
  };
  /** A request of the main program, which leaves its lines in the log. */
  const request = (spec: TestRequest) =>
    serve(server, testRequest({ settings: requestSettings(configuration), ...spec }), () => ({
      bytes: 3,
      firstByteAt: Date.now(),
      clientGone: false,
      aborted: false,
    }));
  const admin = (spec: ViewerRequest = {}) => view({ peerAddress: ADMIN, ...spec });
  return { fixture, view, admin, request };
}

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

t.test('everybody sees the own log, and no other', async (t) => {
  const { view, request } = site(t);
  await request({ query: 'server=id' });
  await request({ query: 'server=id', peerAddress: '203.0.113.9' });
  const own = await view();
  t.equal(own.status, 200);
  t.match(own.text, 'Log of 198.51.100.7');
  t.match(own.text, 'Request ');
  t.match(own.text, '<pre class="wrap">', 'long lines can be read without scrolling');
  t.match((await view({ query: `ip=${CLIENT_ADDRESS}` })).text, 'Answered 200');
  t.match((await view({ query: `ip=::ffff:${CLIENT_ADDRESS}` })).text, 'Answered 200');
  t.equal((await view({ query: 'ip=203.0.113.9' })).status, 403);
  t.equal((await view({ query: 'ip=None' })).status, 403);
  t.equal((await view({ query: 'ip=arbiter_x' })).status, 403);
  t.equal((await view({ query: 'list=addresses' })).status, 403);
  t.notMatch(own.text, /Delete|token|All addresses/);
  t.match((await view({ peerAddress: '198.51.100.8' })).text, 'Nothing is logged');
  t.equal((await view({ peerAddress: '' })).status, 403);
});

t.test('the own log of a client tells no commands, no paths and no rules of the server', async (t) => {
  const { view, admin, request } = site(t);
  const range = 'start_time=2017-01-01&end_time=2017-01-02';
  await request({ query: `server=dataset&dataset=Examples/Broken&${range}` });
  const secrets = [/\.dsdf/, /stub_fail/, /Host:/];
  const all = (await admin({ query: `ip=${CLIENT_ADDRESS}&format=text` })).text;
  for (const secret of secrets) t.match(all, secret);
  for (const format of ['text', 'json', 'html']) {
    const { text } = await view({ query: `format=${format}` });
    for (const secret of secrets) t.notMatch(text, secret, format);
    t.match(text, /Source definition: \[path\]/);
    t.match(text, /reader: \(command\)/);
    t.match(text, /reader: status 7, 0 bytes in, 0 bytes out/);
    t.match(text, /no such file/);
    t.match(text, /Answered 500/);
  }
  t.equal((await view({ query: 'format=text&grep=stub_fail' })).text, '', 'what is hidden is not found either');
  t.match((await view({ query: 'format=text&grep=no%20such%20file' })).text, 'Answered 500');

  const quiet = site(t, { ERROR_DETAIL: 'id' });
  await quiet.request({ query: `server=dataset&dataset=Examples/Broken&${range}` });
  t.notMatch((await quiet.view({ query: 'format=text' })).text, 'no such file');
  t.equal((await quiet.view({ query: 'format=text&grep=no%20such%20file' })).text, '');
  t.match((await quiet.view({ query: 'format=text' })).text, 'Answered 500');
  t.match((await quiet.admin({ query: `ip=${CLIENT_ADDRESS}&format=text` })).text, 'no such file');
});

t.test('what the server does not provide is no failure of it, and a failure is told once', async (t) => {
  const { view, request } = site(t);
  await request({ query: 'server=authenticator' });
  t.match((await view({ query: 'format=text&level=warning' })).text, /Refused \(notImplemented\).*Answered 501/s);
  t.equal((await view({ query: 'format=text&level=error' })).text, '');
  await request({ query: 'server=dataset&dataset=Examples/Broken&start_time=2017-01-01&end_time=2017-01-02' });
  const { text } = await view({ query: 'format=text&tail=1' });
  t.match(text, 'Failed (readerFailed)');
  const lines = text.split('\n').map((line) => line.slice(line.indexOf(']') + 2));
  t.same(
    lines.filter((line, i) => lines.indexOf(line) !== i),
    [],
    'no line twice',
  );
});

t.test('allowed addresses see all', async (t) => {
  const { admin, request } = site(t);
  await request({ query: 'server=id' });
  t.match((await admin({ query: `ip=${CLIENT_ADDRESS}` })).text, 'Answered 200');
  const list = JSON.parse((await admin({ query: 'list=addresses&format=json' })).text);
  t.match(list, { total: 1, addresses: [{ who: CLIENT_ADDRESS }] });
  t.match((await admin({ query: 'list=addresses' })).text, `<a href="/das/log?ip=${CLIENT_ADDRESS}">`);
  t.equal((await admin({ query: 'list=addresses&format=text' })).text, `${CLIENT_ADDRESS}\n`);
});

t.test('loopback does not count behind an unknown proxy, and has no own log there', async (t) => {
  const { view } = site(t, { VIEW_LOG_ALLOW: undefined });
  t.equal((await view({ peerAddress: '127.0.0.1', query: 'ip=192.0.2.5' })).status, 200);
  t.equal((await view({ peerAddress: '::1', query: 'ip=192.0.2.5' })).status, 200);
  for (const headers of [
    { 'X-Forwarded-For': '127.0.0.1' },
    { Forwarded: 'for=127.0.0.1' },
    { 'X-Real-IP': '::1' },
  ] as Record<string, string>[]) {
    t.equal((await view({ peerAddress: '127.0.0.1', query: 'ip=192.0.2.5', headers })).status, 403);
    t.equal((await view({ peerAddress: '127.0.0.1', headers })).status, 403);
  }
  const trusted = site(t, { VIEW_LOG_ALLOW: undefined, TRUSTED_PROXIES: '127.0.0.1' });
  const headers = { 'X-Forwarded-For': '203.0.113.5' };
  t.equal((await trusted.view({ peerAddress: '127.0.0.1', query: 'ip=192.0.2.5', headers })).status, 403);
  t.equal((await trusted.view({ peerAddress: '127.0.0.1', query: 'ip=203.0.113.5', headers })).status, 200);
});

t.test('loopback does not count for requests to a name of somebody else', async (t) => {
  const { view, request } = site(t, { VIEW_LOG_ALLOW: undefined, VIEW_LOG_GROUP: 'g' });
  await request({ query: 'server=id', peerAddress: '127.0.0.1' });
  const foreign = { peerAddress: '127.0.0.1', headers: { Host: 'evil.example:8080' } };
  for (const query of ['', 'ip=127.0.0.1', 'list=addresses', 'request=abc', 'login=1']) {
    const refused = await view({ ...foreign, query });
    t.equal(refused.status, 401, query);
    t.match(refused.text, /localhost.*SERVER_URL.*'evil\.example:8080'/s, 'and it is said what would');
  }
  t.match(
    (await view({ ...foreign, headers: { ...foreign.headers, Authorization: basic('u:p') } })).text,
    'All addresses',
  );
  t.match((await view({ peerAddress: '127.0.0.1' })).text, 'Log of 127.0.0.1', 'the name of SERVER_URL');
});

t.test('members of VIEW_LOG_GROUP see all after a log-in', async (t) => {
  const { view, request, fixture } = site(t, { VIEW_LOG_GROUP: 'g' });
  await request({ query: 'server=id', peerAddress: '203.0.113.9' });
  const challenge = await view({ query: 'ip=203.0.113.9' });
  t.equal(challenge.status, 401);
  t.equal(challenge.headers['WWW-Authenticate'], 'Basic realm="das2 server log"');
  t.equal((await view({ query: 'login=1' })).status, 401);
  t.match((await view()).text, 'Log in');
  t.equal((await view({ query: 'ip=203.0.113.9', headers: { Authorization: basic('u:wrong') } })).status, 401);
  const member = await view({ query: 'ip=203.0.113.9', headers: { Authorization: basic('u:p') } });
  t.match(member.text, 'Answered 200');
  t.match(readFileSync(ownLogFile(fixture.logPath), 'utf8'), /log-in failed: user 'u'/);
  t.notMatch(readFileSync(ownLogFile(fixture.logPath), 'utf8'), /wrong/);
});

function ownLogFile(folder: string): string {
  return join(folder, readdirSync(folder).find((name) => name.startsWith(`das2.${CLIENT_ADDRESS}_`)) ?? '');
}

t.test('values that are none are refused without an echo', async (t) => {
  const { admin, fixture } = site(t);
  writeFileSync(join(fixture.root, 'x_0.log'), 'secret');
  const bad = [
    'ip=../../x',
    'ip=..%2F..%2Fx',
    'ip=%2Fetc%2Fpasswd',
    'ip=1.2.3.4%0d%0aX:y',
    'ip=1.2.3.4%00',
    `ip=${encodeURIComponent(EVIL)}`,
    'type=../das2',
    'type=arbiter',
    'day=2019-02-30',
    'day=yesterday',
    'from=x',
    'to=1',
    'day=2019-01-01&from=2019-01-01',
    'level=all',
    'status=x',
    'tail=0',
    'tail=x',
    'page=0',
    'page=-1',
    'format=xml',
    'refresh=0',
    'request=A%2Fb',
    'list=x',
    `grep=${'x'.repeat(201)}`,
    'ip=192.0.2.5&ip=192.0.2.6',
  ];
  for (const query of bad) {
    const { status, text } = await admin({ query });
    t.equal(status, 400, query);
    t.notMatch(text, /script|etc|secret|\.\./, query);
  }
  t.equal((await admin({ path: '/../x' })).status, 404);
  t.equal((await admin({ method: 'PUT' })).status, 405);
  t.equal((await admin({ method: 'OPTIONS' })).status, 405);
});

t.test('text of clients is shown as text', async (t) => {
  const { view, request } = site(t);
  await request({ query: `server=${encodeURIComponent(EVIL)}`, headers: { 'User-Agent': EVIL } });
  await request({
    path: `/${EVIL}`,
    query: 'x=<img src=x onerror=alert(1)>',
    headers: { 'User-Agent': '\u202e\u001b[31m' },
  });
  for (const query of ['', `grep=${encodeURIComponent('<script>')}`]) {
    const { text } = await view({ query });
    t.match(text, '&lt;script&gt;');
    t.notMatch(text, /<script|<img src=x|<[^>]* onx=/i);
    t.notMatch(text, /\u001b|\u202e/u);
  }
  t.match((await view({ query: `grep=${encodeURIComponent(EVIL)}` })).text, 'value="&lt;/pre&gt;&lt;script&gt;');
});

t.test('a page of another server can neither read nor keep an answer', async (t) => {
  const { admin, view } = site(t);
  for (const answer of [
    await admin(),
    await admin({ query: 'format=json' }),
    await view({ query: 'ip=1.1.1.1' }),
    await admin({ query: 'ip=x' }),
  ]) {
    t.notOk(Object.keys(answer.headers).some((name) => name.startsWith('Access-Control')));
    t.equal(answer.headers['Cache-Control'], 'no-store');
    t.equal(answer.headers['X-Content-Type-Options'], 'nosniff');
  }
  const { headers, text } = await admin();
  t.match(headers['Content-Security-Policy'], /^default-src 'self';/);
  t.equal(headers['Content-Type'], 'text/html; charset=utf-8');
  t.match(text, 'href="/das/server/static/das2server.css"');
  t.notMatch(text, /<script|style=|onclick/);
});

t.test('deletion: by POST, with the token of the page, by those who see all', async (t) => {
  const { admin, view, request, fixture } = site(t);
  await request({ query: 'server=id' });
  const log = ownLogFile(fixture.logPath);
  writeFileSync(join(fixture.logPath, 'das2.198.51.100.70_0.log'), 'of another');
  symlinkSync(fixture.passwdFile, join(fixture.logPath, `das2.${CLIENT_ADDRESS}_9.log`));
  const page = await admin({ query: `ip=${CLIENT_ADDRESS}` });
  const token = /name="token" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
  t.match(token, /^[\w-]{43}$/);
  const form = { action: 'deleteAll', ip: CLIENT_ADDRESS, token };
  const post = (spec: ViewerRequest) => admin({ method: 'POST', form, ...spec });

  t.equal(
    (await admin({ query: `action=deleteAll&ip=${CLIENT_ADDRESS}&token=${token}` })).status,
    200,
    'GET only shows',
  );
  t.equal((await view({ method: 'POST', form })).status, 403, 'not allowed');
  t.equal((await post({ form: { ...form, token: '' } })).status, 403);
  t.equal((await post({ form: { ...form, token: 'x'.repeat(43) } })).status, 403);
  t.equal((await post({ form: { ...form, ip: '198.51.100.70' } })).status, 403, 'of another log');
  t.equal((await post({ form: { ...form, ip: '../x' } })).status, 400);
  t.equal((await post({ form: { ...form, action: 'x' } })).status, 400);
  t.equal((await post({ headers: { Origin: 'http://evil.example.org' } })).status, 403);
  t.equal((await post({ headers: { Origin: 'null' } })).status, 403);
  t.equal((await post({ headers: { 'Sec-Fetch-Site': 'cross-site' } })).status, 403);
  t.equal((await post({ headers: { 'Content-Type': 'text/plain' } })).status, 400);
  t.ok(existsSync(log), 'nothing of this deleted anything');

  const done = await post({ headers: { Origin: 'http://das.example.org', 'Sec-Fetch-Site': 'same-origin' } });
  t.equal(done.status, 303);
  t.equal(done.headers.Location, `http://das.example.org/das/log?ip=${CLIENT_ADDRESS}`);
  t.notOk(existsSync(log));
  t.ok(existsSync(join(fixture.logPath, 'das2.198.51.100.70_0.log')));
  t.ok(existsSync(fixture.passwdFile));
  t.match((await admin()).text, `Log of ${CLIENT_ADDRESS} deleted (1 files) by ${ADMIN}`, 'it is logged');

  rmSync(fixture.stateRoot, { recursive: true });
  t.notMatch((await admin({ query: `ip=${CLIENT_ADDRESS}` })).text, 'token', 'no place for the key, no deletion');
  t.equal((await post({})).status, 403);
});

t.test('one request by its id, whatever address it came from', async (t) => {
  const { admin, view, request } = site(t);
  await request({ query: 'server=list' });
  await request({ query: 'server=nonsense' });
  const all = JSON.parse((await admin({ query: `ip=${CLIENT_ADDRESS}&format=json` })).text);
  t.equal(all.total, 2);
  const [last, first] = all.requests;
  t.match(last.outcome, 'Status 400');
  t.match(last.lines.join('\n'), 'Refused (illegalArgument)');
  const found = JSON.parse((await admin({ query: `request=${first.requestId}&format=json` })).text);
  t.equal(found.log, '*');
  t.match(found.requests, [{ requestId: first.requestId, address: CLIENT_ADDRESS }]);
  t.match((await view({ query: `request=${first.requestId}` })).text, 'server=list');
  t.match((await view({ query: `request=${first.requestId}`, peerAddress: '198.51.100.8' })).text, 'Nothing is logged');
  const text = (await view({ query: 'format=text' })).text;
  t.match(text, /server=list[\s\S]*server=nonsense/, 'text runs from the oldest to the latest');
  t.match((await view({ query: 'status=error' })).text, /nonsense/);
  t.notMatch((await view({ query: 'status=error' })).text, /server=list/);
  t.equal(JSON.parse((await view({ query: 'tail=1&format=json' })).text).total, 1);
  t.equal((await view({ query: 'refresh=5' })).headers.Refresh, '5');
});

t.test('pages of 2 MiB, the latest first', async (t) => {
  const { view, fixture } = site(t);
  const line = (second: number): string =>
    `[Tue Aug 27 12:00:${String(second).padStart(2, '0')} 2019 1    0] ${String(second)} ${'x'.repeat(500_000)}\n`;
  let text = '';
  for (let second = 0; second < 9; second++) text += line(second);
  writeFileSync(join(fixture.logPath, `das2.${CLIENT_ADDRESS}_0.log`), text);
  const page = async (number: number) => JSON.parse((await view({ query: `format=json&page=${number}` })).text);
  const first = await page(1);
  t.match(first, { total: 9, pages: 3, page: 1 });
  const clocks = [first, await page(2), await page(3)].flatMap(({ requests }) =>
    requests.map(({ time }: { time: string }) => time.slice(-1)),
  );
  t.same(clocks, ['8', '7', '6', '5', '4', '3', '2', '1', '0']);
  t.same((await page(4)).requests, []);
  t.match((await view()).text, 'page=2');
});

t.test('without LOG_PATH the page says where the log is', async (t) => {
  const { view } = site(t, { LOG_PATH: undefined });
  const answer = await view();
  t.equal(answer.status, 200);
  t.match(answer.text, 'LOG_PATH is not set');
});
