/** das2_srv_passwd as its users meet it: statuses, questions at a terminal, several at once, failures (server-internals 4.5, 9.52). */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { parsePasswords } from '../../lib/auth/accounts.js';
import { matches } from '../../lib/auth/hash/password-hash.js';
import { buildProgram, runProgram } from '../tools/program.js';
import { temporaryFolder } from '../tools/temporary-folder.js';

const OLD = 'olduser:lLp764MZK2EPo\n';
const program = await buildProgram('das2_srv_passwd', 'bin/srv_passwd.ts');
t.teardown(() => program.remove());

function site(t: Test, content: string | null = OLD) {
  const folder = temporaryFolder(t);
  const configuration = folder.write('etc/das2server.conf', 'USER_PASSWD = passwd\n');
  const file = join(folder.path, 'etc/passwd');
  if (content !== null) folder.write('etc/passwd', content);
  const run = (...args: string[]) => runProgram(program, ['--config', configuration, ...args]);
  const read = (): string => readFileSync(file, 'utf8');
  const opens = async (user: string, password: string): Promise<boolean> => {
    const hashes = parsePasswords(read(), () => {}).get(user) ?? [];
    for (const hash of hashes) if (await matches(password, hash)) return true;
    return false;
  };
  return { folder, configuration, file, run, read, opens };
}

t.test('create, set, replace, verify, delete', async (t) => {
  const { run, read, opens, file } = site(t, null);
  t.equal((await run('-b', '-c', 'ada', 'secret')).status, 0);
  t.equal(statSync(file).mode & 0o777, 0o640);
  t.match(read(), /^ada:\$6\$rounds=50000\$/);
  t.equal((await run('-b', 'bob', 'other')).status, 0);
  t.equal((await run('-b', 'ada', 'changed')).status, 0);
  t.match(read(), /^ada:.*\nbob:.*\n$/);
  t.ok(await opens('ada', 'changed'));
  t.notOk(await opens('ada', 'secret'));
  t.equal((await run('-b', '-v', 'ada', 'changed')).status, 0);
  t.equal((await run('-b', '--verify', 'ada', 'wrong')).status, 1);
  const list = await run('--list');
  t.match(list.output, /^ada +SHA-512\nbob +SHA-512\n$/);
  t.equal((await run('-D', 'ada')).status, 0);
  t.match(read(), /^bob:/);
  t.same(readdirSync(join(file, '..')).sort(), ['das2server.conf', 'passwd'], 'nothing is left beside the file');
});

t.test('schemes, and nothing secret on the screen', async (t) => {
  const { run, read, opens } = site(t);
  for (const [args, pattern] of [
    [['--scheme', 'bcrypt'], /^x:\$2b\$/m],
    [['--scheme', 'scrypt'], /^x:\$scrypt\$/m],
    [['--des'], /^x:[./0-9A-Za-z]{13}$/m],
  ] as const) {
    const result = await run('-b', ...args, 'x', 'Geheim7');
    t.equal(result.status, 0);
    t.match(read(), pattern);
    t.ok(await opens('x', 'Geheim7'));
    t.notMatch(result.output + result.errors, /Geheim7|\$2b|\$scrypt/);
    t.match(result.errors, 'warning: with -b');
  }
  t.ok(read().startsWith(OLD), 'the line of an old user is untouched');
  t.match((await run('--list')).output, /olduser +DES +weak\nx +DES +weak/);
  t.equal((await run('-b', '--scheme', 'sha512', 'olduser', 'new')).status, 0);
  t.match(read(), /^olduser:\$6\$/);
});

t.test('a short password is set with a warning', async (t) => {
  const { run, opens } = site(t);
  const short = await run('-b', 'ada', 'passwör');
  t.match(short, { status: 0, errors: /warning: it has fewer than 8 characters/ });
  t.ok(await opens('ada', 'passwör'));
  t.notMatch((await run('-b', 'ada', 'passwörd')).errors, 'fewer than');
});

