/**
 * What citing costs a client of the CGI program: nothing is loaded for it before the answer has gone, and the answer ends before its digest is made.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { parseRow } from '../../../lib/cite/log/row.js';
import { requestKey } from '../../../lib/cite/request-key.js';
import { cgiEnvironment } from '../../../scripts/tools/cgi-environment.mjs';
import { headerPacket, packetHeader, record } from '../../tools/build-stream.js';
import { temporaryFolder } from '../../tools/temporary-folder.js';

const TOP = join(import.meta.dirname, '../../..');
/** Writes the names of all modules to LIST_FILE. */
const START = join(TOP, 'test/house/module-list-start.mjs');
/** What logs a delivery listens from its first byte on, and the key of a request is in a header. */
const IN_FRONT = ['lib/cite/delivery/cited-delivery.ts', 'lib/cite/request-key.ts', 'lib/cite/sha256.ts'];

interface Place {
  readonly environment: Readonly<Record<string, string>>;
  readonly list: string;
  readonly root: string;
  /** The rows of the log. */
  rows(): string[];
}

/** A site whose only source has `count` records. */
function place(t: Test, count: number, settings = ''): Place {
  const folder = temporaryFolder(t);
  const types = ['time24', 'ascii10'];
  const rows = Array.from({ length: count }, (_, at) => record(1, types, [at * 1e6, at % 100]));
  const header = packetHeader(1, '<x type="time24" units="us2000"/><y type="ascii10" name="a" units=""/>');
  const stream = folder.write(
    'stream.d2s',
    Buffer.concat([headerPacket('00', '<stream version="2.2"/>\n'), header, ...rows]),
  );
  folder.write(
    'datasets/Data.dsdf',
    `description = "Data"\ndas2Stream = 1\nreader = "cat '${stream}' #"\nvalidRange = "2000-01-01 to 2001-01-01"\n`,
  );
  for (const name of ['log', 'state']) folder.write(`${name}/.keep`, '');
  const configuration = folder.write(
    'etc/das2server.conf',
    `SITE_NAME = Test\nDSDF_ROOT = ../datasets\nLOG_PATH = ../log\nSTATE_ROOT = ../state\n${settings}`,
  );
  const list = folder.write('modules', '');
  const log = join(folder.path, 'state/cite/log');
  const QUERY_STRING = 'server=dataset&dataset=Data&start_time=2000-01-01&end_time=2000-01-02';
  return {
    list,
    root: folder.path,
    environment: {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      LIST_FILE: list,
      DAS2_SERVER_CONF: configuration,
      ...cgiEnvironment({ QUERY_STRING }),
    },
    rows: () =>
      readdirSync(log, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.seg'))
        .flatMap((name) => readFileSync(join(log, name), 'utf8').trimEnd().split('\n')),
  };
}

/** The names of modules in the list, in front of the answer and behind it. The answer goes to the same file. */
function modulesAround(t: Test, { environment, list }: Place): { before: string[]; after: string[] } {
  const output = openSync(list, 'a');
  const { status, stderr } = spawnSync(process.execPath, [START], {
    stdio: ['ignore', output, 'pipe'],
    env: environment,
    encoding: 'utf8',
  });
  closeSync(output);
  t.equal(stderr, '');
  t.equal(status, 0);
  const text = readFileSync(list, 'latin1');
  const begin = text.indexOf('Status: 200');
  const end = text.lastIndexOf(':01:');
  t.ok(begin > 0 && end > begin, 'there is an answer with data');
  const names = (part: string): string[] => part.match(/(?<=\/)lib\/cite\/\S+|node:crypto/g) ?? [];
  return { before: names(text.slice(0, begin)), after: names(text.slice(end)) };
}

t.test('a short answer leaves whole before anything of citing is loaded', async (t) => {
  const site = place(t, 100);
  const { before, after } = modulesAround(t, site);
  t.strictSame(
    before.filter((name) => !IN_FRONT.includes(name)),
    [],
    'but what listens, and the key of the request',
  );
  t.ok(after.includes('lib/cite/digest/delivery.ts'), 'it is hashed behind the last byte');
  t.match(parseRow(site.rows()[0] ?? ''), { state: 'ok', packets: 100, format: 'd2s' });
});

t.test('nothing is hashed where citing is switched off', async (t) => {
  const site = place(t, 10, 'CITE_ENABLE = no\n');
  const { before, after } = modulesAround(t, site);
  t.notOk([...before, ...after].includes('lib/cite/digest/delivery.ts'));
});

t.test('a long answer is hashed while it goes', async (t) => {
  const site = place(t, 20_000);
  const { stdout } = spawnSync(process.execPath, [START], { env: site.environment, maxBuffer: 1 << 26 });
  t.ok(stdout.length > 700_000);
  t.match(parseRow(site.rows()[0] ?? ''), { state: 'ok', packets: 20_000 });
});

/** Holds the program back when it is about to write its entry; the result reads that entry. */
function holdEntry({ root }: Place): () => string {
  const rk = requestKey({
    dataset: 'Data',
    begin: '2000-01-01T00:00:00',
    end: '2000-01-02T00:00:00',
    res: 'native',
    interval: '',
    params: '',
    planes: '*',
  });
  const folder = join(root, 'state/cite/log', rk.slice(0, 2));
  mkdirSync(folder, { recursive: true });
  const segment = join(folder, `${new Date().toISOString().slice(0, 7).replace('-', '')}.seg`);
  execFileSync('mkfifo', [segment]);
  // Who opens a pipe for writing waits until somebody reads it.
  return () => readFileSync(segment, 'utf8');
}

t.test(
  'the output of mod_cgid ends before the entry is written; if the program is told to end then, the entry is written',
  async (t) => {
    // Input and output are one socket there.
    const site = place(t, 100);
    const entry = holdEntry(site);
    const path = join(site.root, 'socket');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    t.teardown(() => void server.close());
    const ended = new Promise<Buffer>((resolve) => {
      server.on('connection', (socket) => {
        const parts: Buffer[] = [];
        socket.on('data', (part: Buffer) => void parts.push(part));
        socket.on('end', () => resolve(Buffer.concat(parts)));
      });
    });
    const socket = connect({ path, allowHalfOpen: true });
    await new Promise((resolve) => socket.on('connect', resolve));
    const child = spawn(process.execPath, [START], { env: site.environment, stdio: [socket, socket, 'inherit'] });
    t.teardown(() => void child.kill('SIGKILL'));
    const left = new Promise((resolve) => child.on('exit', (status, signal) => resolve({ status, signal })));
    socket.destroy();
    t.match((await ended).toString('latin1'), /^Status: 200/);
    child.kill('SIGTERM');
    t.match(parseRow(entry().trimEnd()), { state: 'ok', packets: 100 });
    t.strictSame(await left, { status: 0, signal: null });
  },
);
