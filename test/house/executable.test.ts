/**
 * The executables themselves: how they find out which program they are, and that they run where a web server runs them
 * (another user, empty environment, read-only folder), for each packaging that has been built.
 *
 * Uses dist/bin and, where it exists, dist-node/bin; DAS2SRV_BIN names another folder in place of both.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { cgiEnvironment } from '../../scripts/tools/cgi-environment.mjs';
import { temporaryFolder } from '../tools/temporary-folder.js';
import { ROOT, readSource } from './repository-files.js';

const OWN_FOLDER = process.env.DAS2SRV_BIN;
const FOLDERS = OWN_FOLDER === undefined ? ['dist/bin', 'dist-node/bin'].map((name) => join(ROOT, name)) : [OWN_FOLDER];

/** User and group `nobody`. */
const NOBODY = 65534;

interface Call {
  readonly command: string;
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly user?: number;
  readonly cwd?: string;
}

function call({ command, args = [], environment = {}, input = '', user, cwd }: Call) {
  const { status, signal, stdout, stderr } = spawnSync(command, args, {
    env: environment,
    input,
    encoding: 'utf8',
    timeout: 60_000,
    ...(cwd === undefined ? {} : { cwd }),
    ...(user === undefined ? {} : { uid: user, gid: user }),
  });
  return { status, signal, stdout, stderr };
}

const STREAM = '[00]000026<stream version="2.2"/>\n  ';
const STREAM_HEADER = /^\[00\]\d{6}<stream/;

/** A tree as scripts/install lays it out, small: bin, etc, datasets. */
function instance(t: Test, folder: string): { root: string; bin: string } {
  const tree = temporaryFolder(t);
  mkdirSync(join(tree.path, 'bin'));
  const main = join(tree.path, 'bin/das2srv');
  copyFileSync(join(folder, 'das2srv'), main);
  for (const name of ['das2_srvcgi_main', 'das2_ascii']) linkSync(main, join(tree.path, 'bin', name));
  tree.write('etc/das2server.conf', 'SITE_NAME = Test\nSERVER_ID = tester\nDSDF_ROOT = ../datasets\n');
  tree.write('datasets/One.dsdf', 'description = "One"\nreader = "true"\n');
  return { root: tree.path, bin: join(tree.path, 'bin') };
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}

