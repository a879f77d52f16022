/**
 * Requests that want to do harm, through the CGI program: nothing leaks, nothing is injected, every answer is whole
 * (server-internals 9, 63 to 70).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type CgiResponse, mainProgram, parseCgiOutput, sendCgi, startCgi } from '../tools/cgi-driver.js';
import { header, type RequestSpec } from '../tools/protocol-driver.js';
import { layOutProtocolFixture, type ProtocolFixture } from '../tools/protocol-fixture.js';

const program = await mainProgram();
const site = layOutProtocolFixture();
t.teardown(() => {
  program.remove();
  site.remove();
});

const send = (request: RequestSpec): Promise<CgiResponse> => sendCgi(program, site, request);

/** What no answer may hold, and what every answer must. */
function checkHarmless(t: Test, response: CgiResponse, what: string): void {
  const everything = response.headers.map(([name, value]) => `${name}: ${value}`).join('\n') + response.body.toString();
  t.notMatch(
    everything,
    /\/tmp\/|\/etc\/passwd|root:x:|stub_rdr|DAS2_SERVER_CONF|at .*\.m?js:\d/,
    `${what}: nothing leaks`,
  );
  t.ok(
    response.headers.every(([name]) => /^[A-Za-z-]+$/.test(name)),
    `${what}: header names`,
  );
  t.equal(header(response, 'X-Evil'), undefined, `${what}: no injected header`);
  t.ok(header(response, 'Content-Type') !== undefined || response.status === 204, `${what}: Content-Type`);
  t.ok(response.headerBytes < 2000, `${what}: header block`);
  t.equal(response.standardError, '', `${what}: silent on standard error`);
}

const T1 = 'start_time=2017-01-01&end_time=2017-01-02';

t.test('ids that are none look like unknown ones', async (t) => {
  const ids = [
    '/etc/passwd',
    '../x',
    '%2e%2e/x',
    'Examples/%2e%2e/%2e%2e/etc/passwd',
    'Examples/Random%00',
    'Examples/Random%00.dsdf',
    'Examples%5CRandom',
    'Examples//Random',
    './Examples/Random',
    'Examples/.',
    '_dirinfo_',
    'Examples/_dirinfo_.dsdf',
    '%252e%252e/x',
    '%C0%AE%C0%AE/x',
    'Examples/Random%0D%0AX-Evil:%20y',
    'x'.repeat(300),
    'a/'.repeat(500),
    '%F0%9F%92%A9',
    '~root',
    '-rf',
  ];
  const unknown = await send({ query: 'server=dsdf&dataset=Examples/Nope' });
  const shape = (response: CgiResponse): string => `${response.status} ${response.body.toString()}`;
  for (const id of ids) {
    const response = await send({ query: `server=dsdf&dataset=${id}` });
    t.equal(shape(response), shape(unknown), id);
    checkHarmless(t, response, id);
  }
});

t.test('line breaks in every parameter', async (t) => {
  const evil = 'x%0D%0AX-Evil:%20y%0D%0A%0D%0A%3Cscript%3E';
  const keys = [
    'server',
    'dataset',
    'start_time',
    'end_time',
    'resolution',
    'interval',
    'params',
    'ascii',
    'user',
    evil,
  ];
  for (const key of keys) {
    const query = `server=dsdf&dataset=Examples/Old&${T1}&${key}=${evil}`;
    checkHarmless(t, await send({ query }), key);
  }
  checkHarmless(t, await send({ query: `server=dsdf&dataset=Examples/Old&x=${evil}` }), 'redirect');
  for (const name of ['User-Agent', 'Origin', 'Accept', 'X-Forwarded-For', 'Authorization', 'If-None-Match', 'Host']) {
    checkHarmless(t, await send({ query: 'server=list', headers: { [name]: 'a\r\nX-Evil: y' } }), name);
  }
});

t.test('a host that is no host never gets into a redirect or page', async (t) => {
  const foreign = layOutProtocolFixture({ settings: { SERVER_URL: undefined } });
  t.teardown(() => foreign.remove());
  for (const host of ['evil.org/x?', '"><script>', 'a b', 'x@evil.org', '']) {
    const moved = await sendCgi(program, foreign, {
      query: 'server=dsdf&dataset=Examples/Old',
      headers: { Host: host },
    });
    t.match(header(moved, 'Location'), /^http:\/\/das\.example\.org\/das\/server\?/, host);
    const page = await sendCgi(program, foreign, { headers: { Host: host, 'User-Agent': 'Mozilla/5.0' } });
    t.notMatch(page.body.toString(), /<script|evil/);
  }
});

t.test('sizes', async (t) => {
  const long = await send({ query: `server=list&x=${'y'.repeat(100_000)}` });
  t.equal(long.status, 414);
  checkHarmless(t, long, '100 kB');
  const many = await send({ query: `server=list${'&a=b'.repeat(1000)}` });
  t.equal(many.status, 400);
  const agent = await send({ query: 'server=list', headers: { 'User-Agent': 'a'.repeat(60_000) } });
  t.equal(agent.status, 200);
  const path = await send({ path: `/${'a/'.repeat(20_000)}` });
  t.equal(path.status, 404);
  checkHarmless(t, path, 'long path');
  const semicolons = await send({ query: `server=list${';'.repeat(8000)}` });
  t.equal(semicolons.status, 400);
});

