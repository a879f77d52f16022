/**
 * The systemd units of conf/systemd: systemd itself finds nothing to complain about, they are shut off well, and the commands in them are
 * commands that the programs know.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';
import { BIN } from '../tools/apache.js';
import { temporaryFolder } from '../tools/temporary-folder.js';

const UNITS = resolve(import.meta.dirname, '../../conf/systemd');
const names = readdirSync(UNITS).filter((name) => /\.(?:service|timer)$/.test(name));
const ANALYZE = '/usr/bin/systemd-analyze';
const built = existsSync(join(BIN, 'das2_srv_arbiter'));

/** An instance with the units for it. */
function layOut(t: Parameters<typeof temporaryFolder>[0]) {
  const folder = temporaryFolder(t);
  const prefix = join(folder.path, 'das2');
  for (const name of ['log', 'state', 'cache', 'datasets']) mkdirSync(join(prefix, name), { recursive: true });
  folder.write(
    'das2/etc/das2server.conf',
    'DSDF_ROOT = ../datasets\nLOG_PATH = ../log\nSTATE_ROOT = ../state\nCACHE_ROOT = ../cache\n',
  );
  symlinkSync(BIN, join(prefix, 'bin'));
  const units = join(folder.path, 'units');
  cpSync(UNITS, units, { recursive: true });
  for (const name of names) {
    const file = join(units, name);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('/opt/das2', prefix));
  }
  return { prefix, units };
}

function analyze(units: string, ...args: string[]) {
  // The folder first, then those of the system: units name others, and the drop-in file is found there.
  const run = spawnSync(ANALYZE, args, {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', SYSTEMD_UNIT_PATH: `${units}:` },
  });
  return { status: run.status, text: `${run.stdout}${run.stderr}` };
}

const missing = !existsSync(ANALYZE)
  ? `${ANALYZE} is not installed`
  : built
    ? undefined
    : 'nothing is built (scripts/build)';
t.test('systemd reads the units without complaint', missing === undefined ? {} : { skip: missing }, async (t) => {
  const { units } = layOut(t);
  for (const name of names) t.match(analyze(units, 'verify', join(units, name)), { status: 0, text: /^$/ }, name);
  for (const name of names.filter((unit) => unit.endsWith('.service'))) {
    const { status, text } = analyze(units, 'security', '--offline=true', '--threshold=30', join(units, name));
    t.equal(status, 0, `${name}: ${/Overall.*/.exec(text)?.[0]}`);
  }
  const wrong = join(units, 'das2-check.service');
  writeFileSync(wrong, readFileSync(wrong, 'utf8').replace('Nice=10', 'Nise=10'));
  t.match(analyze(units, 'verify', wrong).text, 'Nise', 'it would see a mistake');
});

/** The words of the active command of a unit. */
function commandOf(units: string, name: string): string[] {
  const line = /^ExecStart=(.*)$/m.exec(readFileSync(join(units, name), 'utf8'))?.[1] ?? '';
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((word) => word[1] ?? word[2] ?? '');
}

t.test('the commands in the units run', built ? {} : { skip: 'nothing is built (scripts/build)' }, async (t) => {
  const { prefix, units } = layOut(t);
  for (const name of ['das2-check', 'das2-cache', 'das2-logs']) {
    const [program = '', ...words] = commandOf(units, `${name}.service`);
    const run = spawnSync(program, words, { encoding: 'utf8' });
    t.ok(run.status === 0 || (name === 'das2-check' && run.status === 1), `${name}: ${run.stdout}${run.stderr}`);
  }
  for (const name of ['das2-httpd', 'das2-arbiter']) {
    const [program = '', ...words] = commandOf(units, `${name}.service`);
    t.match(spawnSync(program, [...words, '--help']), { status: 0 }, `${name}: its options are options`);
    t.ok(words.includes(join(prefix, 'etc/das2server.conf')), `${name}: the configuration of the instance`);
  }
});

t.test('the check may write what the server may, or it would say that the server cannot', async (t) => {
  const writable = (unit: string) => /^ReadWritePaths=(.*)$/m.exec(readFileSync(join(UNITS, unit), 'utf8'))?.[1];
  t.match(writable('das2-httpd.service'), /log .*state/);
  t.equal(writable('das2-check.service'), writable('das2-httpd.service'));
});

t.test('what the clearing of logs takes and leaves', async (t) => {
  const { prefix, units } = layOut(t);
  const old = new Date(Date.now() - 30 * 86_400_000);
  const files = [
    'das2.192.0.2.7_1.log',
    'das2.2001:db8::7_12.log',
    'das2.access_202001.log',
    'mine_1.log',
    'das2.x_1.log.gz',
  ];
  for (const name of files) {
    writeFileSync(join(prefix, 'log', name), 'x\n');
    utimesSync(join(prefix, 'log', name), old, old);
  }
  writeFileSync(join(prefix, 'log/das2.192.0.2.8_1.log'), 'x\n');
  const [program = '', ...words] = commandOf(units, 'das2-logs.service');
  t.equal(spawnSync(program, words).status, 0);
  t.same(readdirSync(join(prefix, 'log')).sort(), [
    'das2.192.0.2.8_1.log',
    'das2.access_202001.log',
    'das2.x_1.log.gz',
    'mine_1.log',
  ]);
});

t.test('each timer has its service, and each file tells how to install it', async (t) => {
  for (const name of names) {
    const text = readFileSync(join(UNITS, name), 'utf8');
    t.match(text, /^# /, name);
    if (name.endsWith('.timer')) t.ok(names.includes(name.replace(/timer$/, 'service')), name);
    else t.match(text, /^# cp -r .*das2-\.service\.d .*daemon-reload$/m, `${name} names the drop-in file`);
  }
});
