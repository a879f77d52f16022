/** das2_srv_check as administrators run it: what it finds in broken instances, and that it is silent about sound ones. */
import { chmodSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Account } from '../../lib/check/account.js';
import type { CheckReport } from '../../lib/check/check.js';
import { checkAll, checkStatus } from '../../lib/check/check.js';
import { loadConfiguration } from '../../lib/conf/configuration.js';
import { buildProgram, runProgram } from '../tools/program.js';
import { layOutProtocolFixture, type ProtocolFixture } from '../tools/protocol-fixture.js';

const program = await buildProgram('das2_srv_check', 'bin/srv_check.ts');
t.teardown(() => program.remove());

/** A reader that gives a packet of two numbers; more than 100 s of it are not asked for. */
const SOUND_READER = `
packet() { printf '%s%06d%s' "$1" "$(printf '%s' "$2" | wc -c)" "$2"; }
packet '[00]' '<stream version="2.2" />
'
packet '[01]' '<packet><x type="time20" units="us2000"/><y type="ascii14" units="V" name="a"/></packet>
'
printf ':01:2017-01-01T00:00:01    1.0000e+00\\n:01:2017-01-01T00:00:02    2.0000e+00\\n'
`;

const sound = (more = ''): string =>
  `description = 'Sound'\nreader = sound_rdr\ndas2Stream = 1\nexampleRange_00 = '2017-01-01 to 2017-01-02'\n${more}`;

function instance(
  t: Test,
  options: { readonly settings?: Record<string, string | undefined>; readonly sources?: Record<string, string> } = {},
): ProtocolFixture {
  const fixture = layOutProtocolFixture({
    settings: { D2S_REDUCER: undefined, D2S_TO_UTF8: undefined, ...options.settings },
  });
  t.teardown(() => fixture.remove());
  // Only the sources of the test count.
  for (const folder of ['Examples', 'Plain', 'Void']) removeFolder(join(fixture.dsdfRoot, folder));
  fixture.writeProgram('sound_rdr', SOUND_READER);
  for (const [id, content] of Object.entries(options.sources ?? { 'A/Sound': sound() }))
    fixture.writeSource(id, content);
  chmodSync(fixture.passwdFile, 0o640);
  return fixture;
}

