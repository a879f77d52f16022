/** scripts/install: what it lays out, what an upgrade keeps, and what it refuses. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const TOP = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const work = mkdtempSync(join(tmpdir(), 'das2srv-install-'));
t.teardown(() => rmSync(work, { recursive: true }));

/** A build as scripts/build leaves it, with small programs: one file, many names. */
const dist = join(work, 'dist');
function build(version: string): void {
  rmSync(dist, { recursive: true, force: true });
  for (const [folder, names] of [
    ['bin', ['das2_srv_httpd', 'das2_srvcgi_main', 'das2_bin_avgsec', 'das2srv']],
    ['examples', ['orbit_field', 'random_walk']],
  ] as const) {
    mkdirSync(join(dist, folder), { recursive: true });
    const first = join(dist, folder, names[0]);
    writeFileSync(first, `#!/bin/sh\necho ${version} "$@"\n`);
    chmodSync(first, 0o755);
    for (const name of names.slice(1)) linkSync(first, join(dist, folder, name));
  }
}

const frames = join(work, 'voyager frames');
mkdirSync(frames);
writeFileSync(join(frames, 'VG1_1979-03-01_12-26-11-956.DAT'), '');

function install(...args: string[]) {
  const run = spawnSync(join(TOP, 'scripts/install'), ['--dist', dist, ...args], { cwd: work });
  return { status: run.status, text: run.stdout.toString(), errors: run.stderr.toString() };
}

const mode = (path: string) => (statSync(path).mode & 0o7777).toString(8);
const read = (path: string) => readFileSync(path, 'utf8');

t.test('says what to do where the programs do not run', async (t) => {
  build('one');
  writeFileSync(join(dist, 'bin/das2srv'), '#!/bin/sh\nkill -ILL $$\n');
  const { status, text } = install('--prefix', join(work, 'old processor'));
  t.equal(status, 0);
  t.match(text, /do not run on this machine.* SSE4\.2[\s\S]*--runtime node/);
  t.notOk(existsSync(join(work, 'old processor/etc/licences.txt')));
  build('one');
  t.notMatch(install('--prefix', join(work, 'old processor')).text, 'do not run');
});

t.test('lays out a server', async (t) => {
  build('one');
  const prefix = join(work, 'a server');
  const { status, text, errors } = install('--prefix', prefix);
  t.equal(status, 0, errors);
  t.equal(errors, '');
  t.match(text, /What to do next/);
  t.match(text, /testuser/);
  t.match(text, `'${prefix}/bin/das2_srv_passwd' -D testuser\n`, 'a name with a blank can be pasted');
  for (const folder of ['bin', 'etc', 'static', 'datasets', 'examples', 'log', 'cache', 'state']) {
    t.ok(statSync(join(prefix, folder)).isDirectory(), folder);
  }
  t.equal(mode(join(prefix, 'etc/passwd')), '640');
  t.equal(mode(join(prefix, 'state')), '2770');
  t.equal(mode(join(prefix, 'log')), '2770');
  t.equal(mode(join(prefix, 'bin/das2_bin_avgsec')), '755');
  t.equal(
    statSync(join(prefix, 'bin/das2_bin_avgsec')).ino,
    statSync(join(prefix, 'bin/das2_srvcgi_main')).ino,
    'one file',
  );
  t.not(
    statSync(join(prefix, 'bin/das2_bin_avgsec')).ino,
    statSync(join(dist, 'bin/das2_bin_avgsec')).ino,
    'of its own',
  );
  t.ok(existsSync(join(prefix, 'examples/orbit_field')));
  t.ok(existsSync(join(prefix, 'datasets/Examples/OrbitField.dsdf')));
  t.notOk(existsSync(join(prefix, 'datasets/Examples/Voyager.dsdf')), 'no source without its files');
  t.equal(read(join(prefix, 'etc/das2server.conf')), read(join(TOP, 'conf/das2server.conf.example')));
  t.equal(read(join(prefix, 'etc/group')), 'testgroup:::testuser\n');
  t.equal(read(join(prefix, 'etc/licences.txt')), 'one --licenses\n', 'what the programs say of themselves');
  t.equal(mode(join(prefix, 'cache')), '2750', 'what needs a password is not for everybody on the machine');
  t.match(text, /They speak of \/opt\/das2/, 'a blank cannot stand in the files for the system');
  t.match(read(join(prefix, 'etc/system/systemd/das2-httpd.service')), 'ExecStart=/opt/das2/bin/das2_srv_httpd');
});

