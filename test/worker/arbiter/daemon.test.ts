import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { takePidFile } from '../../../lib/worker/arbiter/daemon.js';

t.test('a pid file that cannot be written', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'das2-daemon-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const wanted = join(file, 'worker.pid');
  t.throws(() => takePidFile(wanted), {
    code: 'configuration',
    data: {
      detail: `--daemon: ${wanted} cannot be written (ENOTDIR); name a file in a folder that this account can write`,
    },
  });
  t.end();
});