t.test('statuses of the table', async (t) => {
  const { run, folder, configuration, read } = site(t);
  const status = async (...args: string[]) => (await run(...args)).status;
  t.equal(await status('-h'), 0);
  t.equal(await status('--version'), 0);
  t.equal(await status('--nonsense'), 100);
  t.equal(await status('-b'), 24);
  t.equal(await status('-b', 'a'), 23);
  t.equal(await status('a'), 23, 'no terminal, no password');
  t.equal(await status('-D', 'olduser', 'x'), 25);
  for (const name of ['', 'a:b', ' a', 'a\n', '#a']) t.equal(await status('-b', name, 'p'), 26, JSON.stringify(name));
  t.equal(await status('-b', 'a', ''), 27);
  t.equal(await status('-b', '--des', 'a', '123456789'), 27);
  t.equal(await status('-b', '--scheme', 'bcrypt', 'a', 'x'.repeat(73)), 27);
  t.equal(await status('-D', 'nobody'), 28);
  t.equal(await status('-b', '-v', 'nobody', 'x'), 28);
  t.equal(await status('-b', '-c', 'a', 'p'), 29, 'an existing file is not overwritten just so');
  t.equal(await status('-b', 'a', 'p', 'q'), 100);
  t.equal(await status('-D', '-v', 'olduser'), 100);
  t.equal(await status('--scheme', 'md5', 'a'), 100);
  t.equal(read(), OLD, 'none of these changed anything');
  t.equal(await status('-b', '-c', '--force', 'a', 'p'), 0);
  t.notMatch(read(), 'olduser');

  const other = (...args: string[]) => runProgram(program, args).then((result) => result.status);
  t.equal(await other('--config', join(folder.path, 'missing.conf'), '-b', 'a', 'p'), 17);
  writeFileSync(configuration, 'no equals\n');
  t.equal(await status('-b', 'a', 'p'), 17);
  writeFileSync(configuration, 'SERVER_ID = x\n');
  t.equal(await status('-b', 'a', 'p'), 21);
  writeFileSync(configuration, 'USER_PASSWD = elsewhere\n');
  t.equal(await status('-b', 'a', 'p'), 22);
  t.equal(await status('--list'), 22);
  folder.write('etc/das2server.conf.example', '');
  t.match(
    (await runProgram(program, ['-b', 'a', 'p'], { environment: { DAS2_SERVER_CONF: `${folder.path}/none` } })).errors,
    'is missing',
  );
});

t.test('the password on standard input', async (t) => {
  const { configuration, opens } = site(t);
  const args = ['--config', configuration, '--stdin', 'eve'];
  t.equal((await runProgram(program, args, { input: 'pä ss:w\r\nmore\n' })).status, 0);
  t.ok(await opens('eve', 'pä ss:w'));
  t.equal((await runProgram(program, args, { input: '\n' })).status, 27);
  t.equal((await runProgram(program, [...args, '-v'], { input: 'pä ss:w' })).status, 0);
});

/** Runs the program in a pseudo-terminal, types the keys once the first prompt is there, and answers all that was shown. */
const PTY = `
import os, pty, select, sys, time
keys = sys.argv[1].encode('utf-8', 'surrogateescape').decode('unicode_escape').encode('latin1')
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
shown = b''
sent = False
end = time.time() + 60
while time.time() < end:
    ready, _, _ = select.select([fd], [], [], 0.5)
    if ready:
        try:
            data = os.read(fd, 4096)
        except OSError:
            break
        if not data:
            break
        shown += data
    if not sent and (b'> ' in shown or b'[y/N] ' in shown):
        os.write(fd, keys)
        sent = True
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(status))
`;
const hasPython = spawnSync('python3', ['-c', 'import pty, os; os.waitstatus_to_exitcode']).status === 0;