t.test('files for the system, with the names of the instance', async (t) => {
  build('one');
  const prefix = join(work, 'system');
  const { text } = install('--prefix', prefix);
  t.match(text, `${prefix}/etc/system`);
  const at = (name: string) => join(prefix, 'etc/system', name);
  for (const name of ['apache-das2.conf', 'apache-das2-site.conf', 'nginx-das2-scgi.conf', 'logrotate-das2']) {
    t.ok(existsSync(at(name)), name);
  }
  const files = spawnSync('find', [at('.'), '-type', 'f'])
    .stdout.toString()
    .trim()
    .split('\n');
  t.equal(files.length, 6 + readdirSync(join(TOP, 'conf/systemd')).length, 'each unit, and the drop-in file');
  for (const file of files) t.notMatch(read(file), '/opt/das2', file);
  t.match(read(at('systemd/das2-arbiter.service')), `ReadWritePaths=${prefix}/state ${prefix}/cache\n`);
  t.match(read(at('apache-das2.conf')), `Define DAS2_PREFIX ${prefix}\n`);

  writeFileSync(at('nginx-das2.conf'), 'mine\n');
  t.match(install('--prefix', prefix).text, 'kept etc/system/nginx-das2.conf: it was edited');
  t.equal(read(at('nginx-das2.conf')), 'mine\n');
});

t.test('accounts', process.getuid?.() === 0 ? {} : { skip: 'only root gives files to others' }, async (t) => {
  build('one');
  const prefix = join(work, 'accounts');
  // Accounts that every system has.
  const { status, text } = install('--prefix', prefix, '--group', 'www-data', '--worker', 'daemon');
  t.equal(status, 0);
  t.match(text, 'usermod --append --groups www-data daemon', 'before the worker starts for the first time');
  const uid = (name: string) => Number(spawnSync('id', ['-u', name]).stdout.toString());
  t.equal(statSync(join(prefix, 'cache')).uid, uid('daemon'));
  t.equal(mode(join(prefix, 'cache')), '2750');
  t.match(
    read(join(prefix, 'etc/system/systemd/das2-arbiter.service')),
    /^User=daemon\nGroup=daemon\nSupplementaryGroups=www-data$/m,
  );
  t.match(read(join(prefix, 'etc/system/systemd/das2-httpd.service')), /^User=www-data$/m);

  chmodSync(join(prefix, 'cache'), 0o2770);
  writeFileSync(join(prefix, 'etc/das2server.conf'), 'CACHE_ROOT = ../cache\n');
  t.match(install('--prefix', prefix).text, 'Installing');
  t.equal(mode(join(prefix, 'cache')), '2770', 'the cache of an administrator keeps its mode');
  t.equal(statSync(join(prefix, 'cache')).uid, uid('daemon'), 'and its owner');
  t.match(install('--prefix', prefix, '--worker', 'daemon').text, 'usermod --append --groups www-data daemon');

  // Rights are changed in the name of their owner, who has to get there.
  chmodSync(work, 0o755);
  const cite = join(prefix, 'state/cite');
  const log = join(cite, 'log');
  mkdirSync(log, { recursive: true });
  writeFileSync(join(log, 'old.seg'), '');
  symlinkSync(join(work, 'outside'), join(log, 'link'));
  writeFileSync(join(work, 'outside'), '');
  chmodSync(join(work, 'outside'), 0o600);
  for (const path of [cite, log, join(log, 'old.seg')]) chmodSync(path, path.endsWith('seg') ? 0o600 : 0o700);
  for (const path of [cite, log, join(log, 'old.seg')]) chownSync(path, uid('www-data'), uid('daemon'));
  t.match(install('--prefix', prefix, '--group', 'www-data').text, 'opened state/cite');
  t.same([cite, log, join(log, 'old.seg')].map(mode), ['2770', '2770', '660'], 'citations are for the worker, too');
  t.equal(statSync(join(log, 'old.seg')).gid, statSync(join(prefix, 'state')).gid);
  t.equal(mode(join(work, 'outside')), '600', 'and nothing beyond them');
  t.notMatch(install('--prefix', prefix).text, 'opened state/cite', 'once');

  for (const [name, message] of [
    ['root', /not as root/],
    ['www-data', /must not be able to write/],
    ['no-such-account', /there is no account no-such-account/],
  ] as const) {
    t.match(install('--prefix', prefix, '--group', 'www-data', '--worker', name), { status: 1, errors: message });
  }
});

