/** das2_srv_check as administrators run it: what it finds in broken instances, and that it is silent about sound ones. Definitions and readers have definitions.test.ts. */
import { chmodSync, chownSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Account } from '../../lib/check/account.js';
import { checkStatus } from '../../lib/check/check.js';
import { buildProgram, runProgram } from '../tools/program.js';
import { check, codes, instance, sound } from './check-instance.js';

const program = await buildProgram('das2_srv_check', 'bin/srv_check.ts');
t.teardown(() => program.remove());

t.test('examples on the front page need their source', async (t) => {
  const gone = await check(instance(t, { settings: { SAMPLE_DSDF: 'Gone/Away' } }), { runReaders: false });
  t.same(codes(gone, 'configuration'), ['warning no-sample']);
  const there = await check(instance(t, { settings: { SAMPLE_DSDF: 'A/Sound' } }), { runReaders: false });
  t.same(codes(there, 'configuration'), []);
});

t.test('a sound instance', async (t) => {
  const fixture = instance(t);
  const report = await check(fixture);
  t.same(report.findings, []);
  t.equal(checkStatus(report.findings), 0);
  t.same(
    report.runs.map(({ way, ok, records }) => [way, ok, records]),
    [
      ['full', true, 2],
      ['reduced', true, 1],
      ['reduced-without-origin', true, 1],
      ['text', true, 1],
    ],
  );
  t.ok(report.runs.every(({ bytes, firstByteSeconds }) => bytes > 100 && firstByteSeconds !== undefined));
});

t.test('configuration, accounts, environment', async (t) => {
  const fixture = instance(t, {
    settings: {
      LOG_PAHT: '/tmp',
      MY_KEY: 'x',
      TEST_FROM: '127.0.0.1',
      VIEW_LOG_ALLOW: '0.0.0.0/0',
      D2S_TO_UTF8: 'no_such_converter',
      CACHE_ROOT: '/no/such/cache',
      PEERS_FILE: '/no/such/peers.ini',
      SERVER_URL: 'das.example.org',
      ADMIN_GROUP: 'admins',
      HANDLE_DSDF: 'x',
      D2S_CSV_CONVERTER: 'no_such_csv',
      CITE_SIGN_CMD: '/no/such/program',
    },
  });
  writeFileSync(fixture.passwdFile, 'testuser:lLp764MZK2EPo\nold:abJnggxhB/yWI\nno colon\nlocked:*\ntwo:*\ntwo:!\n');
  writeFileSync(fixture.groupFile, 'g:::u,old\nbad line\n');
  chmodSync(fixture.passwdFile, 0o644);
  const report = await check(fixture, {
    environment: { BUN_OPTIONS: '--smol', PATH: '/bin' },
    runReaders: false,
    account: { name: 'stranger', uid: 61_234, gids: [61_234] } satisfies Account,
  });
  const text = (subject: string) =>
    report.findings
      .filter((finding) => finding.subject === subject)
      .map(({ message }) => message)
      .join('\n');
  t.match(text('environment'), 'BUN_OPTIONS is set');
  const settings = text('configuration');
  for (const part of [
    'HANDLE_DSDF has no effect',
    'LOG_PAHT is no setting',
    'MY_KEY is no setting',
    'TEST_FROM lists a loopback',
    'VIEW_LOG_ALLOW holds all addresses',
    'D2S_TO_UTF8: no_such_converter',
    'CACHE_ROOT: /no/such/cache',
    'PEERS_FILE: /no/such/peers.ini',
    'SERVER_URL is not an address',
    'CITE_SIGN_CMD: there is no file /no/such/program',
  ])
    t.match(settings, part);
  t.notMatch(settings, 'no_such_csv', 'what nothing runs need not be there');
  t.match(report.findings.find(({ message }) => message.startsWith('D2S_CSV_CONVERTER'))?.severity, 'note');
  t.match(report.findings.find(({ message }) => message.startsWith('LOG_PAHT'))?.advice, 'write LOG_PATH');
  const accounts = text('accounts');
  for (const part of [
    'not user:hash',
    'not group:x:x:user,user',
    'no account for u',
    'there is no group admins',
    'testuser has the password',
    'user old has a weak hash',
    'locked cannot log in',
    'two has 2 passwords',
  ])
    t.match(accounts, part);
  const hidden = await check(fixture, {
    runReaders: false,
    account: { name: 'stranger', uid: 61_234, gids: [61_234] },
    accountIsGuess: true,
  });
  t.match(
    codes(hidden, 'permissions'),
    ['warning open-passwords', 'error not-allowed'],
    'a guess that can reach the instance',
  );
  chmodSync(fixture.root, 0o700);
  const unreachable = await check(fixture, {
    runReaders: false,
    account: { name: 'stranger', uid: 61_234, gids: [61_234] },
    accountIsGuess: true,
  });
  t.same(codes(unreachable, 'permissions'), ['warning open-passwords', 'warning out-of-reach']);
  t.match(
    unreachable.findings.find(({ code }) => code === 'out-of-reach')?.message,
    `stranger cannot enter ${fixture.root}, so`,
    'the folder that bars the way is named',
  );
  const permissions = text('permissions');
  for (const part of [
    'LOG_PATH: stranger cannot write',
    'STATE_ROOT: stranger cannot write',
    'everybody on this machine can read',
  ])
    t.match(permissions, part);
  t.equal(checkStatus(report.findings), 2);
});

