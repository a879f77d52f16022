/**
 * 64 clients at one time: never more readers than allowed, on the whole and for one address, whichever program serves them;
 * everybody is served or told when to come again; lists stay quick meanwhile; killed programs give their slots back
 * (server-internals 1.4, 8.6). Times are printed, not judged.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { BIN } from '../tools/apache.js';
import { type CgiProgram, mainProgram } from '../tools/cgi-driver.js';
import { httpdProgram, startHttpd } from '../tools/httpd-driver.js';
import { layOutProtocolFixture, type ProtocolFixture } from '../tools/protocol-fixture.js';
import { askCgi, askHttpd, type LoadAnswer, startClient, summary } from './clients.js';

const CLIENTS = 64;
const DATA = 'server=dataset&dataset=Slow&start_time=2017-01-01&end_time=2017-01-02';

/**
 * Puts a file into `running` while it runs and writes down how many of them there were when it began: in all, and of its own
 * address. Nothing but built-in words of the shell until the count is done. `params` is the time it takes, or `held`: until `goOn`.
 */
const SLOW_READER = `
SITE=\${0%/bin/*}
cd "$SITE/log/running" || exit 9
: > "$REMOTE_ADDR-$$"
all=0
for file in *; do all=$((all + 1)); done
own=0
for file in "$REMOTE_ADDR"-*; do own=$((own + 1)); done
echo "$all $own $$" >> ../counts
printf '[00]000025<stream version="2.2" />\\n'
if [ "$3" = held ]; then
  while [ ! -e ../go-on ]; do sleep 0.05; done
else
  sleep "$3"
fi
rm -f "$REMOTE_ADDR-$$"
`;

const executables = existsSync(join(BIN, 'das2_srv_httpd'));
if (executables) process.env.DAS2SRV_BIN ||= BIN;
const program = await mainProgram();
t.teardown(() => program.remove());
t.comment(executables ? `executables of ${BIN}` : 'sources, bundled for this Node');

function loadSite(t: Test, settings: Record<string, string>): ProtocolFixture {
  const site = layOutProtocolFixture({
    settings: { PASS_ENV: 'REMOTE_ADDR', ...settings },
    sources: { Slow: 'reader = slow\ndas2Stream = 1\n' },
  });
  t.teardown(() => site.remove());
  site.writeProgram('slow', SLOW_READER);
  mkdirSync(join(site.logPath, 'running'));
  return site;
}

