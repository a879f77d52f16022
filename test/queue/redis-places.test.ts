/**
 * Every form of WORK_QUEUE_CONN against real servers: socket, password and account, TLS with and without certificates of clients, and
 * Sentinel with a master that dies. Certificates are made here.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import { Configuration } from '../../lib/conf/configuration.js';
import type { Broker } from '../../lib/queue/broker.js';
import { openBroker } from '../../lib/queue/open-broker.js';
import { freePort } from '../tools/free-port.js';
import { NO_REDIS, redisServer } from '../tools/redis-server.js';
import { temporaryFolder } from '../tools/temporary-folder.js';
import { toolCommand } from '../tools/tool-driver.js';

const ITEM =
  '2019-08-24T02:09:27.690|localhost/das/server||127.0.0.1||apache|TASK_CACHE|Examples/Spectra|1979-03-01|1979-03-02|10';
const NO_OPENSSL = 'there is no openssl here';
const HOLDER = 'host-11-0';
const folder = temporaryFolder(t);

async function open(t: Test, connection: string, patient = false): Promise<Broker> {
  const text = `WORK_QUEUE_CONN = "${connection}"\n`;
  const broker = await openBroker(new Configuration(text, { file: 'x.conf', prefix: '/nowhere' }), { patient });
  if (broker === undefined) throw new Error('no broker');
  t.teardown(() => broker.close());
  return broker;
}

/** Why a broker cannot be used. */
async function refusal(t: Test, connection: string): Promise<string> {
  const broker = await open(t, connection);
  return broker.submit(ITEM).then(
    () => 'it was taken',
    (error: Error) => error.message,
  );
}

async function until<Value>(what: string, ask: () => Promise<Value | undefined>): Promise<Value> {
  for (const end = Date.now() + 60_000; Date.now() < end; ) {
    const value = await ask();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`it did not happen: ${what}`);
}