t.test('definitions that the account of the web server cannot read, though root can', async (t) => {
  const fixture = instance(t, { sources: { 'A/Sound': sound(), 'A/Closed': sound(), 'B/Sound': sound() } });
  chmodSync(join(fixture.dsdfRoot, 'A/Closed.dsdf'), 0o600);
  chmodSync(join(fixture.dsdfRoot, 'B'), 0o700);
  const account = { name: 'stranger', uid: 61_234, gids: [61_234] };
  const about = async (accountIsGuess: boolean, id: string) =>
    (await check(fixture, { runReaders: false, account, accountIsGuess })).findings
      .filter(({ subject }) => subject === id)
      .map(({ severity, message, clients }) => [severity, message, clients]);
  t.same(await about(true, 'A/Sound'), []);
  t.same(await about(true, 'A/Closed'), [
    ['error', `stranger cannot read ${join(fixture.dsdfRoot, 'A/Closed.dsdf')}`, 'get 500'],
  ]);
  t.same(await about(false, 'B/Sound'), [['error', `stranger cannot enter ${join(fixture.dsdfRoot, 'B')}`, 'get 404']]);
  chmodSync(fixture.root, 0o700);
  t.same(await about(true, 'A/Closed'), [], 'an instance that is not meant for the account');
});

t.test('a plot program that fetches its data needs an address', async (t) => {
  const about = async (settings: Record<string, string | undefined>) => {
    const fixture = instance(t, { settings: { PNG_MAKER: 'sound_rdr', ...settings } });
    return codes(await check(fixture, { runReaders: false }), 'configuration');
  };
  t.same(await about({ SERVER_URL: undefined }), ['error server-url']);
  t.same(await about({ SERVER_URL: undefined, PNG_MAKER_MODE: 'filter' }), []);
  t.same(await about({}), []);
});

t.test('folders of the cache that no level has any more', async (t) => {
  const levels = (line: string) => sound(`cacheLevel_00 = '1 min | daily'\n${line}`);
  const fixture = instance(t, {
    settings: { CACHE_ROOT: '../cache' },
    sources: { 'A/Old': levels(''), 'A/New': levels("cacheLevel_01 = '1 h | monthly'\n") },
  });
  for (const id of ['A/Old', 'A/New'])
    for (const level of ['bin-60s', 'bin-3600s'])
      mkdirSync(join(fixture.root, 'cache/data', id, '_noparam', level), { recursive: true });
  const report = await check(fixture, { runReaders: false });
  t.same(codes(report, 'A/New'), []);
  t.same(codes(report, 'A/Old'), ['warning cache-stale']);
  t.match(
    report.findings.find(({ subject }) => subject === 'A/Old')?.message,
    'data/A/Old/_noparam/bin-3600s in the cache',
  );
});

