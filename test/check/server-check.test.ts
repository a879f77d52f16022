/** Asking a running server: the embedded one and Apache as they should be, and fronts that spoil answers in known ways. */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type CheckReport, checkAll } from '../../lib/check/check.js';
import { loadConfiguration } from '../../lib/conf/configuration.js';
import { apacheMissing, startApache } from '../tools/apache.js';
import { httpdProgram, startHttpd } from '../tools/httpd-driver.js';
import { layOutProtocolFixture, type ProtocolFixture } from '../tools/protocol-fixture.js';
import { exchange } from '../tools/raw-http.js';

function site(t: Test, serverUrl?: string): ProtocolFixture {
  const fixture = layOutProtocolFixture({
    settings: { D2S_REDUCER: undefined, D2S_TO_UTF8: undefined, SERVER_URL: serverUrl },
  });
  t.teardown(() => fixture.remove());
  for (const folder of ['Examples', 'Plain', 'Void']) rmSync(join(fixture.dsdfRoot, folder), { recursive: true });
  fixture.writeSource(
    'A/Sound',
    `description = 'Sound'\nreader = stub_rdr\ndas2Stream = 1\nexampleRange_00 = '2017-01-01 to 2017-01-02'\n`,
  );
  chmodSync(fixture.passwdFile, 0o640);
  return fixture;
}

async function ask(fixture: ProtocolFixture, port: number, path = '/das/server'): Promise<string[]> {
  const report: CheckReport = await checkAll({
    configuration: loadConfiguration({ file: fixture.configurationFile, environment: {} }),
    environment: {},
    account: undefined,
    accountIsGuess: false,
    sources: [],
    runReaders: false,
    jobs: 1,
    timeout: 30,
    url: `http://127.0.0.1:${port}${path}`,
    progress: () => {},
  });
  return report.findings
    .filter(({ subject }) => subject === 'server')
    .map(({ severity, code, advice }) => {
      if (code === 'no-server') t.ok(advice, `${code} says what to do`);
      return `${severity} ${code}`;
    });
}

/** A front that changes requests and answers of a server on their way. */
function front(
  t: Test,
  target: { host: string; port: number },
  change: { request?: (text: string) => string; answer?: (bytes: Buffer, request: string) => Buffer },
): Promise<number> {
  const server: Server = createServer((socket) => {
    let request = '';
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      request += chunk.toString('latin1');
      if (!request.includes('\r\n\r\n')) return;
      exchange(target, change.request?.(request) ?? request).then(({ bytes }) => {
        socket.end(change.answer?.(bytes, request) ?? bytes);
      });
    });
  });
  t.teardown(() => server.close());
  return new Promise((done) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      done(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

/** Changes the text of the header block. */
const head = (change: (text: string) => string) => (bytes: Buffer) => {
  const end = bytes.indexOf('\r\n\r\n') + 2;
  return Buffer.concat([Buffer.from(change(bytes.subarray(0, end).toString('latin1')), 'latin1'), bytes.subarray(end)]);
};

t.test('a server behind fronts of all kinds', async (t) => {
  const program = await httpdProgram();
  t.teardown(() => program.remove());
  const fixture = site(t);
  const server = await startHttpd(program, fixture.configurationFile);
  t.teardown(() => server.stop());
  t.same(await ask(fixture, server.port), [], 'nothing to say about our own');
  t.same(await ask(fixture, server.port, '/das/nothing'), ['error no-server']);

  const spoiled = async (change: Parameters<typeof front>[2]) => ask(fixture, await front(t, server, change));
  t.same(await spoiled({}), []);
  t.same(await spoiled({ request: (text) => text.replace(/\r\nAuthorization: .*/i, '') }), ['error no-credentials']);
  const asBackend = (text: string): string => text.replace(/\r\nHost: .*/i, '\r\nHost: backend:8080');
  t.same(await spoiled({ request: asBackend }), ['warning own-url']);
  t.ok(
    (await spoiled({ answer: head((text) => text.replace('Content-Type:', 'content-type:')) })).includes(
      'error header-case',
    ),
  );
  t.ok(
    (await spoiled({ answer: head((text) => `${text}X-Long: ${'x'.repeat(2000)}\r\n`) })).includes(
      'error long-headers',
    ),
  );
  t.same(await spoiled({ answer: head((text) => text.replace(/Access-Control-Allow-Origin: .*\r\n/, '')) }), [
    'warning headers',
  ]);
  t.same(await spoiled({ answer: head((text) => text.replace(/Content-Length: .*\r\n/, '')) }), [
    'note content-length',
  ]);
  const data = (request: string): boolean => request.includes('server=dataset');
  const gzip = head((text) => `${text}Content-Encoding: gzip\r\n`);
  t.same(
    await spoiled({ answer: (bytes, request) => (data(request) && request.includes('gzip') ? gzip(bytes) : bytes) }),
    ['error coding'],
  );
  t.same(
    await spoiled({ answer: (bytes, request) => (data(request) ? Buffer.concat([bytes.subarray(0, -5)]) : bytes) }),
    ['error bad-stream', 'error cut'],
  );
  const chunked = (bytes: Buffer): Buffer => {
    const end = bytes.indexOf('\r\n\r\n') + 4;
    const body = bytes.subarray(end);
    return Buffer.concat([
      Buffer.from(`${bytes.subarray(0, end - 2).toString('latin1')}Transfer-Encoding: chunked\r\n\r\n`, 'latin1'),
      Buffer.from(`${body.length.toString(16)}\r\n`),
      body,
      Buffer.from('\r\n0\r\n\r\n'),
    ]);
  };
  t.same(
    await spoiled({
      answer: (bytes, request) => (data(request) && request.includes('HTTP/1.0') ? chunked(bytes) : bytes),
    }),
    ['error chunked'],
  );
  t.same(
    await spoiled({
      answer: (bytes, request) =>
        request.includes('?--version')
          ? Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\ndas2 1.0\n')
          : bytes,
    }),
    ['error arguments'],
  );

  const other = site(t);
  other.writeSource('B/Other', `description = 'x'\nreader = stub_rdr\ndas2Stream = 1\n`);
  t.same(await ask(other, server.port), ['warning other-list']);

  const named = site(t, 'https://das.example.org/das/server');
  const findings = await ask(named, await front(t, server, { request: asBackend }));
  t.same(findings, ['note own-url'], 'SERVER_URL is the public address: that it is another one need not be wrong');
});

t.test('nobody there', async (t) => {
  const fixture = site(t);
  t.same(await ask(fixture, 1), ['error no-server']);
  const silent = await new Promise<Server>((done) => {
    const made = createServer((socket) => socket.end('SSH-2.0-x\r\n'));
    made.listen(0, '127.0.0.1', () => done(made));
  });
  t.teardown(() => silent.close());
  const address = silent.address();
  t.same(await ask(fixture, typeof address === 'object' && address !== null ? address.port : 0), ['error no-server']);
});

t.test('Apache with the example configuration', { skip: apacheMissing() ?? false }, async (t) => {
  const fixture = site(t);
  const apache = await startApache(fixture);
  t.teardown(() => apache.stop());
  t.same(await ask(fixture, apache.port), []);
});