t.test('questions at a terminal', { skip: hasPython ? false : 'needs python3' }, async (t) => {
  const { file, configuration, opens, folder } = site(t);
  const script = folder.write('type-keys.py', PTY);
  const type = (keys: string, ...args: string[]) =>
    spawnSync('python3', [script, keys, ...program.command, '--config', configuration, ...args], { encoding: 'utf8' });

  const good = type('sesame\\rsesame\\r', 'ali');
  t.equal(good.status, 0, good.stdout + good.stderr);
  t.ok(await opens('ali', 'sesame'));
  t.notMatch(good.stdout, 'sesame', 'what is typed is not shown');
  t.match(good.stdout, /New das2 password of ali> \r+\nOnce more> /);
  t.equal(type('one\\rtwo\\r', 'ali').status, 27);
  t.equal(type('\\r', 'ali').status, 27, 'empty');
  t.equal(type('abc\\x03', 'ali').status, 130);
  t.equal(type('\\x04', 'ali').status, 130);
  t.ok(await opens('ali', 'sesame'), 'nothing has changed since');
  t.equal(type('xx\\x15seso\\x7fame\\rsesame\\r', '-v', 'ali').status, 0, 'corrections count');
  t.equal(type('sesam\\r', '-v', 'ali').status, 1);
  t.equal(type('\\xc3\\xa4\\xc3\\xbc\\x7f\\r\\xc3\\xa4\\r', 'ali').status, 0, 'a letter of two bytes goes as one');
  t.ok(await opens('ali', 'ä'));

  t.equal(type('n\\r', '-c', 'bob').status, 29);
  t.match(readFileSync(file, 'utf8'), 'olduser');
  t.equal(type('y\\rpw\\rpw\\r', '-c', 'bob').status, 0);
  t.notMatch(readFileSync(file, 'utf8'), 'olduser');
  t.ok(await opens('bob', 'pw'));
});

t.test('several at once lose nothing', async (t) => {
  const { run, read } = site(t);
  const users = Array.from({ length: 12 }, (_, i) => `user${i}`);
  const results = await Promise.all(users.map((user) => run('-b', user, `password of ${user}`)));
  t.same(
    results.map(({ status }) => status),
    users.map(() => 0),
  );
  t.same([...parsePasswords(read(), () => {}).keys()].sort(), ['olduser', ...users].sort());
});

t.test('a lock of a process that has gone does not keep anybody out', async (t) => {
  const { run, file, opens } = site(t);
  const gone = spawnSync('true').pid;
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  const lock = join(file, '..', '.passwd.lock');
  writeFileSync(lock, `${gone} ${bootId}/${readlinkSync('/proc/self/ns/pid')} x`);
  t.equal((await run('-b', 'ada', 'pw')).status, 0);
  t.ok(await opens('ada', 'pw'));
  t.same(
    readdirSync(join(file, '..')).filter((name) => name.startsWith('.')),
    [],
  );
});

t.test('a linked file stays linked; mode and owner stay', async (t) => {
  const { file, folder, configuration } = site(t, null);
  const real = folder.write('shared/accounts', OLD);
  chmodSync(real, 0o604);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(real, 12_345, 23_456);
  symlinkSync('../shared/accounts', file);
  t.equal((await runProgram(program, ['--config', configuration, '-b', 'a', 'p'])).status, 0);
  t.ok(lstatSync(file).isSymbolicLink());
  const stats = statSync(real);
  t.equal(stats.mode & 0o7777, 0o604);
  if (isRoot) t.same([stats.uid, stats.gid], [12_345, 23_456]);
  t.match(readFileSync(real, 'utf8'), /^olduser:.*\na:\$6\$/);

  mkdirSync(join(folder.path, 'new'));
  const dangling = join(folder.path, 'etc/dangling');
  symlinkSync('../new/passwd', dangling);
  t.equal((await runProgram(program, ['--file', dangling, '-c', '-b', 'a', 'p'])).status, 0);
  t.ok(lstatSync(dangling).isSymbolicLink());
  t.match(readFileSync(join(folder.path, 'new/passwd'), 'utf8'), /^a:/);
});

