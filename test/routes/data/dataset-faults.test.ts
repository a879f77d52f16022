/** Readers that misbehave, through the CGI program and the embedded server: the outcome table of server-protocol 4.6.5. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { until } from '../../pipeline/tools.js';
import { cgiDriver } from '../../tools/cgi-driver.js';
import { dayOf, FAULT_CASES, lastException, layOutFaultSite } from '../../tools/fault-site.js';
import { httpdDriver } from '../../tools/httpd-driver.js';
import { CLIENT_ADDRESS, header } from '../../tools/protocol-driver.js';

// All of this before the first test: tap ends as soon as it has nothing to do.
const drivers = await Promise.all([cgiDriver(), httpdDriver()]);
const site = layOutFaultSite();
t.teardown(async () => {
  for (const driver of drivers) await driver.close();
  site.remove();
});

for (const driver of drivers) {
  t.test(driver.name, async (t) => {
    for (const [name, expected] of Object.entries(FAULT_CASES)) {
      await t.test(name, async (t) => {
        const response = await driver.send(site, { query: dayOf(`Faults/${name}`, expected.query) });
        const text = response.body.toString('latin1');
        t.equal(response.status, expected.status, 'status');
        t.equal(response.aborted, expected.cut ?? false, 'seen to be incomplete');
        if (expected.begins !== undefined) t.equal(text.slice(0, expected.begins.length), expected.begins);
        const exception = lastException(response.body);
        t.equal(exception?.type, expected.exception, 'exception');
        if (expected.message !== undefined) t.match(exception?.message, expected.message);
        t.notMatch(exception?.message ?? '', /stub|faults|\/data|\/tmp|\/work/, 'nothing of the host');
      });
    }
  });
}

t.test('a stream that ends inside a packet is cut and told in the log, also where all stages ended well', async (t) => {
  const site = layOutFaultSite();
  const driver = await cgiDriver();
  t.teardown(async () => {
    await driver.close();
    site.remove();
  });
  writeFileSync(join(site.dsdfRoot, 'Half.dsdf'), "reader = 'half-packet; :'\ndas2Stream = 1\n");
  const { status, body, aborted } = await driver.send(site, { query: dayOf('Half') });
  t.match({ status, body: body.toString(), aborted }, { status: 200, body: /\n\[xx\]0$/, aborted: true });
  const file = readdirSync(site.logPath).find((name) => name.startsWith(`das2.${CLIENT_ADDRESS}_`)) ?? '';
  t.match(readFileSync(join(site.logPath, file), 'utf8'), /ends inside a packet, although no stage/);
});

t.test('the log has it all, the client the end of standard error', async (t) => {
  const site = layOutFaultSite({ ERROR_DETAIL: 'id' });
  const driver = await cgiDriver();
  t.teardown(async () => {
    await driver.close();
    site.remove();
  });
  const { body } = await driver.send(site, { query: dayOf('Faults/ExitsAtOnce', "&params=a%20'b%20c'") });
  const message = lastException(body)?.message ?? '';
  t.notMatch(message, /no such file/, 'ERROR_DETAIL = id');
  const id = /\(request ([a-z0-9]+)\)/.exec(message)?.[1] ?? 'none';
  const file = readdirSync(site.logPath).find((name) => name.startsWith(`das2.${CLIENT_ADDRESS}_`)) ?? '';
  const log = readFileSync(join(site.logPath, file), 'utf8');
  for (const line of [
    id,
    `Source definition: ${site.dsdfRoot}/Faults/ExitsAtOnce.dsdf`,
    'Output file name: ExitsAtOnce_2017-01-01_2017-01-02.d2s',
    'Cache: not used',
    'Host: ',
    "reader: exit-at-once 7; exit 7 2017-01-01 2017-01-02 a 'b c'",
    'reader: status 7, 0 bytes in, 0 bytes out',
    'no such file: /data/secret/cassini.dat',
    'Pipeline failed; 0 bytes, first byte none',
  ]) {
    t.ok(log.includes(line), line);
  }
  const access = readdirSync(site.logPath).find((name) => name.startsWith('das2.access_')) ?? '';
  t.match(JSON.parse(readFileSync(join(site.logPath, access), 'utf8')), {
    kind: 'dataset',
    dataset: 'Faults/ExitsAtOnce',
    begin: '2017-01-01',
    end: '2017-01-02',
    params: "a 'b c'",
    cache: 'off',
    readerExit: 7,
    status: 500,
    requestId: id,
  });
});

t.test('more requests than pipelines: 503 with Retry-After, then free again', async (t) => {
  const site = layOutFaultSite({
    MAX_PIPELINES: '1',
    PIPELINE_WAIT: '0.2',
    FIRST_BYTE_TIMEOUT: '100',
    IDLE_TIMEOUT: '100',
  });
  const driver = await cgiDriver();
  t.teardown(async () => {
    await driver.close();
    site.remove();
  });
  // A reader that tells that it runs, and ends when it is told.
  const [runs, mayEnd] = [join(site.root, 'runs'), join(site.root, 'may-end')];
  site.writeProgram('held', `: >'${runs}'\nuntil [ -e '${mayEnd}' ]; do sleep 0.05; done\nexec slow-packets 1 0\n`);
  writeFileSync(join(site.dsdfRoot, 'Held.dsdf'), 'reader = held\ndas2Stream = 1\n');
  const held = driver.send(site, { query: dayOf('Held') });
  t.ok(await until(() => existsSync(runs), 60_000), 'the first request runs');
  const refused = await driver.send(site, { query: dayOf('Points') });
  t.equal(refused.status, 503);
  t.match(header(refused, 'Retry-After'), /^\d+$/);
  t.equal(lastException(refused.body)?.type, 'ServerError');
  writeFileSync(mayEnd, '');
  t.equal((await held).status, 200);
  t.equal((await driver.send(site, { query: dayOf('Points') })).status, 200);
});
