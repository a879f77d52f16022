/** What das2_srv_check says about mistakes in the set-up of a server, once each, with what to change. Mounts need root. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { buildProgram } from '../tools/program.js';
import { layOutProtocolFixture } from '../tools/protocol-fixture.js';

const program = await buildProgram('das2_srv_check', 'bin/srv_check.ts');
t.teardown(() => program.remove());
// The program takes on the account before it is read whole.
chmodSync(dirname(program.command.at(-1) as string), 0o755);

const ARGUMENTS = ['--no-readers', '--user', 'nobody', '--config'];
const noMounts = spawnSync('unshare', ['--mount', 'true']).status !== 0 && 'mounts need root';

/** What the program says; `before` are shell commands about `$1`, the folder of the instance, in a mount space of their own; `logFile` is made first. */
function check(t: Test, settings: Record<string, string | undefined>, before?: string, logFile?: string): string {
  const fixture = layOutProtocolFixture({ settings });
  t.teardown(() => fixture.remove());
  for (const folder of ['log', 'cache', 'state']) mkdirSync(join(fixture.root, folder), { recursive: true });
  for (const folder of ['log', 'cache', 'datasets']) chmodSync(join(fixture.root, folder), 0o777);
  chmodSync(fixture.root, 0o755);
  chmodSync(fixture.configurationFile, 0o666);
  if (settings.DSDF_ROOT !== undefined)
    rmSync(join(fixture.root, settings.DSDF_ROOT), { recursive: true, force: true });
  if (logFile !== undefined) writeFileSync(join(fixture.root, 'log', logFile), '', { mode: 0o640 });
  const words = [...program.command, ...ARGUMENTS, fixture.configurationFile];
  const shell = ['unshare', '--mount', 'sh', '-c', `set -e; ${before}; shift; exec "$@"`, 'sh', fixture.root];
  const [command = '', ...rest] = before === undefined ? words : [...shell, ...words];
  const { stdout, stderr } = spawnSync(command, rest, { encoding: 'utf8' });
  return stdout + stderr;
}

t.test('a folder of definitions that is missing is told once', (t) => {
  for (const [settings, message] of [
    [{ DSDF_ROOT: 'nowhere' }, /DSDF_ROOT: .*nowhere is not a folder/],
    [{ DSDF_ROOT: undefined }, /DSDF_ROOT is not set/],
  ] as const) {
    const said = check(t, settings);
    t.match(said, message);
    t.equal(
      said.match(/DSDF_ROOT/g)?.length,
      settings.DSDF_ROOT === undefined ? 1 : 2,
      `${said}: the advice names it too`,
    );
  }
  t.end();
});

t.test('values that mean nothing', (t) => {
  const said = check(t, { CACHE_UMASK: '27x', BIN_PATH: '../bin;../readers' });
  t.match(said, /error: CACHE_UMASK: '27x' is no umask.*\n.*such as 0027/);
  t.match(said, /BIN_PATH: .*bin;\.\.\/readers is not a folder\n.*a colon stands between/);
  t.end();
});

t.test('log files of the worker are no mistake, those of others are', (t) => {
  const lines = (name: string): string => check(t, { LOG_PATH: '../log' }, undefined, name);
  t.notMatch(lines('das2.arbiter_host_0.log'), 'log file');
  const uid = process.getuid?.();
  if (uid === 0) t.match(lines('das2.127.0.0.1_0.log'), 'nobody cannot write a log file das2.127.0.0.1_0.log');
  t.end();
});

t.test('what is mounted read-only can be written by nobody', { skip: noMounts }, (t) => {
  const settings = { CACHE_ROOT: '../cache', LOG_PATH: '../log' };
  const open = check(t, settings);
  for (const part of ['DSDF_ROOT', 'CACHE_ROOT', 'configuration'])
    t.match(open, new RegExp(`${part}: nobody can write`));
  t.match(open, 'everybody on this machine can write');
  t.notMatch(open, 'LOG_PATH: nobody cannot write');
  const closed = check(t, settings, 'mount --bind "$1" "$1"; mount -o remount,ro,bind "$1"');
  t.notMatch(closed, /(?:nobody|everybody on this machine) can write/);
  t.match(closed, /LOG_PATH: nobody cannot write .*\n.*\n.*mounted read-only: .* or change LOG_PATH/);
  t.end();
});