/** Lets readers that are held come to their end. */
function goOn(site: ProtocolFixture): void {
  writeFileSync(join(site.logPath, 'go-on'), '');
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** True if a process has a handler for TERM. */
function listensToTerm(processId: number | undefined): boolean {
  const caught = /^SigCgt:\s*(\w+)$/m.exec(readFileSync(`/proc/${processId}/status`, 'utf8'))?.[1] ?? '0';
  return ((BigInt(`0x${caught}`) >> 14n) & 1n) === 1n;
}

/** How many readers ran at one time. */
function readerCounts(site: ProtocolFixture): { readers: number; most: number; mostOfOne: number } {
  const lines = readFileSync(join(site.logPath, 'counts'), 'utf8').trim().split('\n');
  const counts = lines.map((line) => line.split(' ').map(Number));
  return {
    readers: lines.length,
    most: Math.max(...counts.map(([all = 0]) => all)),
    mostOfOne: Math.max(...counts.map(([, own = 0]) => own)),
  };
}

function tickets(site: ProtocolFixture): string[] {
  const folder = join(site.stateRoot, 'pipelines');
  return readdirSync(folder).flatMap((machine) => readdirSync(join(folder, machine)));
}

/** Times of `server=list` until `done` settles. */
async function listTimes(program: CgiProgram, site: ProtocolFixture, done: Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  let over = false;
  done.finally(() => {
    over = true;
  });
  while (!over) {
    const answer = await askCgi(program, site, 'server=list', '192.0.2.200');
    if (answer.status !== 200) throw new Error(`list answered ${answer.status}`);
    times.push(answer.milliseconds);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return times;
}

t.test('64 clients, half through CGI, half through the embedded server', async (t) => {
  const limits = { MAX_PIPELINES: '6', MAX_PIPELINES_PER_IP: '2', PIPELINE_WAIT: '200' };
  const site = loadSite(t, limits);
  const httpd = await httpdProgram();
  const server = await startHttpd(httpd, site.configurationFile);
  t.teardown(async () => {
    await server.stop();
    httpd.remove();
  });
  const idle: number[] = [];
  for (let i = 0; i < 5; i++) idle.push((await askCgi(program, site, 'server=list', '192.0.2.200')).milliseconds);

  const start = performance.now();
  const asked = Promise.all(
    Array.from({ length: CLIENTS }, (_, i): Promise<LoadAnswer> => {
      // Eight addresses; each asks both programs.
      const address = `127.0.0.${10 + (i % 8)}`;
      const query = `${DATA}&params=0.2`;
      return (i >> 3) % 2 === 0 ? askCgi(program, site, query, address) : askHttpd(server, query, address);
    }),
  );
  const [answers, meanwhile] = await Promise.all([asked, listTimes(program, site, asked)]);
  const { readers, most, mostOfOne } = readerCounts(site);
  t.same(
    answers.map(({ status }) => status),
    answers.map(() => 200),
    'all are served',
  );
  t.equal(readers, CLIENTS);
  t.ok(most <= 6, `never more than 6 readers: ${most}`);
  t.ok(mostOfOne <= 2, `never more than 2 of one address: ${mostOfOne}`);
  t.same(tickets(site), [], 'all slots are free again');
  t.comment(
    `64 clients took ${((performance.now() - start) / 1000).toFixed(1)} s; at most ${most} readers at one time`,
  );
  t.comment(`data: ${summary(answers.map(({ milliseconds }) => milliseconds))}`);
  t.comment(`server=list before: ${summary(idle)}`);
  t.comment(`server=list meanwhile: ${summary(meanwhile)}`);
});

t.test('64 clients who do not wait long', async (t) => {
  const site = loadSite(t, { MAX_PIPELINES: '4', MAX_PIPELINES_PER_IP: '4', PIPELINE_WAIT: '1' });
  const answers = await Promise.all(
    Array.from({ length: CLIENTS }, (_, i) => askCgi(program, site, `${DATA}&params=1.5`, `192.0.2.${i % 16}`)),
  );
  const served = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status === 503);
  t.equal(served.length + refused.length, CLIENTS, 'served or refused');
  t.ok(served.length >= 4 && refused.length > 0, `${served.length} served, ${refused.length} refused`);
  t.equal(readerCounts(site).readers, served.length, 'those who were refused ran nothing');
  t.ok(readerCounts(site).most <= 4);
  for (const { headers, body } of refused) {
    t.match(headers, { 'Retry-After': /^[1-9]\d*$/, 'Content-Type': 'text/vnd.das2.das2stream; charset=utf-8' });
    t.match(body, /\[xx\]\d{6}<exception type="ServerError" message="the server is busy/);
  }
  t.same(tickets(site), []);
  t.comment(`${served.length} served, ${refused.length} told to come again`);
});

t.test('one address does not keep others waiting', async (t) => {
  const site = loadSite(t, { MAX_PIPELINES: '4', MAX_PIPELINES_PER_IP: '2', PIPELINE_WAIT: '200' });
  const ask = async (address: string, params: string): Promise<void> => {
    const { status } = await askCgi(program, site, `${DATA}&params=${params}`, address);
    t.equal(status, 200);
  };
  const greedy = Array.from({ length: 16 }, () => ask('192.0.2.1', 'held'));
  await until(() => tickets(site).length === 16);
  await Promise.all([ask('192.0.2.2', '0'), ask('192.0.2.3', '0')]);
  t.equal(tickets(site).length, 16, 'those of the one address are all still there');
  goOn(site);
  await Promise.all(greedy);
  t.equal(readerCounts(site).readers, 18);
  t.ok(readerCounts(site).mostOfOne <= 2);
});

t.test('killed programs give their slots back', async (t) => {
  const site = loadSite(t, { MAX_PIPELINES: '2', MAX_PIPELINES_PER_IP: '2', PIPELINE_WAIT: '200' });
  const holders = [0, 1].map(() => startClient(program, site, `${DATA}&params=120`, '192.0.2.1'));
  await until(() => existsSync(join(site.logPath, 'counts')) && readerCounts(site).readers === 2);
  const readers = readFileSync(join(site.logPath, 'counts'), 'utf8').trim().split('\n');
  t.teardown(() => {
    // Readers are the leaders of their groups, with nobody to end them but programs that run later.
    for (const line of readers) {
      try {
        process.kill(-Number(line.split(' ')[2]), 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  });
  const waiting = askCgi(program, site, `${DATA}&params=0`, '192.0.2.2');
  await new Promise((resolve) => setTimeout(resolve, 500));
  t.equal(readerCounts(site).readers, 2, 'the third waits');
  for (const holder of holders) holder.kill('SIGKILL');
  t.equal((await waiting).status, 200);
  t.same(tickets(site), []);
});

t.test('clients that leave while they wait', async (t) => {
  const site = loadSite(t, { MAX_PIPELINES: '1', PIPELINE_WAIT: '200' });
  const httpd = await httpdProgram();
  const server = await startHttpd(httpd, site.configurationFile);
  t.teardown(async () => {
    await server.stop();
    httpd.remove();
  });
  const first = askHttpd(server, `${DATA}&params=held`, '127.0.0.1');
  await until(() => existsSync(join(site.logPath, 'counts')));
  const { connect } = await import('node:net');
  const leaving = Array.from({ length: 5 }, () => {
    const socket = connect(server.port, server.host);
    socket.on('error', () => {});
    socket.write(`GET ${server.mountPath}?${DATA}&params=0 HTTP/1.1\r\nHost: x\r\n\r\n`);
    return socket;
  });
  const cgi = startClient(program, site, `${DATA}&params=0`, '192.0.2.2');
  // One that is killed before it listens to signals leaves its ticket behind, until somebody is kept waiting by it.
  await until(() => tickets(site).length === 7 && listensToTerm(cgi.pid));
  for (const socket of leaving) socket.destroy();
  cgi.kill('SIGTERM');
  // They are out of the row.
  await until(() => tickets(site).length === 1);
  goOn(site);
  t.equal((await first).status, 200);
  t.equal(readerCounts(site).readers, 1, 'nothing was run for them');
});
