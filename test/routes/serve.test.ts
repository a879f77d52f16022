/** The course of one request around its route: both logs, fronts that fail. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { ReplyOutcome } from '../../lib/reply/cgi-reply.js';
import { type ReplyWriter, serve } from '../../lib/routes/serve.js';
import { requestSettings } from '../../lib/server/context.js';
import { inProcessSite } from '../tools/in-process.js';
import { type TestRequest, testRequest } from '../tools/make-test-request.js';

const sent: ReplyOutcome = { bytes: 7, firstByteAt: Date.now(), clientGone: false, aborted: false };

function setUp(test: { teardown(clean: () => void): unknown }, settings: Record<string, string> = {}) {
  const site = inProcessSite(test, { settings });
  const files = (part: string): string[] => readdirSync(site.fixture.logPath).filter((name) => name.includes(part));
  return {
    folder: site.fixture.logPath,
    files,
    read: (part: string): string =>
      files(part)
        .map((name) => readFileSync(join(site.fixture.logPath, name), 'utf8'))
        .join(''),
    run: (request: TestRequest, write: ReplyWriter = () => sent): Promise<ReplyOutcome> =>
      serve(site.server, testRequest({ settings: requestSettings(site.server.configuration), ...request }), write),
  };
}

t.test('both logs', async (t) => {
  const { read, run, files } = setUp(t);
  await run({ query: 'server=dsdf&dataset=Examples/Random.dsdf', headers: { 'User-Agent': 'curl/8' } });
  t.same(files('das2.198.51.100.7').length, 1);
  const log = read('das2.198.51.100.7');
  t.match(log, 'GET http://das.example.org/das/server?server=dsdf&dataset=Examples/Random.dsdf');
  t.match(log, 'curl/8');
  t.match(log, 'Routing to server=dsdf');
  t.match(log, /Answered 200, 7 bytes in \d+\.\d{3} s/);
  const record = JSON.parse(read('access'));
  t.match(record, {
    address: '198.51.100.7',
    method: 'GET',
    kind: 'dsdf',
    dataset: 'Examples/Random',
    status: 200,
    bytes: 7,
    agent: 'curl/8',
  });
  t.match(log, record.requestId, 'one id in both');
  t.match(record.time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
});

t.test('every route is logged, whichever way the question came', async (t) => {
  const { run, read } = setUp(t, { ENABLE_HAPI_SUBSYS: 'true' });
  const asked: [TestRequest, string][] = [
    [{ query: 'server=LIST' }, 'server=list'],
    [{ path: '' }, '/'],
    [{ path: '/id.txt' }, '/id.txt'],
    [{ path: '/source' }, '/source'],
    [{ path: '/source/Examples/Random.html' }, '/source/'],
    [{ path: '/data/Examples/Random', query: 'start_time=2017-01-01' }, '/data/'],
    [{ path: '/hapi' }, '/hapi'],
    [{ path: '/hapi/info', query: 'id=Examples/Range' }, '/hapi/info'],
    [{ path: '/no\nwhere' }, '/no\\x0awhere'],
  ];
  for (const [request] of asked) await run(request);
  t.same(
    [...read('das2.198').matchAll(/\] Routing to (.*)/g)].map(([, place]) => place),
    asked.map(([, place]) => place),
  );
});

t.test('static files are not logged', async (t) => {
  const { run, files } = setUp(t);
  await run({ path: '/static/das2server.css' });
  await run({ path: '/static/nope' });
  t.same(files(''), []);
});

t.test('a front that fails, and answers that are cut', async (t) => {
  const { run, read } = setUp(t);
  const thrown = await run({ query: 'server=id' }, () => {
    throw new TypeError('socket');
  });
  t.match(thrown, { aborted: true, error: { message: 'socket' } });
  t.match(read('das2.198'), 'TypeError: socket');
  await run({ query: 'server=id' }, () => ({
    ...sent,
    aborted: true,
    clientGone: true,
    error: new Error('in the middle'),
  }));
  t.match(read('das2.198'), 'in the middle');
  const records = read('access')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.same(
    records.map(({ aborted, gone }) => [aborted, gone]),
    [
      [true, undefined],
      [true, true],
    ],
  );
});

t.test('an access record that cannot be written is missed in the other log', async (t) => {
  const { folder, read, run } = setUp(t);
  const month = (at: number): string => new Date(at).toISOString().slice(0, 7).replace('-', '');
  // The month may be over before the request comes.
  for (const at of [Date.now(), Date.now() + 86_400_000])
    mkdirSync(join(folder, `das2.access_${month(at)}.log`), { recursive: true });
  t.match(await run({ query: 'server=id' }), sent);
  t.match(
    read('das2.198'),
    /Answered 200.*\n.*Access record lost: das2\.access_\*\.log in LOG_PATH cannot be written \(EISDIR\)/,
  );
});

t.test('ACCESS_LOG = false', async (t) => {
  const { run, files } = setUp(t, { ACCESS_LOG: 'false' });
  await run({ query: 'server=id' });
  t.same(files('access'), []);
  t.equal(files('das2.198').length, 1);
});

t.test('pages link to the path of SERVER_URL, whatever a proxy made of it', async (t) => {
  const { run } = setUp(t, { SERVER_URL: 'https://das.example.org/public/das' });
  let html = '';
  await run({ path: '/', headers: { 'User-Agent': 'Mozilla/5.0' } }, (reply) => {
    if (reply.body.kind === 'bytes') html = Buffer.from(reply.body.bytes).toString();
    return sent;
  });
  t.match(html, 'href="/public/das/static/');
  t.notMatch(html, '"/das/server');
});
