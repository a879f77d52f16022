/**
 * Words to the service manager, with a program in the place of systemd-notify that writes down what it is told.
 */
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { serviceManager } from '../../lib/worker/service-manager.js';
import { temporaryFolder } from '../tools/temporary-folder.js';

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
});

t.test('one that cannot be told is no reason to fail', async () => {
  await serviceManager({ PATH: '/nonexistent', NOTIFY_SOCKET: '/run/x' }).tell('READY=1');
});
