import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { parseGroups, parsePasswords } from '../../lib/auth/accounts.js';
import { parseConditions } from '../../lib/auth/conditions.js';
import { parseCredentials } from '../../lib/auth/credentials.js';
import { parseDuration, subtractDuration } from '../../lib/auth/duration.js';
import { type Access, authorise, verifiedMember } from '../../lib/auth/read-access.js';
import { Configuration } from '../../lib/conf/configuration.js';
import { parseTime } from '../../lib/stream/time.js';
import { temporaryFolder } from '../tools/temporary-folder.js';

const NOW = Date.UTC(2024, 5, 15, 12);

/** `user:password` as a browser sends it. */
function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

interface Try {
  readonly readAccess?: string;
  readonly authorization?: string;
  readonly range?: readonly [begin: string, end: string];
  readonly address?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly now?: number;
}

function site(t: Test, settings = '') {
  const folder = temporaryFolder(t);
  // don: 'correct horse', ann: 'pass:word', old: 'password'
  const passwd = folder.write(
    'passwd',
    '# accounts\r\n' +
      'don:$5$das2salt$nosuchhash\n' +
      'don:$apr1$das2salt$.bDKRLKTZtVGPAfS0aNAW0\n' +
      'ann:{SHA}JfOwpCDy5ASLqp0M24rdutzyYk8=\nold:abJnggxhB/yWI\nstar:*\nempty:\nnonsense\n',
  );
  const group = folder.write('group', 'voyager:::don\nvoyager : x : x : old , eve\nbroken:::\n:::x\nbad line\n');
  mkdirSync(join(folder.path, 'state'));
  const log: string[] = [];
  const configuration = new Configuration(
    `USER_PASSWD = ${passwd}\nUSER_GROUP = ${group}\nSTATE_ROOT = ${folder.path}/state\n${settings}`,
    { file: `${folder.path}/das2server.conf`, prefix: folder.path },
  );
  const question = (attempt: Try) => ({
    source: { id: 'A/B', readAccess: attempt.readAccess },
    realm: 'My Realm',
    range: attempt.range && { begin: parseTime(attempt.range[0]), end: parseTime(attempt.range[1]) },
    applicant: {
      clientAddress: attempt.address ?? '192.0.2.7',
      headers: new Map(
        Object.entries({ ...attempt.headers, ...(attempt.authorization && { authorization: attempt.authorization }) }),
      ),
    },
    configuration,
    now: attempt.now ?? NOW,
    log: (line: string) => log.push(line),
  });
  return {
    folder,
    log,
    passwd,
    group,
    ask: (attempt: Try): Promise<Access> => authorise(question(attempt)),
    member: (name: string, attempt: Try) => verifiedMember(name, question(attempt)),
  };
}

t.test('durations', async (t) => {
  const table: [text: string, before: string][] = [
    ['1y6m', '2022-12-15T12:00'],
    ['18M', '2022-12-15T12:00'],
    ['1 y 6 m', '2022-12-15T12:00'],
    ['30d', '2024-05-16T12:00'],
    ['36h', '2024-06-14T00:00'],
    ['0d', '2024-06-15T12:00'],
    ['1m1d', '2024-05-14T12:00'],
  ];
  for (const [text, before] of table) {
    const parts = parseDuration(text);
    if (parts === undefined || parts === 'malformed') t.fail(text);
    else t.equal(subtractDuration(NOW, parts), Date.parse(`${before}Z`), text);
  }
  const clamped = subtractDuration(Date.UTC(2024, 2, 31), [{ count: 1, unit: 'm' }]);
  t.equal(new Date(clamped).toISOString(), '2024-02-29T00:00:00.000Z', 'the last day of the month');
  t.equal(
    new Date(subtractDuration(Date.UTC(2024, 1, 29), [{ count: 1, unit: 'y' }])).toISOString(),
    '2023-02-28T00:00:00.000Z',
  );
  for (const text of ['1y6', 'y', '6', '1yy']) t.equal(parseDuration(text), 'malformed', text);
  for (const text of ['', '1w', '1s', '-1y', '1.5y', 'one year']) t.equal(parseDuration(text), undefined, text);
  t.equal(subtractDuration(NOW, [{ count: 999999, unit: 'y' }]), Number.NEGATIVE_INFINITY);
});

