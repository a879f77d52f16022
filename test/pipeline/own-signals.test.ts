import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { isRunning, processIds, temporaryFolder, until } from './tools.js';

const PROGRAM = fileURLToPath(new URL('own-signal-program.ts', import.meta.url));

/** What makes sources run under this node, without the test runner's own hooks, which listen for signals too. */
const LOADER = process.execArgv.filter((option) => option.includes('tapjs/typescript'));

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  t.test(`${signal} to this program ends readers, and then it takes its course`, async (t) => {
    const file = join(temporaryFolder(t), 'pids');
    const child = spawn(process.execPath, [...LOADER, PROGRAM, 'ignore-term', file], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: '/usr/bin:/bin' },
    });
    t.teardown(() => child.kill('SIGKILL'));
    const exit = new Promise((resolve) => child.on('exit', (status, by) => resolve([status, by])));
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    const ids = processIds(file);
    t.ok(ids.every(isRunning));
    child.kill(signal);
    t.same(await exit, [null, signal]);
    t.ok(await until(() => !ids.some(isRunning)), 'reader and grandchild have ended');
  });
}
