/**
 * scripts/demo as a person meets it: start, three requests, Ctrl-C. First with a stand-in for the server, which has a child of
 * its own that must go as well, then the real thing.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { findings, readStream, TOP, voyagerFolder } from './examples/run-reader.js';
import { freePort } from './tools/free-port.js';

const work = realpathSync(mkdtempSync(join(tmpdir(), 'das2srv-demo-test-')));
t.teardown(() => rmSync(work, { recursive: true }));

function listen(): Promise<{ server: Server; port: number }> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({ server, port: typeof address === 'object' && address !== null ? address.port : 0 });
    });
  });
}

interface Demo {
  readonly process: ChildProcess;
  /** All it has printed so far. */
  text(): string;
  /** Exit status or signal, once it has ended. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

/** Starts a demo and comes back when it serves. */
async function startDemo(script: string, ...args: string[]): Promise<Demo> {
  const demo = spawn(script, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const ended = new Promise<number | NodeJS.Signals | null>((done) => {
    demo.once('close', (status, signal) => done(status ?? signal));
  });
  const serves = new Promise<void>((done, failed) => {
    const take = (chunk: Buffer): void => {
      text += chunk;
      if (text.includes('Ctrl-C ends the server.')) done();
    };
    demo.stdout.on('data', take);
    demo.stderr.on('data', take);
    ended.then(() => failed(new Error(`the demo ended:\n${text}`)));
  });
  await serves;
  return { process: demo, text: () => text, ended };
}

/** Command lines of running programs that have to do with a folder. */
function running(folder: string): string[] {
  const found: string[] = [];
  for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const line = readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ');
      if (line.includes(folder)) found.push(line);
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

/** A clone whose packages are there and whose programs are built: a server that answers everything, and has a child. */
function standIn(): string {
  const clone = join(work, 'clone');
  const server = `#!/bin/sh\n'${process.execPath}' -e '
    const [, address] = process.argv.slice(process.argv.indexOf("--listen"));
    const [host, port] = address.split(":");
    require("node:http").createServer((request, reply) => reply.end("fine")).listen(Number(port), host);
  ' child "$@" "${clone}"\n`;
  for (const name of ['scripts/demo', 'scripts/install', 'scripts/tools', 'conf', 'package-lock.json']) {
    cpSync(join(TOP, name), join(clone, name), { recursive: true });
  }
  const worker = `#!/bin/sh\nsleep 1000 & echo "worker $*"; wait\n`;
  for (const [name, text] of [
    ['bin/das2_srv_httpd', server],
    ['bin/das2_srv_arbiter', worker],
    ['bin/das2_srv_browse_index', '#!/bin/sh\necho made\n'],
    ['examples/orbit_field', server],
  ] as const) {
    mkdirSync(join(clone, 'dist', name, '..'), { recursive: true });
    writeFileSync(join(clone, 'dist', name), text, { mode: 0o755 });
  }
  writeFileSync(join(clone, 'scripts/build'), '#!/bin/sh\necho built\n', { mode: 0o755 });
  mkdirSync(join(clone, 'node_modules'));
  cpSync(join(TOP, 'package-lock.json'), join(clone, 'node_modules/.package-lock.json'));
  return clone;
}

t.test('with a stand-in: ends with everything it started, on each signal', async (t) => {
  const clone = standIn();
  const script = join(clone, 'scripts/demo');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGPIPE'] as const) {
    const port = await freePort();
    const demo = await startDemo(script, '--port', String(port), '--root', join(work, 'root of the stand-in'));
    t.match(demo.text(), `http://127.0.0.1:${port}/das/server`);
    t.notMatch(demo.text(), /Fetching packages/, 'nothing is done again');
    t.match(demo.text(), /Starting the worker/);
    t.equal(await (await fetch(`http://127.0.0.1:${port}/das/server?server=list`)).text(), 'fine');
    demo.process.kill(signal);
    // SIGPIPE comes when nobody reads any more what is printed (`scripts/demo | head`).
    const unread = signal === 'SIGPIPE';
    t.equal(await demo.ended, unread ? 141 : 0, signal);
    t.equal(/The demo has ended/.test(demo.text()), !unread);
    t.same(running(clone), [], 'nothing is left running');
    t.same(running(join(work, 'root of the stand-in')), []);
    await t.rejects(fetch(`http://127.0.0.1:${port}/`));
  }
});

t.test('a port that is taken, and arguments it cannot use', async (t) => {
  const { server, port } = await listen();
  t.teardown(() => server.close());
  for (const [args, message] of [
    [
      ['--port', String(port), '--root', join(work, 'never')],
      new RegExp(`port ${port} of 127.0.0.1 is taken: .*--port`),
    ],
    [['--port', 'x'], /--port: 'x' is not a port number/],
    [['--port', '70000'], /--port: 70000 is not between/],
    [['--port'], /--port needs a value/],
    [['--voyager', '/nowhere'], /--voyager: there is no folder \/nowhere/],
    [['--voyager', work], /--voyager: no frames/],
    [['--host', '192.0.2.1', '--port', String(await freePort())], /--host: 192\.0\.2\.1 is no address of this machine/],
    [
      ['--root', '/proc/no/folder', '--port', String(await freePort())],
      /--root: the folder \/proc\/no\/folder cannot be made/,
    ],
    [['--what'], /unknown option: --what/],
  ] as const) {
    const run = spawnSync(join(TOP, 'scripts/demo'), args);
    t.equal(run.status, 1, args.join(' '));
    t.match(run.stderr.toString(), message);
  }
  t.notOk(existsSync(join(work, 'never')), 'and nothing is laid out');
  t.match(spawnSync(join(TOP, 'scripts/demo'), ['--help']).stdout.toString(), /Usage: scripts\/demo/);
});

t.test('the real thing', { timeout: 600_000 }, async (t) => {
  const root = join(work, 'root');
  const port = await freePort();
  // The folder is found by itself beside the checkout; elsewhere it must be named.
  const frames = process.env.DAS2SRV_SHARED === undefined ? undefined : voyagerFolder();
  const options = frames === undefined ? [] : ['--voyager', frames];
  const demo = await startDemo(join(TOP, 'scripts/demo'), '--port', String(port), '--root', root, ...options);
  t.teardown(async () => {
    demo.process.kill('SIGTERM');
    await demo.ended;
  });
  const get = async (query: string) => {
    const reply = await fetch(`http://127.0.0.1:${port}/das/server?${query}`);
    return {
      status: reply.status,
      type: reply.headers.get('content-type'),
      body: Buffer.from(await reply.arrayBuffer()),
    };
  };

  const list = await get('server=list');
  t.equal(list.status, 200);
  const names = list.body
    .toString()
    .split('\r\n')
    .map((line) => line.split('|')[0]);
  for (const name of ['Auth', 'Ephemeris', 'OrbitField', 'Params', 'Random', 'Spectra', 'Waveform']) {
    t.ok(names.includes(`Examples/${name}`), name);
  }

  const field = await get(
    'server=dataset&dataset=Examples/OrbitField&start_time=2026-01-01&end_time=2026-01-08&resolution=600',
  );
  t.equal(field.status, 200);
  t.equal(field.type, 'application/vnd.das2.das2stream');
  const reduced = readStream(field.body);
  t.same(findings(field.body), []);
  t.same(reduced.exceptions, []);
  t.equal(reduced.records.length, 1008, 'one record for each ten minutes of the week');
  const begin = 9497 * 86400e6;
  t.same(
    reduced.records.map((record) => record.x),
    Array.from({ length: 1008 }, (_, i) => begin + (i + 0.5) * 600e6),
  );
  for (const { values } of reduced.records) {
    t.ok(values[3]! > 15000 && values[3]! < 65000, 'as strong as the field of the Earth');
    if (!(values[3]! > 15000)) break;
  }

  const params = await get(
    'server=dataset&dataset=Examples/Params&start_time=2026-01-01&end_time=2026-01-02&params=x%20y&ascii=1',
  );
  t.equal(params.status, 200);
  t.equal(readStream(params.body).records.length, 1440);

  const voyager = 'server=dataset&dataset=Examples/Voyager&start_time=1979-03-01T12:26&end_time=1979-03-01T12:30';
  if (voyagerFolder() === undefined) t.comment('the Voyager frames are not at hand (../shared): not asked for');
  else {
    const waveforms = readStream((await get(voyager)).body);
    t.equal(waveforms.records.length, 3200);
    t.equal(waveforms.records[0]?.values.length, 1600);
    t.ok(waveforms.records.every((record) => record.values.every((value) => Math.abs(value) <= 7.5)));
  }

  const guarded = 'server=dataset&dataset=Examples/Auth&start_time=2020-01-01&end_time=2020-01-01T00:01';
  t.equal((await get(guarded)).status, 200, 'old data are public');
  const recent = new Date(Date.now() - 40 * 86400e3).toISOString().slice(0, 10);
  t.equal((await get(guarded.replaceAll('2020-01-01', recent))).status, 401, 'recent ones are not');

  // The worker has heard of what the first request missed, and of the coverage that is asked for here.
  const until = async (what: string, ask: () => Promise<boolean>): Promise<void> => {
    for (const end = Date.now() + 120_000; Date.now() < end; ) {
      if (await ask()) return;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    t.fail(what);
  };
  const blocks = join(root, 'cache/data/Examples/OrbitField/_noparam');
  await until('blocks in the cache', async () => {
    const names = existsSync(blocks) ? readdirSync(blocks, { recursive: true }).map(String) : [];
    return names.filter((name) => /2026-01-0\d[^/]*\.d2s$/.test(name)).length >= 7;
  });
  const again = await get(
    'server=dataset&dataset=Examples/OrbitField&start_time=2026-01-01&end_time=2026-01-08&resolution=600',
  );
  t.equal(readStream(again.body).records.length, 1008, 'the same from the cache');
  const picture = `http://127.0.0.1:${port}/das/server/coverage/Examples/Params.svg`;
  await until('a picture of the days with data', async () => (await fetch(picture)).ok);

  demo.process.kill('SIGINT');
  t.equal(await demo.ended, 0);
  t.same(running(root), [], 'nothing is left running');
});
