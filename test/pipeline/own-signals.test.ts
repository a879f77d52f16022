/** Signals that end this program: they end its readers as well, and then take their course. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { bundleProgram } from '../tools/program.js';
import { FAULTS, isRunning, processIds, temporaryFolder, until } from './tools.js';

// Without the hooks of the test runner, which listen for signals too.
const program = await bundleProgram('test/pipeline/own-signal-program.ts');
t.teardown(() => program.remove());

// Each waits for readers that take their time to end.
t.jobs = 3;
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  t.test(`${signal} to this program ends readers, and then it takes its course`, async (t) => {
    const file = join(temporaryFolder(t), 'pids');
    const [command = '', ...words] = program.command;
    const child = spawn(command, [...words, FAULTS, 'ignore-term', file], {
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