function removeFolder(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

function check(fixture: ProtocolFixture, options: Partial<Parameters<typeof checkAll>[0]> = {}): Promise<CheckReport> {
  return checkAll({
    configuration: loadConfiguration({ file: fixture.configurationFile, environment: {} }),
    environment: {},
    account: undefined,
    accountIsGuess: false,
    sources: [],
    runReaders: true,
    jobs: 2,
    timeout: 30,
    url: undefined,
    progress: () => {},
    ...options,
  });
}

/** `severity code` of each finding about a subject. */
function codes(report: CheckReport, subject: string): string[] {
  return report.findings
    .filter((finding) => finding.subject === subject)
    .map(({ severity, code }) => `${severity} ${code}`);
}

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

t.test('definitions', async (t) => {
  const fixture = instance(t, {
    sources: {
      'A/Syntax': 'description = x\nno equals\n',
      'A/Key': sound(`exampelRange_01 = '2017-01-01 to 2017-01-02'\n`),
      'A/Quote': sound(`summary = 'open\n`),
      'A/NoReader': `description = 'x'\ndas2Stream = 1\n`,
      'A/NoExample': `description = 'x'\nreader = sound_rdr\ndas2Stream = 1\n`,
      'A/BadExample': sound(`exampleRange_01 = 'yesterday'\n`),
      'A/Outside': sound(`validRange = '2018-01-01 to 2019-01-01'\n`),
      'A/Level': sound(`cacheLevel_00 = '1 furlong | daily'\n`),
      'A/Grid': sound(
        `cacheLevel_00 = '7 s | hourly'\ncacheLevel_01 = '90 min | daily'\ncacheLevel_02 = '7 h | yearly'\n`,
      ),
      'A/Corrected': sound(`cacheInvalidBefore = '2020-01-01'\n`),
      'A/ToCome': sound(`cacheInvalidBefore = '2999-01-01'\n`),
      'A/NoTime': sound(`cacheInvalidBefore = 'yesterday'\n`),
      'A/Group': sound(`readAccess = 'GROUP:nobody'\n`),
      'A/User': sound(`readAccess = 'AGE:1y | USER:eve'\n`),
      'A/Access': sound(`readAccess = 'FRIENDS:all'\n`),
      'A/Missing': sound(`reducer = no_such_reducer\n`),
      'A/Rename': `rename = 'A/Nowhere'\n`,
      'A/Round': `rename = 'A/About'\n`,
      'A/About': `rename = 'A/Round'\n`,
      'A/ToSyntax': `rename = 'A/Syntax'\n`,
      'A/Elsewhere': `rename = 'B/X'\nserver = 'http://far.example.org/das/server'\n`,
      'A/Far': `description = 'x'\nserver = 'http://far.example.org/das/server'\ndas2Stream = 1\n`,
      'A/Bad Name': sound(),
      'A/Open': sound(),
    },
  });
  chmodSync(join(fixture.dsdfRoot, 'A/Open.dsdf'), 0o666);
  const report = await check(fixture, { runReaders: false });
  const about = (id: string) => codes(report, id);
  t.same(about('A/Syntax'), ['error definition']);
  t.match(report.findings.find(({ subject }) => subject === 'A/Syntax')?.message, ':2:');
  t.same(about('A/Key'), ['warning unknown-key']);
  t.same(about('A/Quote'), ['warning definition']);
  t.same(about('A/NoReader'), ['error no-reader']);
  t.same(about('A/NoExample'), ['warning no-example']);
  t.same(about('A/BadExample'), ['warning example']);
  t.same(about('A/Outside'), ['error example']);
  t.same(about('A/Level'), ['error cache-level']);
  t.same(about('A/Grid'), ['warning cache-grid', 'warning cache-grid']);
  t.match(
    report.findings.filter(({ subject }) => subject === 'A/Grid').map(({ message }) => message),
    [
      /^cacheLevel 0: bins of 7 s do not divide its hourly blocks/,
      /^cacheLevel 2: bins of 25200 s do not divide a day/,
    ],
  );
  t.same(about('A/Corrected'), []);
  t.same(about('A/ToCome'), ['warning cache-invalid-before']);
  t.same(about('A/NoTime'), ['warning cache-invalid-before']);
  t.same(about('A/Group'), ['warning read-access']);
  t.same(about('A/User'), ['warning read-access']);
  t.same(about('A/Access'), ['error read-access']);
  t.same(about('A/Missing'), ['error missing-program']);
  const aboutRename = (id: string) =>
    report.findings.filter(({ subject, code }) => subject === id && code === 'rename').map(({ message }) => message);
  t.match(aboutRename('A/Rename'), ["A/Rename: rename names 'A/Nowhere', which does not exist"]);
  t.match(aboutRename('A/Round'), ['A/Round: rename leads back to A/Round']);
  t.match(aboutRename('A/ToSyntax'), [/^rename leads to a definition that cannot be read: .*:2: /]);
  t.same(aboutRename('A/Elsewhere'), []);
  t.same(about('A/Far'), []);
  t.same(about('A/Bad Name'), ['warning not-served']);
  t.same(about('A/Open'), ['warning not-served']);
  t.match(report.findings.find(({ subject }) => subject === 'A/Open')?.message, 'everybody may write it');
  t.same(report.runs, []);
  t.equal(report.sources.length, 24);
});

t.test('each finding once', async (t) => {
  const twice = sound(`summary = 'a'\nsummary = 'b'\n`);
  const fixture = instance(t, { sources: { 'A/Twice': twice, 'A/Syntax': 'no equals\n', 'B/Twice': twice } });
  const found = async (options: { readonly sources?: readonly string[] } = {}) => {
    const { findings } = await check(fixture, { runReaders: false, ...options });
    return findings.map(({ subject, message }) => `${subject}: ${message}`).sort();
  };
  const once = (id: string): string => `${id}: ${id}.dsdf:6: summary was already set in line 5; this line wins`;
  const all = await found();
  t.strictSame(
    all.filter((line) => line.includes('wins')),
    [once('A/Twice'), once('B/Twice')],
  );
  t.equal(all.filter((line) => line.includes('A/Syntax')).length, 1);
  t.match(await found({ sources: ['A/Twice'] }), [once('A/Twice')]);
});

t.test('readers', async (t) => {
  const fixture = instance(t, {
    sources: {
      'A/Fail': sound().replace('sound_rdr', 'fail_rdr'),
      'A/Hang': sound().replace('sound_rdr', 'hang_rdr'),
      'A/Slow': sound().replace('sound_rdr', 'slow_rdr'),
      'A/Garbage': sound().replace('sound_rdr', 'garbage_rdr'),
      'A/Nothing': sound().replace('sound_rdr', 'stub_none'),
      'A/Empty': sound().replace('sound_rdr', 'stub_rdr'),
      'A/NoData': sound().replace('sound_rdr', 'exception_rdr'),
      'A/Origin': sound(`reducer = origin_red\ncacheLevel_00 = '1 s | daily'\n`),
      'A/Params': sound(`exampleParams_00 = 'a;b'\n`),
      'A/Words': sound(`exampleParams_00 = 'one two'\n`).replace('sound_rdr', 'words_rdr'),
      'A/Interval': sound('requiresInterval = 1\nexampleInterval_00 = 60\n').replace('sound_rdr', 'interval_rdr'),
    },
  });
  fixture.writeProgram('fail_rdr', 'echo "no disk mounted" >&2\nexit 7\n');
  fixture.writeProgram('hang_rdr', 'sleep 600\n');
  fixture.writeProgram('slow_rdr', `${SOUND_READER}\nsleep 600\n`);
  fixture.writeProgram('garbage_rdr', 'echo hello world, this is no stream\n');
  fixture.writeProgram(
    'exception_rdr',
    `printf '[00]000025<stream version="2.2" />\\n[xx]000057<exception type="NoDataInInterval" message="nothing" />\\n'\n`,
  );
  fixture.writeProgram('origin_red', `[ "$1" = -b ] || exit 3\ncat\n`);
  fixture.writeProgram('words_rdr', `[ "$3 $4" = "one two" ] || exit 3\n${SOUND_READER}`);
  fixture.writeProgram('interval_rdr', `[ "$1" = 60 ] && [ "$2" = 2017-01-01 ] || exit 3\n${SOUND_READER}`);
  const report = await check(fixture, { timeout: 6, jobs: 4 });
  const about = (id: string) => codes(report, id);
  t.same(about('A/Fail'), ['error reader-failed']);
  t.match(report.findings.find(({ subject }) => subject === 'A/Fail')?.message, /status 7: no disk mounted/);
  t.same(about('A/Hang'), ['error no-answer']);
  t.same([...new Set(about('A/Slow'))], ['warning slow']);
  t.same([...new Set(about('A/Garbage'))], ['error bad-stream']);
  t.same([...new Set(about('A/Nothing'))], ['warning no-data']);
  t.ok(about('A/Empty').includes('warning no-data'));
  t.ok(about('A/NoData').includes('warning exception') || about('A/NoData').includes('warning no-data'));
  t.match(about('A/Origin'), ['error reducer-failed']);
  t.match(report.findings.find(({ subject }) => subject === 'A/Origin')?.message, 'reduced without -b');
  t.same(about('A/Params'), ['error example-request']);
  t.same(about('A/Words'), []);
  t.same(about('A/Interval'), []);
  t.equal(report.runs.filter(({ source }) => source === 'A/Fail').length, 1, 'not tried in other ways');
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
    'CITE_SIGN_CMD has no effect in this version',
  ])
    t.match(settings, part);
  t.notMatch(settings, 'no/such/program', 'what nothing runs need not be there');
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

t.test('the program', async (t) => {
  const fixture = instance(t, { sources: { 'A/Sound': sound(), 'B/Fail': sound().replace('sound_rdr', 'stub_fail') } });
  const run = (...args: string[]) => runProgram(program, ['--config', fixture.configurationFile, ...args]);
  const all = await run();
  t.equal(all.status, 2, all.errors);
  t.match(
    all.output,
    /B\/Fail\n {2}error: example_00 .*status 7: no such file\n {4}clients: get 500\n {4}to do: try it by hand: stub_fail/,
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
