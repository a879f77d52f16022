/** The embedded web server as a process: command line, HTTP with its oddities, SCGI, and how it ends. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { isRunning, until } from '../pipeline/tools.js';
import { dayOf, layOutFaultSite } from '../tools/fault-site.js';
import { httpdProgram, startHttpd } from '../tools/httpd-driver.js';
import { type ProgramResult, runProgram } from '../tools/program.js';
import { header } from '../tools/protocol-driver.js';
import { exchange, type RawTarget, requestText, sendHttp } from '../tools/raw-http.js';

const program = await httpdProgram();
const site = layOutFaultSite({ FIRST_BYTE_TIMEOUT: '30', IDLE_TIMEOUT: '30' });
t.teardown(() => {
  program.remove();
  site.remove();
});

const runHttpd = (...args: string[]): Promise<ProgramResult> => runProgram(program, args);

t.test('command line', async (t) => {
  const help = await runHttpd('--help');
  t.match(help, { status: 0, errors: '' });
  for (const option of ['--listen', '--scgi', '--mount', '--config', 'Example']) t.match(help.output, option);
  t.match(await runHttpd('--version'), { status: 0, output: /^das2_srv_httpd \S+ \(\S+\)\n$/ });
  for (const args of [['--listen', 'x:y'], ['--listen', 'h:70000'], ['--mount', 'a b'], ['--nonsense'], ['word']]) {
    const { status, output, errors } = await runHttpd('--config', site.configurationFile, ...args);
    t.equal(status, 100, args.join(' '));
    t.equal(output, '');
    t.not(errors, '');
  }
  t.equal((await runHttpd('--config', '/nonexistent/das2server.conf')).status, 17, 'no configuration');
});

t.test('what is wrong with the configuration is said where the server is started', async (t) => {
  const folder = t.testdir({ 'bad.conf': 'SITE_NAME = x\nno value\n', 'new.conf.example': '' });
  const bad = await runHttpd('--config', join(folder, 'bad.conf'));
  t.match(bad, { status: 17, errors: `${join(folder, 'bad.conf')}:2: ` });
  const absent = await runHttpd('--config', join(folder, 'new.conf'));
  t.match(absent, { status: 17, errors: `copy ${join(folder, 'new.conf.example')} to it` });
  writeFileSync(join(folder, 'empty.conf'), 'SITE_NAME = x\n');
  t.match(await runHttpd('--config', join(folder, 'empty.conf')), { status: 17, errors: 'DSDF_ROOT is not set' });
  // A folder that is not there yet is said, and the server starts (here it does not get so far).
  writeFileSync(join(folder, 'early.conf'), `DSDF_ROOT = ${join(folder, 'bad.conf')}\n`);
  const early = await runHttpd('--config', join(folder, 'early.conf'), '--scgi', join(folder, 'no/folder/socket'));
  t.match(early, { status: 1, errors: 'bad.conf is no folder' });
  const homeless = await runHttpd('--config', site.configurationFile, '--scgi', '/no/folder/socket');
  t.match(homeless, { status: 1, errors: 'the folder of the socket is not there' }, 'with what to change');
  const long = await runHttpd('--config', site.configurationFile, '--scgi', `/tmp/${'x'.repeat(120)}`);
  t.match(long, { status: 1, errors: 'the name of a socket has 107 bytes at most' });
  t.match(await runHttpd('--what'), { status: 100, errors: /^das2_srv_httpd: unknown option '--what'; see --help$/m });
});

t.test('an address in use is named', async (t) => {
  const httpd = await startHttpd(program, site.configurationFile);
  t.teardown(() => httpd.stop());
  const args = ['--config', site.configurationFile, '--listen', `127.0.0.1:${httpd.port}`];
  t.match(await runHttpd(...args), {
    status: 1,
    errors: `cannot listen on 127.0.0.1:${httpd.port}: EADDRINUSE (another program listens there;`,
  });
  // TEST-NET-1: nobody has it.
  const foreign = await runHttpd('--config', site.configurationFile, '--listen', '192.0.2.1:8080');
  t.match(foreign, { status: 1, errors: '--listen must name an address of this machine' });
});

t.test('HTTP', async (t) => {
  const httpd = await startHttpd(program, site.configurationFile);
  t.teardown(() => httpd.stop());
  t.match(httpd.errors(), /^das2_srv_httpd: listening on http:\/\/127\.0\.0\.1:\d+\/das\/server$/m);
  const raw = async (text: string): Promise<string> => (await exchange(httpd, text)).bytes.toString('latin1');

  t.test('the front door', async (t) => {
    for (const path of ['/', '/das', '/das/']) {
      const answer = await sendHttp({ ...httpd, mountPath: '' }, { path });
      t.equal(answer.status, 302, path);
      t.equal(header(answer, 'Location'), '/das/server');
    }
    const icon = header(await sendHttp({ ...httpd, mountPath: '' }, { path: '/favicon.ico' }), 'Location');
    t.equal(icon, '/das/server/static/logo.png', 'what browsers always ask for');
    const logo = await sendHttp({ ...httpd, mountPath: '' }, { path: icon ?? '' });
    t.equal(header(logo, 'Content-Type'), 'image/png');
    t.equal((await sendHttp({ ...httpd, mountPath: '' }, { path: '/das/serverx' })).status, 404);
    t.equal((await sendHttp({ ...httpd, mountPath: '' }, { path: '/etc/passwd' })).status, 404);
  });
  t.test('HTTP/1.0 is never answered in chunks', async (t) => {
    const text = await raw(
      `GET /das/server?${dayOf('Points')} HTTP/1.0\r\nHost: h\r\nTE: chunked\r\nConnection: keep-alive\r\n\r\n`,
    );
    t.notMatch(text, /Transfer-Encoding/i);
    t.match(text, /\r\n\r\n\[00\]000025<stream version="2\.2" \/>\n/);
    t.ok(text.indexOf('\r\n\r\n') < 2000, 'header block');
  });
  t.test('connections are kept, answers stay in order', async (t) => {
    const one = 'GET /das/server?server=id HTTP/1.1\r\nHost: h\r\n\r\n';
    const text = await raw(one + one.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
    t.equal(text.split('Test Site\r\n').length - 1, 2);
  });
  t.test('a whole URL in the request line', async (t) => {
    t.match(
      await raw('GET http://das.example.org/das/server?server=id HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'),
      /Test Site/,
    );
  });
  t.test('requests that are none, or too long', async (t) => {
    t.match(await raw('NONSENSE\r\n\r\n'), /^HTTP\/1\.1 400 /);
    t.match(await raw('GET / HTTP/1.1\r\nBad Header: x\r\nHost: h\r\n\r\n'), /^HTTP\/1\.1 400 /);
    for (const length of [9000, 100_000]) {
      const reply = await sendHttp(httpd, { query: `server=list&x=${'a'.repeat(length)}` });
      t.equal(reply.status, 414);
      t.match(
        reply.body.toString(),
        /^\[00\]000025<stream version="2\.2" \/>\n\[xx\]\d{6}<exception type="IllegalArgument"/,
      );
    }
    t.match(await raw(`GET /${'a'.repeat(200_000)} HTTP/1.1\r\nHost: h\r\n\r\n`), /^HTTP\/1\.1 4(?:00|14|31) /);
  });
  t.test('a body is not waited for', async (t) => {
    const text = await raw('POST /das/server?server=list HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabcde');
    t.match(text, /^HTTP\/1\.1 405 /);
    t.match(text, /\r\nConnection: close\r\n/, 'what stands behind the header is never taken for a request');
  });
  t.test('first bytes come while the reader runs', async (t) => {
    const socket = connect(httpd.port, httpd.host, () =>
      socket.write(requestText(httpd, { query: dayOf('Faults/HangsLater') })),
    );
    let text = '';
    socket.on('data', (chunk) => {
      text += String(chunk);
    });
    t.ok(await until(() => text.includes('<stream version="2.2" />')));
    socket.destroy();
  });
  t.test('a client that leaves before the first byte ends the reader', async (t) => {
    const file = join(site.stateRoot, 'hang-pid');
    site.writeSource('Waits', `reader = 'sh -c "echo \\$\\$ > ${file}; exec hang"; : '\ndas2Stream = 1\n`);
    const socket = connect(httpd.port, httpd.host, () => socket.write(requestText(httpd, { query: dayOf('Waits') })));
    t.ok(await until(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n')));
    const id = Number(readFileSync(file, 'utf8'));
    t.ok(isRunning(id));
    socket.destroy();
    t.ok(await until(() => !isRunning(id)));
  });
  t.test('a slow client gets everything', async (t) => {
    site.writeSource('Long', 'reader = "many-bytes 7000064; :"\ndas2Stream = 1\n');
    const bytes = await new Promise<number>((resolve, reject) => {
      let count = 0;
      const socket = connect(httpd.port, httpd.host, () =>
        socket.write(requestText(httpd, { query: dayOf('Long'), httpVersion: '1.0' })),
      );
      socket.on('data', (chunk) => {
        count += chunk.length;
        socket.pause();
        setTimeout(() => socket.resume(), 1);
      });
      socket.on('end', () => resolve(count));
      socket.on('error', reject);
    });
    t.ok(bytes > 7_000_064 && bytes < 7_002_000);
  });
  t.test('HUP reads the configuration anew, a bad one is refused', async (t) => {
    const old = readFileSync(site.configurationFile, 'utf8');
    const ask = async (): Promise<string> => (await sendHttp(httpd, { query: 'server=id' })).body.toString();
    writeFileSync(site.configurationFile, old.replace('"Test Site"', '"New Name"'));
    httpd.process.kill('SIGHUP');
    t.ok(await until(() => httpd.errors().includes('read anew')));
    t.equal(await ask(), 'New Name\r\n');
    writeFileSync(site.configurationFile, 'nonsense\n');
    httpd.process.kill('SIGHUP');
    t.ok(await until(() => httpd.errors().includes('not changed')));
    t.equal(await ask(), 'New Name\r\n');
    writeFileSync(site.configurationFile, old);
  });
});

function takesConnections(where: RawTarget | { readonly path: string }): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect('path' in where ? { path: where.path } : { host: where.host, port: where.port }, () => {
      probe.destroy();
      resolve(true);
    });
    probe.on('error', () => resolve(false));
  });
}

t.test('a server whose standard error nobody reads any more goes on', async (t) => {
  const httpd = await startHttpd(program, site.configurationFile);
  const ask = async (): Promise<string> => (await sendHttp(httpd, { query: 'server=id' })).body.toString();
  const old = readFileSync(site.configurationFile, 'utf8');
  httpd.process.stderr?.destroy();
  try {
    writeFileSync(site.configurationFile, 'nonsense\n');
    httpd.process.kill('SIGHUP');
    writeFileSync(site.configurationFile, old.replace('"Test Site"', '"Unheard"'));
    // Signals that come at once may be taken as one.
    for (let i = 0; i < 1000 && (await ask()) !== 'Unheard\r\n'; i++) httpd.process.kill('SIGHUP');
    t.equal(await ask(), 'Unheard\r\n');
    t.equal(await httpd.stop(), 0);
  } finally {
    writeFileSync(site.configurationFile, old);
  }
});

t.test('the end', async (t) => {
  t.test('what runs may finish', async (t) => {
    const httpd = await startHttpd(program, site.configurationFile);
    const file = join(site.stateRoot, 'slow-runs');
    site.writeSource('Slow', `reader = 'touch ${file}; slow-packets 5 0.2; :'\ndas2Stream = 1\n`);
    const answer = sendHttp(httpd, { query: dayOf('Slow') });
    t.ok(await until(() => existsSync(file)));
    const status = httpd.stop();
    const { body, aborted } = await answer;
    t.equal(body.length, 35 + 5 * 65);
    t.equal(aborted, false);
    t.equal(await status, 0);
  });
  t.test('a second signal ends readers at once', async (t) => {
    const httpd = await startHttpd(program, site.configurationFile);
    const file = join(site.stateRoot, 'forever-pid');
    site.writeSource('Endless', `reader = 'sh -c "echo \\$\\$ > ${file}; exec forever"; : '\ndas2Stream = 1\n`);
    const socket = connect(httpd.port, httpd.host, () => socket.write(requestText(httpd, { query: dayOf('Endless') })));
    socket.on('error', () => {});
    socket.resume();
    t.ok(await until(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n')));
    const id = Number(readFileSync(file, 'utf8'));
    const status = httpd.stop('SIGINT');
    // The same signal again, before the first has been taken, would be none.
    while (await takesConnections(httpd)) await new Promise((resolve) => setTimeout(resolve, 20));
    httpd.process.kill('SIGINT');
    t.equal(await status, 0);
    t.ok(await until(() => !isRunning(id)));
  });
  t.test('an address that is taken', async (t) => {
    const httpd = await startHttpd(program, site.configurationFile);
    const { status, errors } = await runHttpd(
      '--config',
      site.configurationFile,
      '--listen',
      `127.0.0.1:${httpd.port}`,
    );
    t.equal(status, 1);
    t.match(errors, /EADDRINUSE/);
    await httpd.stop();
  });
});

/** Asks a server with these variables, by SCGI. */
function askScgi(socket: string, variables: Record<string, string>): Promise<string> {
  const header = Object.entries({ CONTENT_LENGTH: '0', SCGI: '1', REQUEST_METHOD: 'GET', ...variables })
    .map(([name, value]) => `${name}\0${value}\0`)
    .join('');
  return sendScgi(socket, `${header.length}:${header},`);
}