t.test('an upgrade replaces programs and keeps what people changed', async (t) => {
  build('one');
  const prefix = join(work, 'upgraded');
  t.equal(install('--prefix', prefix).status, 0);
  const edited = [
    'etc/das2server.conf',
    'etc/das2peers.ini',
    'etc/passwd',
    'etc/group',
    'datasets/Examples/Random.dsdf',
  ];
  for (const file of edited) writeFileSync(join(prefix, file), `${file} as edited\n`);
  const mine = join(prefix, 'datasets/Mine.dsdf');
  writeFileSync(mine, "description = 'mine'\n");
  chmodSync(join(prefix, 'etc/passwd'), 0o600);
  const removed = join(prefix, 'datasets/Examples/Auth.dsdf');
  rmSync(removed);
  const untouched = join(prefix, 'datasets/Examples/OrbitField.dsdf');
  writeFileSync(untouched, 'an older version\n');
  const sum = spawnSync('sh', ['-c', 'cksum <"$1" | tr " " -', 'sh', untouched]).stdout.toString().trim();
  const record = join(prefix, 'etc/.installed');
  writeFileSync(record, `${read(record)}${sum} datasets/Examples/OrbitField.dsdf\n`);
  const old = statSync(join(prefix, 'bin/das2_srv_httpd')).ino;

  build('two');
  for (const _ of [1, 2]) {
    const { status, text, errors } = install('--prefix', prefix);
    t.equal(status, 0, errors);
    t.match(text, /kept datasets\/Examples\/Random\.dsdf/);
    t.match(text, /left out datasets\/Examples\/Auth\.dsdf/);
    t.match(text, /restart the worker.*\n +systemctl try-restart das2-arbiter das2-httpd\n/);
    t.notMatch(text, /Look through|without a web server/, 'that was done when it was installed');
  }
  for (const file of edited) t.equal(read(join(prefix, file)), `${file} as edited\n`, file);
  t.equal(read(mine), "description = 'mine'\n");
  t.notOk(existsSync(removed), 'what was removed does not come back');
  t.equal(mode(join(prefix, 'etc/passwd')), '640');
  t.equal(
    read(untouched),
    read(join(TOP, 'conf/datasets/Examples/OrbitField.dsdf')),
    'a file nobody edited is brought up to date',
  );
  t.match(read(join(prefix, 'bin/das2_bin_avgsec')), /two/);
  t.not(statSync(join(prefix, 'bin/das2_srv_httpd')).ino, old, 'a running program keeps its file');
  t.same(spawnSync('find', [prefix, '-name', '*.new*']).stdout.toString(), '', 'nothing is left lying about');
});

t.test('without examples', async (t) => {
  build('one');
  const prefix = join(work, 'bare');
  t.equal(install('--prefix', prefix, '--no-examples').status, 0);
  t.notOk(existsSync(join(prefix, 'datasets/Examples')));
  t.notOk(existsSync(join(prefix, 'examples/orbit_field')));
  t.equal(read(join(prefix, 'etc/passwd')), '', 'no account with a known password');
  t.notMatch(read(join(prefix, 'etc/das2server.conf')), /^SAMPLE_/m, 'no examples on the front page');
});

t.test('with Voyager frames', async (t) => {
  build('one');
  const prefix = join(work, 'voyager');
  t.equal(install('--prefix', prefix, '--voyager', 'voyager frames').status, 0);
  const configuration = join(prefix, 'etc/das2server.conf');
  t.match(read(configuration), `VOYAGER_DATA = "${frames}"`);
  t.ok(existsSync(join(prefix, 'datasets/Examples/Voyager.dsdf')));
  const before = read(configuration);
  t.equal(install('--prefix', prefix, '--voyager', frames).status, 0);
  t.equal(read(configuration), before, 'once is enough');

  const later = join(work, 'later');
  t.equal(install('--prefix', later).status, 0);
  const { text } = install('--prefix', later, '--voyager', frames);
  t.match(text, `VOYAGER_DATA = "${frames}"`, 'an existing configuration is not touched: the line is shown');
  t.equal(read(join(later, 'etc/das2server.conf')), read(join(TOP, 'conf/das2server.conf.example')));
});

t.test('arguments it cannot use', async (t) => {
  build('one');
  for (const [args, message] of [
    [[], /--prefix is missing/],
    [['--prefix'], /--prefix needs a value/],
    [['--prefix', 'x', '--what'], /unknown option: --what/],
    [['x'], /what is 'x'\? The folder to install into is named by --prefix/],
    [['--prefix', 'x', '--group', 'no such group'], /--group: there is no group no such group/],
    [
      ['--prefix', '/proc/no/folder'],
      /--prefix: this account \(.+\) cannot make or write the folder \/proc\/no\/folder/,
    ],
    [['--prefix', 'x', '--voyager', 'nowhere'], /no folder nowhere/],
    [['--prefix', 'x', '--voyager', 'dist'], /no frames/],
    [['--prefix', 'x', '--voyager', frames, '--no-examples'], /exclude each other/],
    [['--prefix', 'x', '--dist', 'nowhere'], /run scripts\/build first/],
  ] as const) {
    const { status, errors } = install(...args);
    t.equal(status, 1, args.join(' '));
    t.match(errors, message);
  }
  t.notOk(existsSync(join(work, 'x')), 'and nothing is laid out');
  t.match(install('--help').text, /Usage: scripts\/install --prefix DIR/);
});