for (const folder of FOLDERS) {
  const built = existsSync(join(folder, 'das2srv'));
  const absent = built ? false : `${folder.replace(`${ROOT}/`, '')} is not built`;
  t.test(basename(dirname(folder)), { skip: absent }, (t) => {
    const program = (name: string) => join(folder, name);

    t.test('the name decides', (t) => {
      const links = temporaryFolder(t).path;
      const version = (command: string, ...args: string[]) => call({ command, args: [...args, '--version'] }).stdout;
      t.match(version(program('das2_ascii')), /^das2_ascii \d/, 'hard link');
      symlinkSync(program('das2srv'), join(links, 'das2_ascii'));
      t.match(version(join(links, 'das2_ascii')), /^das2_ascii \d/, 'symbolic link');
      const lookedUp = call({ command: 'das2_ascii', args: ['--version'], environment: { PATH: folder } });
      t.match(lookedUp.stdout, /^das2_ascii \d/, 'found by PATH');
      const renamed = `exec -a das2_bin_avgsec ${program('das2srv')} --version`;
      t.match(call({ command: '/bin/bash', args: ['-c', renamed] }).stdout, /^das2_bin_avgsec \d/, 'exec -a');
      t.match(version(program('das2srv'), 'das2_ascii'), /^das2_ascii \d/, 'das2srv PROGRAM');
      t.match(
        version(program('das2srv')),
        /^das2srv \d+\.\d+\.\d+ \([0-9a-f]{10}\+?\)$|^das2srv \d+\.\d+\.\d+ \(unknown\)$/m,
      );
      symlinkSync(program('das2srv'), join(links, 'other-name'));
      t.match(version(join(links, 'other-name'), 'das2_ascii'), /^das2_ascii \d/, 'an unknown name takes a word');
      symlinkSync(program('das2_ascii'), join(links, 'first'));
      symlinkSync(join(links, 'first'), join(links, 'second'));
      t.match(version(join(links, 'second')), /^das2_ascii \d/, 'a link with another name stands for its target');
      t.end();
    });

    t.test('a wrong name is explained', (t) => {
      const wrong = call({ command: program('das2srv'), args: ['das2_nothing'] });
      t.match(wrong, { status: 100, stdout: '', stderr: "das2srv: there is no program 'das2_nothing'" });
      const none = call({ command: program('das2srv') });
      t.match(none, { status: 100, stdout: '', stderr: /^Usage: das2srv PROGRAM/ });
      t.match(call({ command: program('das2srv'), args: ['toString'] }), {
        status: 100,
        stderr: 'there is no program',
      });
      const names = call({ command: program('das2srv'), args: ['--list'] })
        .stdout.split('\n')
        .filter(Boolean);
      t.same([...names, 'das2srv'].sort(), readdirSync(folder).sort(), 'each program has its link');
      const help = call({ command: program('das2srv'), args: ['--help'] });
      t.match(help, { status: 0, stderr: '' });
      for (const name of names)
        t.match(help.stdout, new RegExp(`^  ${name} +\\S.{12,60}$`, 'm'), `${name}: its purpose`);
      t.end();
    });

    t.test('the terms of all that is inside', (t) => {
      const { status, stdout } = call({ command: program('das2srv'), args: ['--licenses'] });
      t.equal(status, 0);
      const { dependencies } = JSON.parse(readSource('package.json').text) as { dependencies: Record<string, string> };
      for (const [name, version] of Object.entries(dependencies)) t.match(stdout, `\n${name} ${version} (`, name);
      const runtimes = [...stdout.matchAll(/^(Bun|Node\.js) \d+\.\d+\.\d+$/gm)].map((match) => match[1]);
      t.same(runtimes, [folder.includes('dist-node') ? 'Node.js' : 'Bun'], 'those of the runtime that it has');
      t.match(stdout, /^das2srv\n=+\n\nMIT License\n/m);
      t.end();
    });

    t.test('every program says what it is for, and what is wrong with its words', (t) => {
      const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
      for (const name of names) {
        const help = call({ command: program(name), args: ['--help'] });
        t.match(help, { status: 0, stderr: '' }, `${name} --help`);
        t.match(help.stdout, new RegExp(`^Usage: ${name}[ \\n]`), `${name}: its name`);
        t.match(help.stdout, /^(?!Usage:)[A-Z].{30}/m, `${name}: its purpose`);
        t.match(help.stdout, /^Status: /m, `${name}: its statuses`);
        t.match(help.stdout, /^Examples?:/m, `${name}: an example`);
        const longest = Math.max(...help.stdout.split('\n').map((line) => line.length));
        t.ok(longest <= 100, `${name}: lines of ${longest} columns at most`);
        const wrong = call({ command: program(name), args: ['--no-such-option'] });
        t.not(wrong.status, 0, `${name} --no-such-option`);
        t.equal(wrong.stdout, '', `${name}: nothing on standard output`);
        t.match(wrong.stderr, '--no-such-option', `${name}: names the option`);
        t.match(wrong.stderr, /--help|'das2srv --list'/, `${name}: says where help is`);
      }
      t.end();
    });

    t.test('under CGI arguments are the client’s and are dropped', (t) => {
      const { bin } = instance(t, folder);
      for (const argument of ['--version', '--help', '-e', '--eval=1', '-c/etc/passwd']) {
        const environment = cgiEnvironment({ QUERY_STRING: argument });
        const reply = call({ command: join(bin, 'das2_srvcgi_main'), args: [argument], environment });
        t.match(reply.stdout, /^Status: \d{3} /, `${argument}: a CGI reply`);
        t.notMatch(reply.stdout, /das2_srvcgi_main \d|root:x/, `${argument}: not obeyed`);
      }
      const asked = call({
        command: join(bin, 'das2_srvcgi_main'),
        environment: cgiEnvironment({ QUERY_STRING: 'server=id' }),
      });
      t.match(asked, { status: 0, stdout: /^Status: 200 [\s\S]*Test\r/ });
      t.match(
        call({ command: join(bin, 'das2_ascii'), environment: cgiEnvironment({ QUERY_STRING: '' }), input: STREAM }),
        { status: 0, stdout: /^Status: 404 / },
        'what is no CGI program does not run',
      );
      for (const [name, status] of [
        ['das2_srvcgi_main', 200],
        ['das2_ascii', 404],
      ] as const) {
        const link = join(bin, '../server');
        symlinkSync(join(bin, name), link);
        const reply = call({ command: link, environment: cgiEnvironment({ QUERY_STRING: 'server=id' }) });
        t.match(reply.stdout, new RegExp(`^Status: ${status} `), `a link called server to ${name}`);
        rmSync(link);
      }
      t.match(
        call({
          command: join(bin, 'das2srv'),
          args: ['das2_ascii'],
          environment: cgiEnvironment({ QUERY_STRING: 'das2_ascii' }),
        }),
        { stdout: /^Status: 404 / },
        'nor do arguments choose a program',
      );
      t.end();
    });

    t.test('runs as another user, with an empty environment, in a read-only tree', (t) => {
      const { root, bin } = instance(t, folder);
      for (const name of ['.', 'bin', 'etc', 'datasets']) chmodSync(join(root, name), 0o555);
      t.teardown(() => {
        for (const name of ['.', 'bin', 'etc', 'datasets']) chmodSync(join(root, name), 0o755);
      });
      const before = filesBelow(root);
      const user = process.getuid?.() === 0 ? { user: NOBODY } : {};
      const where = { ...user, cwd: '/' };
      const filtered = call({ ...where, command: join(bin, 'das2_ascii'), input: STREAM });
      t.match(filtered, { status: 0, stdout: STREAM_HEADER, stderr: '' }, 'a filter');
      const listed = call({
        ...where,
        command: join(bin, 'das2_srvcgi_main'),
        environment: cgiEnvironment({ QUERY_STRING: 'server=list' }),
      });
      t.match(listed, { status: 0, stdout: /^Status: 200 [\s\S]*One/ }, 'the main program');
      t.same(filesBelow(root), before, 'nothing has been written');
      t.end();
    });

    t.test('sees how a reader ends where the web server ignores the ends of processes', (t) => {
      const { root, bin } = instance(t, folder);
      writeFileSync(
        join(root, 'datasets/Two.dsdf'),
        'das2Stream = 1\nreader = \'printf "[00]000025<stream version=\\"2.2\\" />\\n" #\'\n',
      );
      writeFileSync(join(root, 'datasets/Bad.dsdf'), "das2Stream = 1\nreader = 'echo no file >&2; exit 3 #'\n");
      const ask = (source: string) =>
        call({
          command: '/bin/sh',
          args: ['-c', `trap '' CHLD; exec ${join(bin, 'das2_srvcgi_main')}`],
          environment: cgiEnvironment({
            QUERY_STRING: `server=dataset&dataset=${source}&start_time=2017-01-01&end_time=2017-01-02`,
          }),
        });
      const whole = ask('Two');
      t.match(whole, { status: 0, stdout: /^Status: 200 / });
      t.notMatch(whole.stdout, /exception/, 'a reader that ends well');
      t.match(ask('Bad').stdout, /^Status: 500 [\s\S]*message="no file/, 'one that does not');
      t.end();
    });

    t.test('settings in the working folder change nothing', (t) => {
      const tree = temporaryFolder(t);
      tree.write('.env', 'DAS2_SERVER_CONF=/nonexistent\n');
      tree.write('bunfig.toml', 'preload = ["./planted.js"]\n');
      tree.write('planted.js', "console.log('planted');\n");
      tree.write('package.json', '{"type": "broken"');
      const { stdout, stderr, status } = call({ command: program('das2_ascii'), input: STREAM, cwd: tree.path });
      t.match({ stdout, stderr, status }, { status: 0, stdout: STREAM_HEADER, stderr: '' });
      t.end();
    });

    t.test('a fault is one line without source text or stack', (t) => {
      for (const command of [
        `${program('das2_ascii')} </`,
        `${program('das2_ascii')} <&-`,
        `echo rubbish | ${program('das2_ascii')}`,
      ]) {
        const { status, stderr } = call({
          command: '/bin/sh',
          args: ['-c', command],
          environment: { PATH: '/usr/bin:/bin' },
        });
        t.not(status, 0, `${command.replace(folder, '')}: fails`);
        t.match(stderr, /^das2_ascii: [^\n]{3,300}\n$/, `${command.replace(folder, '')}: one line`);
        t.notMatch(stderr, /\n +at |bunfs|node:|=>|\.js:/, 'no stack');
      }
      t.end();
    });

    t.test('a reader that goes away is no fault', (t) => {
      const command = `${program('das2srv')} --list | true; ${program('das2srv')} --help >&-`;
      t.equal(call({ command: '/bin/sh', args: ['-c', command], environment: { PATH: '/usr/bin:/bin' } }).stderr, '');
      t.end();
    });

    t.end();
  });
}