/** Sends bytes in two parts, as a network would; resolves with the answer. */
function sendScgi(path: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(path, () => {
      socket.write(text.slice(0, 5));
      setTimeout(() => socket.write(text.slice(5)), 20);
    });
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
  });
}

t.test('SCGI', async (t) => {
  const path = join(site.stateRoot, 'server.sock');
  const httpd = await startHttpd(program, site.configurationFile, ['--scgi', path]);
  const ask = (variables: Record<string, string>): Promise<string> => askScgi(path, variables);
  const list = await ask({ REQUEST_URI: '/das/server?server=id', QUERY_STRING: 'server=id', REMOTE_ADDR: '192.0.2.3' });
  t.match(list, /^Status: 200 OK\r\nContent-Type: text\/plain; charset=utf-8\r\n/);
  t.match(list, /\r\n\r\nTest Site\r\n$/);
  const data = await ask({ REQUEST_URI: '/das/server', SCRIPT_NAME: '/das/server', QUERY_STRING: dayOf('Points') });
  t.equal(data.split('\n:01:').length - 1, 10_000);
  t.match(await ask({ REQUEST_URI: '/other' }), /^Status: 404 /);
  t.match(await ask({ REQUEST_URI: '/' }), /^Status: 302 Found\r\nLocation: \/das\/server\r\n/);
  t.match(await sendScgi(path, 'hello, world'), /^Status: 400 /);
  const long = { HTTP_COOKIE: 'x'.repeat(70_000), REQUEST_URI: '/das/server?server=id', QUERY_STRING: 'server=id' };
  t.match(
    await ask(long),
    /^Status: 400 [\s\S]*\[00\]\d{6}<stream[\s\S]*IllegalArgument[\s\S]*longer than 65536 bytes/,
  );
  const browser = { ...long, HTTP_USER_AGENT: 'Mozilla/5.0 Firefox/120.0' };
  t.match(await ask(browser), /^Status: 400 [\s\S]*\r\n\r\n[^<]*longer than 65536 bytes/, 'in the form of its client');
  t.match(
    await ask({ HTTP_COOKIE: 'x'.repeat(2_000_000) }),
    /^Status: 400 [\s\S]*\[00\]\d{6}<stream[\s\S]*longer than/,
  );
  t.equal(await httpd.stop(), 0);
  t.equal(existsSync(path), false, 'the socket is gone');
});

