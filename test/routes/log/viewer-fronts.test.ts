/** The log viewer through its fronts: CGI by environment, Apache, the embedded server over HTTP and SCGI; bodies included. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { cgiEnvironment } from '../../../scripts/tools/cgi-environment.mjs';
import { apacheMissing, BIN, startApache } from '../../tools/apache.js';
import { parseCgiOutput } from '../../tools/cgi-driver.js';
import { httpdProgram, startHttpd } from '../../tools/httpd-driver.js';
import { buildProgram } from '../../tools/program.js';
import { layOutProtocolFixture, type ProtocolFixture } from '../../tools/protocol-fixture.js';
import { exchange, parseHttp } from '../../tools/raw-http.js';

const LINE = '[Tue Aug 27 12:00:00 2019 1    0] Request abc: GET /x\n';

function site(t: Test): ProtocolFixture & { readonly log: string } {
  const fixture = layOutProtocolFixture({ settings: { VIEW_LOG_ALLOW: undefined, SERVER_URL: undefined } });
  t.teardown(() => fixture.remove());
  const log = join(fixture.logPath, 'das2.192.0.2.7_0.log');
  writeFileSync(log, LINE);
  return { ...fixture, log };
}

/** `host`: that of the `Host` header; '' for none, as HTTP/1.0 allows. */
type Exchange = (query: string, body?: string, host?: string) => Promise<{ status: number; body: Buffer }>;

/** What every front must do alike. */
async function examine(t: Test, fixture: ReturnType<typeof site>, send: Exchange): Promise<void> {
  // A page of somebody else, whose name leads to this machine.
  for (const query of ['ip=192.0.2.7', 'list=addresses', '']) {
    const answer = await send(query, undefined, 'evil.example');
    t.equal(answer.status, 403, query);
    t.match(answer.body.toString(), "this one is to 'evil.example'");
  }
  for (const host of ['127.0.0.1:8080', '[::1]', ''])
    t.equal((await send('ip=192.0.2.7', undefined, host)).status, 200);
  const page = (await send('ip=192.0.2.7')).body.toString();
  t.match(page, 'Request abc');
  const token = /name="token" value="([^"]+)"/.exec(page)?.[1] ?? '';
  t.equal((await send('ip=..%2Fx')).status, 400);
  t.equal((await send('', 'action=deleteAll&ip=192.0.2.7&token=x')).status, 403);
  t.equal((await send('', `action=deleteAll&ip=192.0.2.7&token=${token}`, 'evil.example')).status, 403);
  t.equal((await send('', 'x'.repeat(5000))).status, 400);
  t.ok(existsSync(fixture.log));
  t.equal((await send('', `action=deleteAll&ip=192.0.2.7&token=${token}`)).status, 303);
  t.notOk(existsSync(fixture.log));
  t.match((await send('')).body.toString(), 'Log of 127.0.0.1');
}

const FORM = 'application/x-www-form-urlencoded';

function cgiVariables(query: string, body: string | undefined, host = 'localhost'): Record<string, string> {
  return {
    ...cgiEnvironment({ SERVER_NAME: 'das.example.org', HTTP_HOST: host }),
    SCRIPT_NAME: '/das/log',
    REQUEST_URI: `/das/log?${query}`,
    REQUEST_METHOD: body === undefined ? 'GET' : 'POST',
    QUERY_STRING: query,
    ...(body !== undefined && { CONTENT_LENGTH: String(body.length), CONTENT_TYPE: FORM }),
  };
}

async function overHttp(target: { host: string; port: number }, query: string, body?: string, host = 'localhost') {
  const form = body === undefined ? '' : `Content-Type: ${FORM}\r\nContent-Length: ${body.length}\r\n`;
  const text = `${body === undefined ? 'GET' : 'POST'} /das/log?${query} ${host === '' ? 'HTTP/1.0' : `HTTP/1.1\r\nHost: ${host}`}\r\nConnection: close\r\n${form}\r\n${body ?? ''}`;
  const { bytes, wasReset } = await exchange(target, text);
  return parseHttp(bytes, wasReset);
}

