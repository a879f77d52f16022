/**
 * Words to the service manager, with a program in the place of systemd-notify that writes down what it is told.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { serviceManager } from '../../../lib/worker/arbiter/service-manager.js';
import { until } from '../../pipeline/tools.js';
import { temporaryFolder } from '../../tools/temporary-folder.js';
import { toolCommand } from '../../tools/tool-driver.js';

t.test('without a service manager nothing is said', async (t) => {
  const manager = serviceManager({ WATCHDOG_USEC: '1000000' });
  await manager.tell('READY=1');
  t.equal(manager.watchdogMs, undefined);
});

t.test('with one, it hears of this process', async (t) => {
  const folder = temporaryFolder(t);
  const said = join(folder.path, 'said');
  chmodSync(folder.write('systemd-notify', `#!/bin/sh\necho "$NOTIFY_SOCKET $*" >> ${said}\n`), 0o755);
  const environment = { PATH: `${folder.path}:/usr/bin:/bin`, NOTIFY_SOCKET: '/run/x', WATCHDOG_USEC: '30000000' };
  const manager = serviceManager(environment);
  await manager.tell('READY=1', 'STATUS=2 slots');
  t.equal(readFileSync(said, 'utf8'), `/run/x --pid=${process.pid} READY=1 STATUS=2 slots\n`);
  t.equal(manager.watchdogMs, 15_000);
  t.equal(serviceManager({ ...environment, WATCHDOG_PID: `${process.pid}` }).watchdogMs, 15_000);
  t.equal(serviceManager({ ...environment, WATCHDOG_PID: '1' }).watchdogMs, undefined, 'somebody else is watched');
  t.equal(serviceManager({ ...environment, WATCHDOG_USEC: 'x' }).watchdogMs, undefined);
});

/** What the two daemons say first. */
const DAEMONS = {
  arbiter: { options: [], ready: /^READY=1 STATUS=2 slots$/ },
  httpd: {
    options: ['--listen', '127.0.0.1:0'],
    ready: /^READY=1 STATUS=listening on http:\/\/127\.0\.0\.1:\d+\/das\/server$/,
  },
};

for (const [name, { options, ready }] of Object.entries(DAEMONS)) {
  t.test(`das2_srv_${name} says that it is ready, that it lives, and that it ends`, async (t) => {
    const folder = temporaryFolder(t);
    const said = join(folder.path, 'said');
    chmodSync(folder.write('bin/systemd-notify', `#!/bin/sh\nshift; echo "$*" >> ${said}\n`), 0o755);
    folder.write('datasets/.keep', '');
    folder.write('state/.keep', '');
    const file = folder.write(
      'etc/das2server.conf',
      'DSDF_ROOT = ../datasets\nSTATE_ROOT = ../state\nCACHE_ROOT = ../cache\n',
    );
    const [program = '', ...words] = await toolCommand(folder, `srv_${name}`, `das2_srv_${name}`);
    const child = spawn(program, [...words, '--config', file, ...options], {
      stdio: 'ignore',
      env: { PATH: `${folder.path}/bin:/usr/bin:/bin`, NOTIFY_SOCKET: '/run/x', WATCHDOG_USEC: '100000' },
    });
    t.teardown(() => child.kill('SIGKILL'));
    const lines = (): string[] => (existsSync(said) ? readFileSync(said, 'utf8').trimEnd().split('\n') : []);
    t.ok(await until(() => lines().filter((line) => line === 'WATCHDOG=1').length >= 3, 60_000), 'signs of life');
    t.match(lines()[0], ready, 'ready comes first');
    child.kill('SIGTERM');
    await once(child, 'exit');
    t.ok(await until(() => lines().includes('STOPPING=1'), 10_000), 'the end');
  });
}

t.test('one that cannot be told is no reason to fail', async () => {
  await serviceManager({ PATH: '/nonexistent', NOTIFY_SOCKET: '/run/x' }).tell('READY=1');
});