t.test('an answer that is cut by the end of the server says so, since SCGI has no other sign for it', async (t) => {
  const path = join(site.stateRoot, 'cut.sock');
  const httpd = await startHttpd(program, site.configurationFile, ['--scgi', path]);
  const file = join(site.stateRoot, 'cut-runs');
  site.writeSource('Unending', `reader = 'touch ${file}; slow-packets 100000 0.05; :'\ndas2Stream = 1\n`);
  const answer = askScgi(path, { REQUEST_URI: '/das/server', QUERY_STRING: dayOf('Unending') });
  t.ok(await until(() => existsSync(file)));
  const status = httpd.stop('SIGTERM');
  while (await takesConnections({ path })) await new Promise((resolve) => setTimeout(resolve, 20));
  httpd.process.kill('SIGTERM');
  t.match(
    await answer,
    /\[xx\]\d{6}<exception [^>]*message="the server was asked to end before the reader had finished; ask again[^>]*>\s*$/,
  );
  t.equal(await status, 0);
});

t.test('several addresses', async (t) => {
  const httpd = await startHttpd(program, site.configurationFile, [
    '--listen',
    '127.0.0.1:0',
    '--listen',
    '127.0.0.2:0',
  ]);
  const line = /listening on http:\/\/127\.0\.0\.2:(\d+)\/das\/server\n/;
  t.ok(await until(() => line.test(httpd.errors())));
  const other = await fetch(`http://127.0.0.2:${line.exec(httpd.errors())?.[1]}/das/server?server=id`);
  t.equal(await other.text(), 'Test Site\r\n');
  t.equal((await sendHttp(httpd, { query: 'server=id' })).body.toString(), 'Test Site\r\n');
  t.equal(await httpd.stop(), 0);
});