t.test('CGI', async (t) => {
  const fixture = site(t);
  const program = await buildProgram('das2_srvcgi_logrdr', 'cgi/srvcgi_logrdr.ts');
  t.teardown(() => program.remove());
  const [command = '', ...words] = program.command;
  const run = async (query: string, body?: string, host?: string, args: readonly string[] = []) => {
    const child = spawn(command, [...words, ...args], {
      env: { PATH: '/usr/bin:/bin', DAS2_SERVER_CONF: fixture.configurationFile, ...cgiVariables(query, body, host) },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stdin.on('error', () => {});
    child.stdin.end(body ?? '');
    const status = await new Promise((done) => child.on('close', done));
    t.equal(status, 0);
    return parseCgiOutput(Buffer.concat(output));
  };
  t.match(
    (await run('', undefined, undefined, ['--version'])).body.toString(),
    '<!DOCTYPE html>',
    'arguments are not looked at',
  );
  await examine(t, fixture, run);
  t.same(readdirSync(fixture.logPath).length, 1, 'looking leaves no trace, deleting does');
});

const noApache = apacheMissing() ?? (existsSync(join(BIN, 'das2_srvcgi_logrdr')) ? undefined : 'not built');

t.test('Apache', { skip: noApache ?? false }, async (t) => {
  const fixture = site(t);
  // Made by the account of the web server on a real site; here by whoever runs the tests.
  chmodSync(fixture.log, 0o666);
  const apache = await startApache(fixture);
  t.teardown(() => apache.stop());
  await examine(t, fixture, (query, body, host) => overHttp(apache, query, body, host));
  t.match((await overHttp(apache, '--version')).body.toString(), '<!DOCTYPE html>');
});

t.test('the embedded server', async (t) => {
  const program = await httpdProgram();
  t.teardown(() => program.remove());

  await t.test('over HTTP', async (t) => {
    const fixture = site(t);
    const server = await startHttpd(program, fixture.configurationFile);
    t.teardown(() => server.stop());
    await examine(t, fixture, (query, body, host) => overHttp(server, query, body, host));
    const early = await exchange(
      server,
      `POST /das/log HTTP/1.1\r\nHost: x\r\nContent-Type: ${FORM}\r\nConnection: close\r\n\r\n`,
    );
    t.equal(parseHttp(early.bytes, early.wasReset).status, 400, 'no length');
  });

  await t.test('over SCGI', async (t) => {
    const fixture = site(t);
    const socket = join(fixture.root, 'scgi.sock');
    const [command = '', ...words] = program.command;
    const child = spawn(command, [...words, '--config', fixture.configurationFile, '--scgi', socket], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: '/usr/bin:/bin' },
    });
    t.teardown(() => child.kill());
    await new Promise<void>((done) =>
      child.stderr.on('data', (chunk) => String(chunk).includes('listening') && done()),
    );
    const send: Exchange = (query, body, host) =>
      new Promise((done, failed) => {
        const head = Object.entries({ CONTENT_LENGTH: '0', SCGI: '1', ...cgiVariables(query, body, host) })
          .map(([name, value]) => `${name}\0${value}\0`)
          .join('');
        const parts: Buffer[] = [];
        const connection = connect(socket, () => {
          connection.write(`${Buffer.byteLength(head)}:${head},${(body ?? '').slice(0, 10)}`);
          // The rest of the body comes later, as bodies do.
          setTimeout(() => connection.write((body ?? '').slice(10)), 20);
        });
        connection.on('data', (chunk) => parts.push(chunk));
        connection.on('error', failed);
        connection.on('end', () => {
          connection.destroy();
          done(parseCgiOutput(Buffer.concat(parts)));
        });
      });
    await examine(t, fixture, send);
  });
});