t.test('conditions', async (t) => {
  t.same(parseConditions('age:1y|group: voyager |USER:don'), [
    { method: 'AGE', duration: [{ count: 1, unit: 'y' }] },
    { method: 'GROUP', group: 'voyager' },
    { method: 'USER', user: 'don' },
  ]);
  for (const text of ['GROUP', 'G', 'x:', 'AGE:', 'HOST:x', 'AGE:x', '', 'GROUP:a|']) {
    t.equal(parseConditions(text).at(-1)?.method, 'fault', text);
  }
  t.equal(parseConditions('AGE:1y6')[0]?.method, 'never');
});

t.test('credentials', async (t) => {
  t.same(parseCredentials('Basic dTpw'), { user: 'u', password: 'p' });
  t.same(parseCredentials('bAsIc  dTpw '), { user: 'u', password: 'p' });
  t.same(parseCredentials(basic('u:p:q')), { user: 'u', password: 'p:q' });
  t.same(parseCredentials(basic('u:')), { user: 'u', password: '' });
  t.same(parseCredentials(basic('µ:ß')), { user: 'µ', password: 'ß' });
  t.same(parseCredentials(`Basic ${Buffer.from('\xb5:p', 'latin1').toString('base64')}`), { user: 'µ', password: 'p' });
  const none = [
    undefined,
    '',
    'Basic',
    'Basic ',
    'Bearer dTpw',
    'Basic d!Tpw',
    'Basic dTp',
    'Basic dTpw=',
    basic('nocolon'),
    basic(':p'),
    basic('a\tb:p'),
    `Basic ${'A'.repeat(2048)}`,
    'BasicdTpw',
  ];
  for (const header of none) t.equal(parseCredentials(header), undefined, String(header).slice(0, 30));
});

t.test('account files', async (t) => {
  const warnings: string[] = [];
  t.same([...parsePasswords('a:b:c\n a : d \n#x:y\n\nbad\n:x', (line) => warnings.push(line))], [['a', ['b:c', 'd']]]);
  t.same(
    warnings.map((line) => line[0]),
    ['5', '6'],
  );
  const groups = parseGroups('g:::a,b\ng:::c\nh:x:y: d , e ,\nbad:a\n:::z\ni:::a:b', (line) => warnings.push(line));
  t.same(
    [...groups].map(([name, users]) => [name, [...users]]),
    [
      ['g', ['a', 'b', 'c']],
      ['h', ['d', 'e']],
    ],
  );
});

t.test('decisions', async (t) => {
  const own = site(t);
  const don = basic('don:correct horse');
  const old = basic('old:password');
  const table: [attempt: Try, outcome: string][] = [
    [{}, 'granted public'],
    [{ readAccess: 'GROUP:voyager' }, 'challenge'],
    [{ readAccess: 'GROUP:voyager', authorization: don }, 'granted group don'],
    [{ readAccess: 'group: voyager ', authorization: don }, 'granted group don'],
    [{ readAccess: 'GROUP:voyager', authorization: old }, 'granted group old'],
    [{ readAccess: 'GROUP:voyager', authorization: basic('old:password1') }, 'granted group old'],
    [{ readAccess: 'GROUP:voyager', authorization: basic('don:Correct horse') }, 'challenge'],
    [{ readAccess: 'GROUP:voyager', authorization: basic('Don:correct horse') }, 'challenge'],
    [{ readAccess: 'GROUP:voyager', authorization: basic('eve:x') }, 'challenge'],
    [{ readAccess: 'GROUP:voyager', authorization: 'Basic !!!' }, 'challenge'],
    [{ readAccess: 'GROUP:other', authorization: don }, 'challenge'],
    [{ readAccess: 'GROUP:voyager', authorization: basic('ann:pass:word') }, 'challenge'],
    [{ readAccess: 'USER:ann', authorization: basic('ann:pass:word') }, 'granted user ann'],
    [{ readAccess: 'USER:Ann', authorization: basic('ann:pass:word') }, 'challenge'],
    [{ readAccess: 'USER:don|USER:ann', authorization: basic('ann:pass:word') }, 'granted user ann'],
    [{ readAccess: 'USER:star', authorization: basic('star:*') }, 'challenge'],
    [{ readAccess: 'USER:empty', authorization: basic('empty:') }, 'challenge'],
    [{ readAccess: 'AGE:1y6m', range: ['2020-01-01', '2022-11-15'] }, 'granted age'],
    [{ readAccess: 'AGE:1y6m', range: ['2020-01-01', '2023-01-15'] }, 'challenge'],
    [{ readAccess: 'AGE:1y6m', range: ['2020-01-01', '2022-12-15T12:00'] }, 'challenge'],
    [{ readAccess: 'AGE:1y6m', range: ['2020-01-01', '2022-12-15T11:59:59.999'] }, 'granted age'],
    [{ readAccess: 'AGE:1y6m', range: ['2023-01-01', '2022-01-01'] }, 'challenge'],
    [{ readAccess: 'AGE:1y6m' }, 'challenge'],
    [
      { readAccess: 'AGE:1y|USER:ann', range: ['2024-01-01', '2024-02-01'], authorization: basic('ann:pass:word') },
      'granted user ann',
    ],
    [{ readAccess: 'AGE:1y6|USER:ann', authorization: basic('ann:pass:word') }, 'granted user ann'],
    [{ readAccess: 'HOST:x|USER:ann', authorization: basic('ann:pass:word') }, 'fault'],
    [{ readAccess: 'USER:ann|HOST:x', authorization: basic('ann:pass:word') }, 'granted user ann'],
    [{ readAccess: 'USER:ann|HOST:x' }, 'fault'],
    [{ readAccess: 'x' }, 'fault'],
  ];
  for (const [i, [attempt, expected]] of table.entries()) {
    // Addresses of their own, so that failures do not add up.
    const access = await own.ask({ address: `10.0.0.${i}`, ...attempt });
    const said = [
      access.outcome,
      ...(access.outcome === 'granted' ? [access.by, ...(access.user ? [access.user] : [])] : []),
    ];
    t.equal(said.join(' '), expected, JSON.stringify(attempt));
    if (access.outcome === 'challenge') t.equal(access.realm, 'My Realm');
  }
  const aged = await own.ask({ readAccess: 'AGE:1y', range: ['2020-01-01', '2020-01-02'] });
  t.same(aged, { outcome: 'granted', by: 'age', openUntil: parseTime('2023-06-15T12:00') });
  t.notMatch(own.log.join('\n'), /correct horse|pass:word/i, 'no password in the log');
  t.match(own.log.join('\n'), /'old' has a DES password/);
  t.match(own.log.join('\n'), /passwd:8: not user:hash/);
});

