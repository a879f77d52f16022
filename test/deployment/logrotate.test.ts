/** conf/logrotate-das2.example as logrotate takes it: files of others are rotated, those of the server are left alone. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';
import { temporaryFolder } from '../tools/temporary-folder.js';

const EXAMPLE = resolve(import.meta.dirname, '../../conf/logrotate-das2.example');
const LOGROTATE = '/usr/sbin/logrotate';
const missing = !existsSync(LOGROTATE)
  ? `${LOGROTATE} is not installed`
  : process.getuid?.() === 0
    ? undefined
    : 'only root may change to the accounts of the example';

t.test('rotation', missing === undefined ? {} : { skip: missing }, async (t) => {
  const folder = temporaryFolder(t);
  const log = join(folder.path, 'log');
  mkdirSync(log);
  chmodSync(log, 0o2770);
  for (const name of ['httpd.err', 'check.txt', 'das2.192.0.2.7_1.log', 'das2.access_202601.log']) {
    writeFileSync(join(log, name), 'a line\n');
  }
  // The folder for the log of the server must not be open for others on the way to it either.
  chmodSync(folder.path, 0o755);
  const file = folder.write('das2', readFileSync(EXAMPLE, 'utf8').replaceAll('/opt/das2/log', log));
  chmodSync(file, 0o644);
  const run = spawnSync(LOGROTATE, ['--force', '--state', join(folder.path, 'state'), file], { encoding: 'utf8' });
  t.match(run, { status: 0, stderr: '' });
  t.same(readdirSync(log).sort(), [
    'check.txt',
    'check.txt.1',
    'das2.192.0.2.7_1.log',
    'das2.access_202601.log',
    'httpd.err',
    'httpd.err.1',
  ]);
  t.equal(readFileSync(join(log, 'httpd.err'), 'utf8'), '', 'cut, not moved: a process goes on writing to it');
  t.equal(readFileSync(join(log, 'das2.access_202601.log'), 'utf8'), 'a line\n');
});
