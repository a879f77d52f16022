/**
 * Case 85 of server-protocol 12.2: the client closes its connection during a long read, and all processes of the stages end. A file of its own,
 * since each front notices in its own way that nobody listens.
 */
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Test } from 'tap';
import { layOutProtocolFixture, type ProtocolFixture } from '../tools/protocol-fixture.js';
import { type RawTarget, requestText } from '../tools/raw-http.js';

/** `silent`: not a byte; `speaks`: a packet, then nothing; `talks`: a packet every tenth of a second. */
export type ReaderManner = 'silent' | 'speaks' | 'talks';

/** The request for which the reader runs. */
export const LONG_READ = 'server=dataset&dataset=Examples/Long&start_time=2017-01-01&end_time=2017-01-02&resolution=60';

const HEADER = `printf '[00]000025<stream version="2.2" />\\n'`;
const COMMENT = `printf '[xx]000057<comment type="log:info" source="rdr" value="talking" />\\n'`;

/** Reader and its child, both of which have to go. */
function endlessReader(folder: string, manner: ReaderManner): string {
  return `${manner === 'silent' ? ':' : HEADER}
sleep 300 &
echo "$$ $!" > ${folder}/pids.new
mv ${folder}/pids.new ${folder}/pids
${manner === 'talks' ? `while :; do ${COMMENT}; sleep 0.1; done` : 'wait'}
`;
}

/**
 * Lays out a site, lets `begin` send the request, and expects the reader to end when the function that `begin` returns has closed the
 * connection.
 */
export async function clientLeaves(
  t: Test,
  manner: ReaderManner,
  begin: (site: ProtocolFixture) => Promise<() => Promise<void> | void>,
): Promise<void> {
  const site = layOutProtocolFixture({
    sources: { 'Examples/Long': 'reader = stub_long\ndas2Stream = 1\n' },
    settings: { IDLE_TIMEOUT: '200 s' },
  });
  t.teardown(() => site.remove());
  for (const folder of [site.stateRoot, site.logPath]) chmodSync(folder, 0o777);
  site.writeProgram('stub_long', endlessReader(site.stateRoot, manner));
  const leave = await begin(site);
  const file = `${site.stateRoot}/pids`;
  t.ok(await until(() => existsSync(file)), 'the reader runs');
  const pids = readFileSync(file, 'utf8').trim().split(' ').map(Number);
  t.ok(pids.every(isRunning));
  await leave();
  t.ok(await until(() => !pids.some(isRunning)), 'all processes of the stages end');
}

/** For fronts that speak HTTP: sends the request; what is returned closes the connection, after the first byte unless `silent`. */
export async function leaveHttp(target: RawTarget, manner: ReaderManner): Promise<() => Promise<void>> {
  const socket = connect(target.port, target.host);
  await new Promise<void>((done, failed) => {
    socket.once('connect', done);
    socket.once('error', failed);
  });
  socket.on('error', () => {});
  const first = new Promise<void>((done) => socket.once('data', () => done()));
  socket.write(requestText(target, { query: LONG_READ }));
  return async () => {
    if (manner !== 'silent') await first;
    socket.destroy();
  };
}

/** Waits up to a minute for a condition. */
export async function until(condition: () => boolean): Promise<boolean> {
  for (let i = 0; i < 2400; i++) {
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