t.test('missing files are faults, with and without credentials', async (t) => {
  for (const authorization of [undefined, basic('don:correct horse')]) {
    const attempt = { readAccess: 'GROUP:voyager', ...(authorization && { authorization }) };
    const own = site(t);
    rmSync(own.group);
    t.equal((await own.ask(attempt)).outcome, 'fault');
    t.equal((await own.ask({ ...attempt, readAccess: 'USER:don' })).outcome, authorization ? 'granted' : 'challenge');
    rmSync(own.passwd);
    t.equal((await own.ask({ ...attempt, readAccess: 'USER:don' })).outcome, 'fault');
    t.match(own.log.join('\n'), /USER_GROUP .*cannot be read \(ENOENT\)/);
    const unset = site(t, 'USER_PASSWD =');
    t.equal((await unset.ask(attempt)).outcome, 'fault');
  }
});

t.test('files are read again when they change', async (t) => {
  const own = site(t);
  const attempt = { readAccess: 'USER:new', authorization: basic('new:password') };
  t.equal((await own.ask(attempt)).outcome, 'challenge');
  writeFileSync(own.passwd, 'new:abJnggxhB/yWI\n');
  t.equal((await own.ask(attempt)).outcome, 'granted');
});

t.test('TEST_FROM', async (t) => {
  const own = site(t, 'TEST_FROM = 127.0.0.1 ::1 192.0.2.0/30\n');
  const table: [attempt: Try, outcome: string][] = [
    [{ address: '192.0.2.1' }, 'granted'],
    [{ address: '::ffff:192.0.2.3' }, 'granted'],
    [{ address: '192.0.2.4' }, 'challenge'],
    [{ address: '' }, 'challenge'],
    [{ address: '127.0.0.1' }, 'granted'],
    [{ address: '::1' }, 'granted'],
    [{ address: '127.0.0.1', headers: { 'x-forwarded-for': '127.0.0.1' } }, 'challenge'],
    [{ address: '127.0.0.1', headers: { forwarded: 'for=127.0.0.1' } }, 'challenge'],
    [{ address: '127.0.0.1', headers: { host: 'das.example.org' } }, 'challenge'],
    [{ address: '127.0.0.1', headers: { host: 'localhost:8080' } }, 'granted'],
    [{ address: '203.0.113.5', headers: { 'x-forwarded-for': '127.0.0.1' } }, 'challenge'],
    [{ address: '192.0.2.1', headers: { 'x-forwarded-for': '192.0.2.1' } }, 'granted'],
  ];
  for (const [attempt, expected] of table) {
    t.equal((await own.ask({ readAccess: 'GROUP:voyager', ...attempt })).outcome, expected, JSON.stringify(attempt));
  }
  t.match(own.log.join('\n'), 'TEST_FROM lists 127.0.0.1, but a loopback address');
});