t.test('folders of the cache that somebody else has made', async (t) => {
  const fixture = instance(t, { settings: { CACHE_ROOT: '../cache', CACHE_UMASK: '0027' } });
  const cache = join(fixture.root, 'cache');
  const inner = join(cache, 'data/A/Sound');
  mkdirSync(inner, { recursive: true });
  for (const folder of [cache, join(cache, 'data'), join(cache, 'data/A'), inner]) chmodSync(folder, 0o2750);
  const account = { name: 'web', uid: 61_234, gids: [61_234, statSync(cache).gid] };
  const about = async () =>
    (await check(fixture, { runReaders: false, account })).findings.filter(({ code }) => code === 'foreign-cache');
  t.same(await about(), []);
  chmodSync(inner, 0o700);
  t.match(await about(), [{ message: `CACHE_ROOT: web cannot read ${inner}`, advice: / && chmod -R g\+rX / }]);
  chmodSync(inner, 0o2750);
  if (process.getuid?.() !== 0) return;
  for (const folder of [cache, join(cache, 'data'), join(cache, 'data/A')])
    chownSync(folder, 61_235, account.gids[1] ?? 0);
  for (const folder of [cache, join(cache, 'data'), join(cache, 'data/A')]) chmodSync(folder, 0o2750);
  t.match(await about(), [
    {
      message: `CACHE_ROOT: account 61235, the owner of ${cache}, cannot write ${inner}`,
      advice: `chown -R --reference=${cache} ${cache}`,
    },
  ]);
});

t.test('what the web server may do with new files of the cache', async (t) => {
  const fixture = instance(t, { settings: { CACHE_ROOT: '../cache' } });
  const cache = join(fixture.root, 'cache');
  mkdirSync(cache);
  chmodSync(cache, 0o2750);
  const group = statSync(cache).gid;
  const about = async (account: Account) =>
    codes(await check(fixture, { runReaders: false, account }), 'permissions').filter((code) => /too-much/.test(code));
  const web: Account = { name: 'web', uid: 61_234, gids: [61_234, group] };
  t.same(await about(web), ['warning too-much-allowed'], 'the default leaves new files to the group');
  t.same(await about({ ...web, gids: [61_234] }), [], 'it is not its group');
  writeFileSync(fixture.configurationFile, 'CACHE_UMASK = 0027\n', { flag: 'a' });
  t.same(await about(web), []);
  // Folders that the worker makes have these modes, too.
  const barred = async (account: Account) =>
    (await check(fixture, { runReaders: false, account })).findings.filter(({ message }) =>
      /^CACHE_UMASK/.test(message),
    );
  chmodSync(cache, 0o2755);
  t.same(await barred(web), []);
  t.match(await barred({ ...web, gids: [61_234] }), [{ severity: 'error', advice: /chgrp/ }]);
  writeFileSync(fixture.configurationFile, 'CACHE_UMASK = 0077\n', { flag: 'a' });
  t.match(await barred(web), [
    { severity: 'error', message: /web cannot read what the worker writes/, advice: /CACHE_UMASK = 0027/ },
  ]);
});

t.test('a log of citations that somebody else has made', async (t) => {
  const fixture = instance(t);
  const folder = join(fixture.stateRoot, 'cite/log/7c');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, '202601.seg');
  writeFileSync(file, '');
  const owner = statSync(file);
  const found = async (account: Account) =>
    (await check(fixture, { runReaders: false, account })).findings.filter(({ code }) => code === 'foreign-citations');
  for (const path of [join(fixture.stateRoot, 'cite'), join(folder, '..'), folder]) chmodSync(path, 0o777);
  chmodSync(fixture.root, 0o755);
  chmodSync(fixture.stateRoot, 0o777);
  const web: Account = { name: 'web', uid: owner.uid + 61_234, gids: [owner.gid + 61_234] };
  chmodSync(file, 0o600);
  t.match(await found(web), [{ severity: 'warning', message: `web cannot write ${file}`, advice: /^chown -R web / }]);
  chmodSync(file, 0o666);
  t.same(await found(web), []);
  chmodSync(join(fixture.stateRoot, 'cite'), 0o700);
  t.match(await found(web), [{ message: /cannot write .*\/cite$/ }]);
  chmodSync(fixture.stateRoot, 0o2777);
  const worker: Account = { ...web, gids: [owner.gid] };
  t.match(await found(worker), [{ message: /cannot write .*\/cite$/, advice: /^chmod -R g\+rwX .*\/cite$/ }]);
});