t.test('HTTP and SCGI side by side', async (t) => {
  const socket = join(site.stateRoot, 'both.sock');
  const both = (port: number): string[] => ['--listen', `127.0.0.1:${port}`, '--scgi', socket];
  const httpd = await startHttpd(program, site.configurationFile, both(0));
  t.ok(await until(() => httpd.errors().includes(`listening on ${socket} (SCGI), mounted at /das\n`)));
  t.equal((await sendHttp(httpd, { query: 'server=id' })).body.toString(), 'Test Site\r\n');
  const answer = await askScgi(socket, { REQUEST_URI: '/das/server?server=id', QUERY_STRING: 'server=id' });
  t.match(answer, /^Status: 200 OK[\s\S]*Test Site/);

  const args = ['--config', site.configurationFile];
  const taken = await runHttpd(...args, ...both(httpd.port));
  t.match(taken, { status: 1, errors: `cannot listen on 127.0.0.1:${httpd.port}: EADDRINUSE` });
  const second = await runHttpd(...args, ...both(0));
  t.match(second, { status: 1, errors: `cannot listen on ${socket}: EADDRINUSE` }, 'one place is not enough');
  t.equal((await sendHttp(httpd, { query: 'server=id' })).status, 200, 'the first goes on');
  t.equal((await runHttpd(...args, '--listen', 'x:y', '--scgi', socket)).status, 100);

  t.equal(await httpd.stop(), 0);
  t.equal(existsSync(socket), false);
});