t.test('guessing is slowed down', async (t) => {
  const own = site(t);
  const wrong = { readAccess: 'USER:don', authorization: basic('don:guess') };
  const right = { readAccess: 'USER:don', authorization: basic('don:correct horse') };
  for (let i = 0; i < 10; i++)
    t.equal((await own.ask({ ...wrong, now: NOW + i * 1000 })).outcome, 'challenge', `failure ${i + 1}`);
  const later = NOW + 10_000;
  t.same(await own.ask({ ...wrong, now: later }), { outcome: 'tooMany', retryAfterSeconds: 299 });
  t.equal((await own.ask({ ...right, now: later })).outcome, 'tooMany', 'the right password, too');
  t.equal((await own.ask({ ...right, now: later, address: '192.0.2.8' })).outcome, 'granted', 'another address');
  t.equal(
    (await own.ask({ readAccess: 'USER:ann', authorization: basic('ann:pass:word'), now: later })).outcome,
    'granted',
  );
  t.equal((await own.ask({ readAccess: 'USER:don', now: later })).outcome, 'challenge', 'no credentials, no failure');
  t.equal((await own.ask({ ...right, now: later + 300_000 })).outcome, 'granted', 'five minutes later');
  const folder = join(own.folder.path, 'state', 'log-ins');
  t.equal(readdirSync(folder).length, 1);
  t.notMatch(readFileSync(join(folder, readdirSync(folder)[0] ?? '')).toString(), /don|guess/);
  t.match(own.log.join('\n'), /log-in failed: user 'don' from 192\.0\.2\.7/);

  const twice = site(t);
  for (let i = 0; i < 9; i++)
    await twice.ask({ readAccess: 'USER:don|GROUP:voyager|USER:x', authorization: basic('don:guess') });
  t.equal((await twice.ask(right)).outcome, 'granted', 'one failure a request, however many conditions');
  rmSync(join(twice.folder.path, 'state'), { recursive: true });
  t.equal((await twice.ask({ ...wrong, address: '10.9.9.9' })).outcome, 'challenge', 'no folder, no harm');
});

t.test('so is guessing without a name', async (t) => {
  const own = site(t);
  const tries = [basic(':guess'), basic(':'), basic('nocolon'), 'Basic !!!', 'basic dTp', basic('a\tb:p')];
  const ask = (authorization: string, now: number, address = '192.0.2.7') =>
    own.ask({ readAccess: 'USER:don', authorization, now, address });
  for (let i = 0; i < 10; i++) {
    const outcome = (await ask(tries[i % tries.length] ?? '', NOW + i * 1000)).outcome;
    t.equal(outcome, 'challenge', `failure ${i + 1}`);
  }
  const later = NOW + 10_000;
  for (const authorization of tries) {
    t.same(await ask(authorization, later), { outcome: 'tooMany', retryAfterSeconds: 299 }, authorization);
  }
  t.equal((await ask(basic(':guess'), later, '192.0.2.8')).outcome, 'challenge', 'another address');
  t.equal((await ask(basic('don:correct horse'), later)).outcome, 'granted', 'who has a name is another user');
  for (const authorization of ['Bearer dTpw', 'Basic', 'Basic ', 'BasicdTpw']) {
    t.equal((await ask(authorization, later)).outcome, 'challenge', `no log-in: ${authorization}`);
  }
  t.equal((await ask(basic(':guess'), later + 300_000)).outcome, 'challenge', 'five minutes later');
  t.match(own.log.join('\n'), /log-in failed: user '' from 192\.0\.2\.7/);
  t.notMatch(own.log.join('\n'), /guess|nocolon/);
});

t.test('members of a group', async (t) => {
  const own = site(t, 'TEST_FROM = 0.0.0.0/0');
  t.equal(await own.member('voyager', { authorization: basic('don:correct horse') }), 'don');
  t.equal(await own.member('voyager', {}), undefined, 'no exemption');
  t.equal(await own.member('other', { authorization: basic('don:correct horse') }), undefined);
  rmSync(own.group);
  t.equal(await own.member('voyager', { authorization: basic('don:correct horse') }), undefined);
});