t.test('what cannot be looked at is a finding, not the end of the check', async (t) => {
  const fixture = instance(t);
  // For root only a link that leads to itself is out of reach as a folder is that others may not enter.
  const loop = join(fixture.root, 'loop');
  symlinkSync('loop', loop);
  for (const key of ['USER_PASSWD', 'LOG_PATH', 'CITE_ROOT', 'CACHE_ROOT'])
    writeFileSync(fixture.configurationFile, `${key} = ${loop}\n`, { flag: 'a' });
  const account: Account = { name: 'web', uid: 61_234, gids: [61_234] };
  const { findings } = await check(fixture, { runReaders: false, account });
  t.match(
    findings.map(({ message }) => message).filter((message) => message.includes(loop)),
    [`USER_PASSWD: ${loop} is not a file`, `LOG_PATH: ${loop} is not a folder`],
  );
});

t.test('citations that an older program has closed to the group of the state', async (t) => {
  const fixture = instance(t);
  const root = join(fixture.stateRoot, 'cite');
  mkdirSync(root, { recursive: true });
  chmodSync(root, 0o700);
  const { gid } = statSync(root);
  // Root may do everything, and so cannot stand for a web server.
  if (process.getuid?.() === 0) chownSync(root, 61_234, gid);
  const account: Account = { name: 'web', uid: statSync(root).uid, gids: [gid] };
  const found = async () =>
    (await check(fixture, { runReaders: false, account })).findings.filter(({ code }) => code === 'closed-citations');
  t.same(await found(), [], 'a state of one account');
  chmodSync(fixture.stateRoot, 0o2770);
  t.match(await found(), [{ severity: 'warning', message: /the worker cannot look at/, advice: /^chmod -R g\+rwX / }]);
  chmodSync(root, 0o2770);
  t.same(await found(), []);
});

t.test('the program', async (t) => {
  const fixture = instance(t, { sources: { 'A/Sound': sound(), 'B/Fail': sound().replace('sound_rdr', 'stub_fail') } });
  const run = (...args: string[]) => runProgram(program, ['--config', fixture.configurationFile, ...args]);
  const all = await run();
  t.equal(all.status, 2, all.errors);
  t.match(
    all.output,
    /B\/Fail\n {2}error: example_00 .*status 7: no such file\n {4}clients: get 500\n {4}to do: try it by hand, with the folders of BIN_PATH in PATH: stub_fail/,
  );
  t.notMatch(all.output, 'A/Sound');
  t.equal(all.errors, '', 'no progress line where there is no terminal');
  const one = await run('--source', 'A/*', '--json', '--jobs', '1');
  const report = JSON.parse(one.output);
  t.same(report.sources, ['A/Sound']);
  t.match(report.runs, [{ source: 'A/Sound', way: 'full', ok: true, records: 2 }]);
  t.equal(report.status, one.status);
  t.match((await run('-s', 'A/*', '-v')).output, /ok: 2017-01-01 to 2017-01-02, reduced: /);
  t.notMatch((await run('--no-readers')).output, 'status 7');
  t.match((await run('--source', 'Z/*')).output, 'no source fits');
  for (const args of [
    ['--nonsense'],
    ['--jobs', '0'],
    ['--timeout', 'x'],
    ['--cgi', 'localhost'],
    ['--user', 'no such account'],
    ['extra'],
  ])
    t.equal((await run(...args)).status, 100, args.join(' '));
  t.equal((await run('--help')).status, 0);
  t.equal((await runProgram(program, ['--config', '/no/such.conf'])).status, 17);
  symlinkSync('/nowhere', join(fixture.dsdfRoot, 'A/Link.dsdf'));
  t.match((await run('--no-readers', '-s', 'A/Link')).output, 'leads nowhere');
});

t.test('the settings in words', async (t) => {
  const { status, output } = await runProgram(program, ['--settings']);
  t.equal(status, 0);
  t.match(output, /^SITE_NAME \(text; default: SERVER_ID\)\n {2}Name of the site: .*SITE_IDENTITY/m);
  t.match(output, /^PNG_MAKER_MODE \(file or filter; default: file\)$/m);
});