t.test('a query without = is no command line', async (t) => {
  for (const query of ['--version', '--help', '-e+1', '--config+/etc/passwd', '-c']) {
    const response = await send({ query });
    t.equal(response.status, 200, query);
    t.match(header(response, 'Content-Type'), 'text/html', 'the landing page');
    t.notMatch(response.body.toString(), /GATEWAY_INTERFACE|das2_srvcgi_main/);
  }
});

t.test('paths', async (t) => {
  const paths = [
    '/../etc/passwd',
    '/static/../../etc/passwd',
    '/static/%2e%2e/%2e%2e/etc/passwd',
    '/data/../../x',
    '/source/%2e%2e/x',
    '/a%5C..%5Cb',
  ];
  for (const path of paths) {
    const response = await send({ path });
    t.equal(response.status, 404, path);
    checkHarmless(t, response, path);
  }
});

t.test('log: no line can be forged, no secret is kept', async (t) => {
  await send({
    query: 'server=authenticator&user=a&passwd=hunter2&key=hunter3',
    headers: {
      'User-Agent': 'x\n[Tue Aug 27 12:34:56 2019     1    0] forged\x1b[2J',
      Authorization: 'Basic aHVudGVyNA==',
    },
  });
  const text = readdirSync(site.logPath)
    .map((name) => readFileSync(join(site.logPath, name), 'utf8'))
    .join('');
  t.notMatch(text, /hunter|aHVudGVyNA/);
  t.notMatch(text, '\x1b');
  t.notMatch(text, /^\[[^\]]*\] ?forged/m);
  t.match(text, /x\\x0a\[Tue/);
});

t.test('no request can be answered without a configuration, and none tells why', async (t) => {
  const broken = layOutProtocolFixture();
  t.teardown(() => broken.remove());
  const ask = (place: ProtocolFixture, headers: Record<string, string> = {}): Promise<CgiResponse> =>
    sendCgi(program, place, { query: 'server=list', headers });
  const check = async (what: string): Promise<void> => {
    const das2 = await ask(broken);
    t.equal(das2.status, 500, what);
    t.equal(header(das2, 'Content-Type'), 'text/vnd.das2.das2stream; charset=utf-8');
    t.match(das2.body.toString(), '<exception type="ServerError"');
    t.notMatch(das2.body.toString(), /das2server|tmp/);
    t.match(das2.standardError, 'das2server.conf', 'the web server log says what to do');
    t.equal(das2.standardError.trimEnd().split('\n').length, 1);
    const browser = await ask(broken, { 'User-Agent': 'Mozilla/5.0' });
    t.equal(header(browser, 'Content-Type'), 'text/plain; charset=utf-8');
  };
  writeFileSync(broken.configurationFile, 'this is no assignment\n');
  await check('syntax');
  rmSync(broken.configurationFile);
  await check('missing');
});

t.test('run by a person', async (t) => {
  const [command = '', ...words] = program.command;
  const run = (...args: string[]): string =>
    execFileSync(command, [...words, ...args], { encoding: 'utf8', env: { PATH: process.env.PATH }, stdio: 'pipe' });
  t.match(run('--help'), 'GATEWAY_INTERFACE');
  t.match(run('--version'), /^das2_srvcgi_main /);
  t.equal(run('-v'), run('--version'), 'the short word, too');
  const plain = spawnSync(command, words, { encoding: 'utf8', env: { PATH: process.env.PATH } });
  t.equal(plain.status, 100);
  t.match(plain.stderr, '--help');
});

t.test('closed standard descriptors', async (t) => {
  const [command = '', ...words] = program.command;
  const environment = {
    PATH: process.env.PATH,
    GATEWAY_INTERFACE: 'CGI/1.1',
    SCRIPT_NAME: '/das/server',
    QUERY_STRING: 'server=list',
    DAS2_SERVER_CONF: site.configurationFile,
  };
  const shell = (redirections: string): string =>
    execFileSync('sh', ['-c', `"$@" ${redirections}; echo "status $?"`, 'sh', command, ...words], {
      encoding: 'latin1',
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  t.match(shell('<&- 2>&-'), 'Status: 200 OK');
  t.match(shell('>&-'), 'status 0', 'nobody there to answer to');
  t.match(parseCgiOutput(Buffer.from(shell('<&-'), 'latin1')), { status: 200 });
});

t.test('an empty environment', async (t) => {
  const [command = '', ...words] = program.command;
  const output = execFileSync(command, words, {
    env: { GATEWAY_INTERFACE: 'CGI/1.1', DAS2_SERVER_CONF: site.configurationFile },
  });
  t.equal(parseCgiOutput(output).status, 200);
});

t.test('a client that leaves', async (t) => {
  const child = startCgi(program, site, { query: 'server=list' });
  child.stdout?.destroy();
  const status = await new Promise((done) => child.on('close', (code) => done(code)));
  t.equal(status, 0);
});
