/**
 * WORK_QUEUE_CONN in all its forms, and which queue a configuration asks for. No server is needed.
 */
import t from 'tap';
import { Configuration } from '../../lib/conf/configuration.js';
import { errorDetail } from '../../lib/conf/configuration-error.js';
import { BrokerUnreachable } from '../../lib/queue/broker-error.js';
import { parseConnection } from '../../lib/queue/connection.js';
import { brokerKind, openBroker } from '../../lib/queue/open-broker.js';
import { temporaryFolder } from '../tools/temporary-folder.js';

const configuration = (text: string, prefix = '/nowhere') =>
  new Configuration(text, { file: `${prefix}/etc/x.conf`, prefix });

t.test('host, port, database, each with a default', async (t) => {
  const local = { host: 'localhost', port: 6379, database: 0, tls: false, place: 'localhost:6379' };
  for (const text of [undefined, '', 'localhost', 'localhost:6379', 'localhost:6379:0', '::', 'localhost::']) {
    t.same(parseConnection(text), local, text ?? '(not set)');
  }
  t.match(parseConnection('db.example.org:7000:3'), { host: 'db.example.org', port: 7000, database: 3 });
  t.match(parseConnection('[::1]:7000:3'), { host: '::1', port: 7000, database: 3, place: '[::1]:7000' });
});

t.test('addresses', async (t) => {
  t.match(parseConnection('redis://h'), { host: 'h', port: 6379, database: 0, tls: false });
  t.match(parseConnection('rediss://me:s%40crt@h:7000/2'), {
    host: 'h',
    port: 7000,
    database: 2,
    tls: true,
    user: 'me',
    password: 's@crt',
    place: 'h:7000',
  });
  t.match(parseConnection('redis://:pw@h'), { password: 'pw', user: undefined });
  t.match(parseConnection('unix:/run/redis.sock?db=4'), {
    socket: '/run/redis.sock',
    database: 4,
    place: 'unix:/run/redis.sock',
  });
  t.match(parseConnection('unix://:pw@/run/redis.sock'), { socket: '/run/redis.sock', password: 'pw' });
  t.match(parseConnection('rediss://h/1?ca=/etc/ca.pem&cert=/c.pem&key=/k.pem&servername=q.example.org'), {
    tls: true,
    database: 1,
    tlsFiles: { ca: '/etc/ca.pem', cert: '/c.pem', key: '/k.pem', servername: 'q.example.org' },
  });
  t.match(parseConnection('redis+sentinel://me:s%40crt@a,b:7000,[::1]:7001/das2/3?sentinelpassword=x'), {
    sentinels: [
      { host: 'a', port: 26379 },
      { host: 'b', port: 7000 },
      { host: '::1', port: 7001 },
    ],
    masterName: 'das2',
    database: 3,
    user: 'me',
    password: 's@crt',
    sentinelPassword: 'x',
    tls: false,
    place: 'master das2 of a:26379, b:7000, [::1]:7001',
  });
  t.match(parseConnection('rediss+sentinel://a/m?ca=/ca.pem'), { tls: true, tlsFiles: { ca: '/ca.pem' }, database: 0 });
});

t.test('what makes no sense is refused without being repeated', async (t) => {
  for (const text of [
    'h:0',
    'h:70000',
    'h:1:x',
    'redis://:secret@h/x',
    'http://secret@h',
    'unix:secret',
    'secret h',
    'redis://%zz:secret@h',
    'unix://%zz@/secret',
    'redis://:secret@h/0?ca=/x',
    'rediss://:secret@h/0?ca=x',
    'rediss://:secret@h/0?cert=/x',
    'redis+sentinel://:secret@h',
    'redis+sentinel://:secret@h:x/m',
    'redis+cluster://:secret@h',
  ]) {
    try {
      parseConnection(text);
      t.fail(`${text} was taken`);
    } catch (error) {
      t.match(errorDetail(error), /^WORK_QUEUE_CONN: /, text);
      t.notMatch(errorDetail(error), 'secret');
    }
  }
});

t.test('the kind of queue', async (t) => {
  t.equal(brokerKind(configuration('')), 'spool');
  t.equal(brokerKind(configuration('WORK_QUEUE_CONN = localhost')), 'redis');
  t.equal(brokerKind(configuration('WORK_QUEUE_BROKER = spool\nWORK_QUEUE_CONN = localhost')), 'spool');
  t.equal(brokerKind(configuration('WORK_QUEUE_BROKER = none')), 'none');
  t.equal(await openBroker(configuration('WORK_QUEUE_BROKER = none')), undefined);
});

t.test('a server that is not there: a producer gives up at once, and says where', async (t) => {
  const broker = await openBroker(configuration('WORK_QUEUE_CONN = redis://:hush@127.0.0.1:1/0'));
  const error = await broker?.submit('x').then(
    () => undefined,
    (reason: unknown) => reason,
  );
  t.ok(error instanceof BrokerUnreachable);
  t.match((error as Error).message, /127\.0\.0\.1:1 cannot be used \(ECONNREFUSED\).*WORK_QUEUE_BROKER/);
  t.notMatch(JSON.stringify(error), 'hush');
  await broker?.close();
});

t.test('files of TLS that are not there are a fault of the configuration', async (t) => {
  const text = 'WORK_QUEUE_CONN = rediss://:hush@127.0.0.1:1/0?ca=/nowhere/ca.pem';
  await t.rejects(openBroker(configuration(text)), { code: 'configuration' });
});

t.test('a spool folder that cannot be made', async (t) => {
  const folder = temporaryFolder(t);
  folder.write('file', '');
  const broker = await openBroker(configuration(`WORK_QUEUE_DIR = ${folder.path}/file/queue`));
  const refused = await Promise.resolve(broker?.submit('x')).catch((error: unknown) => error);
  t.match(refused, { code: 'overload', exitStatus: 21 });
  t.match(errorDetail(refused), `${folder.path}/file/queue`, 'logs and terminals are told where');
  t.notMatch((refused as Error).message, folder.path, 'clients are not');
});