/** A key and a certificate, signed by `signer` or by itself. */
function certificate(name: string, signer?: string): { readonly key: string; readonly cert: string } {
  const [key, cert] = [join(folder.path, `${name}.key`), join(folder.path, `${name}.pem`)];
  const extensions = folder.write(`${name}.ext`, 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  const openssl = (...args: string[]) => {
    const { status, stderr } = spawnSync('openssl', args);
    if (status !== 0) throw new Error(stderr.toString());
  };
  const subject = ['-subj', `/CN=${name}`, '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  if (signer === undefined) openssl('req', '-x509', ...subject, '-days', '2', '-keyout', key, '-out', cert);
  else {
    const request = join(folder.path, `${name}.csr`);
    openssl('req', ...subject, '-keyout', key, '-out', request);
    const signing = ['-CA', join(folder.path, `${signer}.pem`), '-CAkey', join(folder.path, `${signer}.key`)];
    const serial = ['-CAcreateserial', '-days', '2', '-extfile', extensions];
    openssl('x509', '-req', '-in', request, ...signing, ...serial, '-out', cert);
  }
  return { key, cert };
}

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const socket = join(folder.path, 'redis.sock');
const [plain, tlsPort] = [await redisServer(t, ['--unixsocket', socket, '--requirepass', 'hu$h@x']), await freePort()];
const ca = hasOpenssl ? certificate('ca') : undefined;
const own = hasOpenssl ? certificate('server', 'ca') : undefined;
const client = hasOpenssl ? certificate('client', 'ca') : undefined;
const stranger = hasOpenssl ? certificate('stranger') : undefined;
const files = [
  '--tls-cert-file',
  own?.cert ?? '',
  '--tls-key-file',
  own?.key ?? '',
  '--tls-ca-cert-file',
  ca?.cert ?? '',
];
const secured = hasOpenssl
  ? await redisServer(t, ['--tls-port', String(tlsPort), ...files, '--tls-auth-clients', 'optional'])
  : undefined;
const strictPort = await freePort();
const strict = hasOpenssl ? await redisServer(t, ['--tls-port', String(strictPort), ...files]) : undefined;

const NO_SERVER = plain === undefined ? { skip: NO_REDIS } : {};
const NO_TLS = secured === undefined ? { skip: plain === undefined ? NO_REDIS : NO_OPENSSL } : {};

t.test('a socket, a password, an account of its own', NO_SERVER, async (t) => {
  const admin = new Redis({ path: socket, password: 'hu$h@x' });
  t.teardown(() => admin.disconnect());
  await admin.call('ACL', 'SETUSER', 'das2', 'on', '>wo/rd', '~das2_*', '+@all');
  const host = `127.0.0.1:${plain?.port}`;
  for (const [database, connection] of [
    `unix://:hu$h%40x@${socket}?db=0`,
    `redis://:hu$h%40x@${host}/1`,
    `redis://das2:wo%2Frd@${host}?db=2`,
    `unix://das2:wo%2Frd@${socket}?db=3`,
  ].entries()) {
    const broker = await open(t, connection);
    t.equal(await broker.submit(ITEM), 'queued', connection);
    await admin.select(database);
    t.strictSame(await admin.lrange('das2_todo', 0, -1), [ITEM], 'in the database that was named');
    t.equal(await broker.take(HOLDER, 0.1), ITEM);
    t.notMatch(broker.place, /hu\$h|wo\//);
  }
  t.match(await refusal(t, `redis://${host}`), /NOAUTH|Authentication/);
  t.match(await refusal(t, `unix://das2:wrong@${socket}`), /WRONGPASS/);
});

t.test('a database that cannot be had: no other one is used instead', NO_SERVER, async (t) => {
  const host = `127.0.0.1:${plain?.port}`;
  const admin = new Redis({ path: socket, password: 'hu$h@x' });
  t.teardown(() => admin.disconnect());
  await admin.call('FLUSHALL');
  await admin.call('ACL', 'SETUSER', 'bound', 'on', '>key', '~das2_*', '+@all', '-select');
  const [absent, forbidden] = [`redis://:hu$h%40x@${host}/99999`, `redis://bound:key@${host}/4`];
  t.match(await refusal(t, absent), /cannot be used \(ERR DB index is out of range\)/);
  t.match(await refusal(t, forbidden), /cannot be used \(NOPERM .*select/);
  await admin.lpush('das2_todo', ITEM);
  const worker = await open(t, forbidden, true);
  for (let i = 0; i < 3; i++) await t.rejects(worker.take(HOLDER, 0.1), /NOPERM/);
  t.equal(await admin.llen('das2_todo'), 1, 'the jobs of others stay where they are');
  await admin.call('ACL', 'SETUSER', 'bound', '+select');
  await admin.select(4);
  await admin.lpush('das2_todo', ITEM);
  const item = await until('the worker goes on', async () => worker.take(HOLDER, 0.1).catch(() => undefined));
  t.equal(item, ITEM);
  t.equal(await admin.llen('das2_todo'), 0, 'from its own database');
});

t.test('TLS: the authority is named, and nothing else is believed', NO_TLS, async (t) => {
  const host = `127.0.0.1:${tlsPort}`;
  const broker = await open(t, `rediss://${host}/1?ca=${ca?.cert}`);
  t.equal(await broker.submit(ITEM), 'queued');
  t.equal(await broker.take(HOLDER, 1), ITEM, 'the waiting connection as well');
  t.match(await refusal(t, `rediss://${host}`), /cannot be used \((?:SELF_SIGNED|UNABLE_TO|DEPTH_ZERO)/);
  t.match(
    await refusal(t, `rediss://${host}?ca=${stranger?.cert}`),
    /cannot be used \((?:SELF_SIGNED|UNABLE_TO|DEPTH|CERT)/,
  );
  t.match(await refusal(t, `rediss://${host}?ca=${ca?.cert}&servername=elsewhere.example.org`), /ERR_TLS_CERT_ALTNAME/);
  t.match(await refusal(t, `redis://${host}`), /cannot be used/, 'plain text is not understood there');
  const guarded = `rediss://localhost:${strictPort}/1?ca=${ca?.cert}`;
  const known = await open(t, `${guarded}&cert=${client?.cert}&key=${client?.key}`);
  t.equal(await known.submit(ITEM), 'queued');
  t.match(await refusal(t, guarded), /cannot be used/, 'a server that wants a certificate of its clients');
  t.match(await refusal(t, `${guarded}&cert=${stranger?.cert}&key=${stranger?.key}`), /cannot be used/);
});

t.test('TLS in a program', NO_TLS, async (t) => {
  const [program = '', ...before] = await toolCommand(folder, 'srv_todo', 'das2_srv_todo');
  const file = folder.write(
    'etc/das2server.conf',
    `DSDF_ROOT = ../datasets\nWORK_QUEUE_CONN = "rediss://127.0.0.1:${tlsPort}/5?ca=${ca?.cert}"\n`,
  );
  const run = (...args: string[]) => spawnSync(program, [...before, '-c', file, ...args]);
  const added = run('list');
  t.equal(added.status, 0, added.stderr.toString());
  t.match(JSON.parse(run('-t', '--json').stdout.toString()).todo, [{ category: 'TASK_LIST' }]);
  void strict;
});

interface Process {
  readonly child: ChildProcess;
}

/** A server of a group: `redis-server` with these lines as its configuration. */
function groupMember(t: Test, name: string, lines: readonly string[], ...more: string[]): Process {
  const file = folder.write(`${name}/redis.conf`, `${lines.join('\n')}\ndir ${join(folder.path, name)}\nsave ""\n`);
  const child = spawn('redis-server', [file, ...more], { stdio: 'ignore' });
  t.teardown(() => child.kill('SIGKILL'));
  return { child };
}

t.test('Sentinel: the master dies, and the queue goes on with the next', NO_SERVER, async (t) => {
  const [first, second, watch] = [await freePort(), await freePort(), await freePort()];
  const common = (port: number) => [`port ${port}`, 'bind 127.0.0.1', 'requirepass hush', 'masterauth hush'];
  const master = groupMember(t, 'first', common(first));
  groupMember(t, 'second', [...common(second), `replicaof 127.0.0.1 ${first}`]);
  const look = async (port: number, ...words: string[]) =>
    spawnSync('redis-cli', ['-p', String(port), ...words], { env: { ...process.env, REDISCLI_AUTH: 'hush' } })
      .stdout.toString()
      .trim();
  await until('the replica is there', async () =>
    /connected_slaves:1/.test(await look(first, 'INFO', 'replication')) ? true : undefined,
  );
  groupMember(
    t,
    'watch',
    [
      `port ${watch}`,
      'bind 127.0.0.1',
      `sentinel monitor das2 127.0.0.1 ${first} 1`,
      'sentinel auth-pass das2 hush',
      'sentinel down-after-milliseconds das2 1000',
      'sentinel failover-timeout das2 5000',
    ],
    '--sentinel',
  );
  await until('Sentinel knows both', async () =>
    /slaves=1/.test(spawnSync('redis-cli', ['-p', String(watch), 'INFO', 'sentinel']).stdout.toString())
      ? true
      : undefined,
  );
  const unused = await freePort();
  const address = `redis+sentinel://:hush@127.0.0.1:${unused},127.0.0.1:${watch}/das2/1`;
  const producer = await open(t, address);
  t.equal(await producer.submit(ITEM), 'queued', 'one Sentinel of the list may be away');
  const worker = await open(t, address, true);
  t.equal(await worker.take(HOLDER, 1), ITEM);
  // One server is one write ahead of the other, so wait for it.
  await until('the replica has it', async () =>
    (await look(second, '-n', '1', 'EXISTS', `das2_orig_${HOLDER}`)) === '1' ? true : undefined,
  );
  master.child.kill('SIGKILL');
  await until('there is another master', async () =>
    /role:master/.test(await look(second, 'INFO', 'replication')) ? true : undefined,
  );
  await until('the worker goes on', () =>
    worker.beat(HOLDER, true).then(
      (kept) => kept || undefined,
      () => undefined,
    ),
  );
  t.equal(await worker.giveBack(HOLDER), true);
  const late = await open(t, address);
  t.strictSame(await late.list('todo'), [ITEM]);
  t.match(await refusal(t, `redis+sentinel://:hush@127.0.0.1:${watch}/other`), /cannot be used/);
  t.match(await refusal(t, `redis+sentinel://127.0.0.1:${unused}/das2`), /cannot be used/);
});
