/** Signals that end this program: they end its readers as well, and then take their course. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { bundleProgram } from '../../tools/program.js';
import { FAULTS, isRunning, processIds, temporaryFolder, until } from '../tools.js';

// Without the hooks of the test runner, which listen for signals too.
const program = await bundleProgram('test/pipeline/process/own-signal-program.ts');
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

t.test('KILL to this program: the next one that starts a reader ends what it has left', async (t) => {
  const folder = temporaryFolder(t);
  const start = async (name: string) => {
    const file = join(folder, name);
    const [command = '', ...words] = program.command;
    const child = spawn(command, [...words, FAULTS, 'ignore-term', file], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: '/usr/bin:/bin', STATE: folder },
    });
    t.teardown(() => child.kill('SIGTERM'));
    const exit = new Promise((resolve) => child.on('exit', (_status, by) => resolve(by)));
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    return { child, exit, ids: processIds(file) };
  };
  const first = await start('first');
  first.child.kill('SIGKILL');
  t.equal(await first.exit, 'SIGKILL');
  t.ok(first.ids.every(isRunning), 'nobody could end them');
  const second = await start('second');
  t.ok(await until(() => !first.ids.some(isRunning)), 'reader and grandchild have ended');
  t.ok(second.ids.every(isRunning), 'its own go on');
  second.child.kill('SIGTERM');
  t.equal(await second.exit, 'SIGTERM');
});