t.test('a full disk leaves the old file', { skip: canLimitFileSize() ? false : 'needs ulimit -f' }, async (t) => {
  const { file, configuration, read } = site(t, `${OLD}${'# filler\n'.repeat(300)}`);
  const before = read();
  const [command = '', ...words] = program.command;
  // A file-size limit of one block stands for a disk that fills up in the middle of the new file.
  const result = spawnSync(
    'sh',
    ['-c', `trap '' XFSZ; ulimit -f 1; exec "$@"`, 'sh', command, ...words, '--config', configuration, '-b', 'a', 'p'],
    { encoding: 'utf8' },
  );
  t.equal(result.status, 29, result.stderr);
  t.equal(read(), before);
  t.same(
    readdirSync(join(file, '..')).filter((name) => name.startsWith('.')),
    [],
  );
  t.equal(
    spawnSync('sh', ['-c', `"$@"`, 'sh', command, ...words, '--file', '/proc/none/passwd', '-c', '-b', 'a', 'p'])
      .status,
    29,
  );
});

function canLimitFileSize(): boolean {
  try {
    execFileSync('sh', ['-c', `trap '' XFSZ; ulimit -f 1`]);
    return true;
  } catch {
    return false;
  }
}

t.test('groups', async (t) => {
  const { folder, run, file } = site(t);
  const groups = join(folder.path, 'etc/group');
  const read = (): string => readFileSync(groups, 'utf8');
  t.match(await run('group', 'add', 'voyager', 'ada'), { status: 21, errors: /USER_GROUP is not set/ });
  writeFileSync(join(folder.path, 'etc/das2server.conf'), 'USER_GROUP = group\n', { flag: 'a' });
  t.match(await run('group', 'list'), { status: 22 });
  t.match(await run('group', 'add', 'voyager', 'ada', 'olduser'), {
    status: 0,
    errors: /group 'voyager' has 'ada', 'olduser' now\n.*'ada' has no account yet: das2_srv_passwd 'ada'\n$/,
  });
  t.equal(read(), 'voyager:::ada,olduser\n');
  t.equal(statSync(groups).mode & 0o777, 0o644);
  chmodSync(groups, 0o640);
  t.equal((await run('group', 'add', 'juno', 'olduser')).status, 0);
  t.equal(statSync(groups).mode & 0o777, 0o640, 'the mode stays');
  t.match(await run('group', 'list'), { status: 0, output: 'voyager  ada olduser\njuno     olduser\n' });
  t.match(await run('group', 'list', 'juno'), { status: 0, output: 'juno   olduser\n' });
  t.match(await run('group', 'list', 'nobody'), { status: 28, output: '' });
  t.equal((await run('group', 'remove', 'voyager', 'ada')).status, 0);
  t.match(await run('group', 'remove', 'voyager', 'ada'), { status: 28, errors: /does not have 'ada'/ });
  t.equal((await run('group', 'remove', 'voyager')).status, 0);
  t.match(await run('group', 'remove', 'voyager'), { status: 28, errors: /there is no group 'voyager'/ });
  t.equal(read(), 'juno:::olduser\n');
  t.equal((await run('group', 'add')).status, 24);
  t.equal((await run('group', 'add', 'juno')).status, 24);
  t.equal((await run('group', 'add', 'juno', 'a,b')).status, 26);
  t.equal((await run('group', 'add', '-D', 'juno', 'ada')).status, 100);
  t.equal((await run('group', 'list', 'juno', 'more')).status, 100);
  t.equal((await run('--file', groups, 'group', 'add', 'juno', 'eve')).status, 0, 'another file by hand');
  t.match(read(), 'juno:::olduser,eve');
  t.equal((await run('-b', 'group', 'secret')).status, 0, 'a user may be called so');
  t.match(readFileSync(file, 'utf8'), /^group:\$6\$/m);
});
