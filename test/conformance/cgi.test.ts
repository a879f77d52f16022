/** The conformance cases of server-protocol 12.2 against the CGI program. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { cgiDriver, mainProgram, startCgi } from '../tools/cgi-driver.js';
import { layOutProtocolFixture } from '../tools/protocol-fixture.js';
import { runConformance } from './run.js';

await runConformance(t, await cgiDriver());

/** Reader and its child, both of which have to go; `speaks` writes a packet first. */
function endlessReader(folder: string, speaks: boolean): string {
  return `${speaks ? `printf '[00]000025<stream version="2.2" />\\n'` : ':'}
sleep 300 &
echo "$$ $!" > ${folder}/pids.new
mv ${folder}/pids.new ${folder}/pids
wait
`;
}

async function until(condition: () => boolean): Promise<boolean> {
  for (let i = 0; i < 400; i++) {
    if (condition()) return true;
    await pause(25);
  }
  return false;
}

function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

async function clientLeaves(t: Test, speaks: boolean): Promise<void> {
  const program = await mainProgram();
  const site = layOutProtocolFixture({
    sources: { 'Examples/Long': 'reader = stub_long\ndas2Stream = 1\n' },
    settings: { IDLE_TIMEOUT: '200 s' },
  });
  t.teardown(() => {
    program.remove();
    site.remove();
  });
  site.writeProgram('stub_long', endlessReader(site.stateRoot, speaks));
  const child = startCgi(program, site, {
    query: 'server=dataset&dataset=Examples/Long&start_time=2017-01-01&end_time=2017-01-02&resolution=60',
  });
  const file = join(site.stateRoot, 'pids');
  t.ok(await until(() => existsSync(file)), 'the reader runs');
  const pids = readFileSync(file, 'utf8').trim().split(' ').map(Number);
  t.ok(pids.every(isRunning));
  // What a web server does when the client closes its connection.
  child.stdout?.destroy();
  child.kill('SIGTERM');
  t.ok(await until(() => child.exitCode !== null || child.signalCode !== null), 'the program ends');
  t.ok(await until(() => !pids.some(isRunning)), 'all processes of the stages end');
}

t.test('85: the client leaves in the middle of the answer', (t) => clientLeaves(t, true));
t.test('85: the client leaves before the first byte', (t) => clientLeaves(t, false));
