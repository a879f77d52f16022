/**
 * The real thing: data through Apache and mod_cgid, with readers and reducers at work, and the same requests through
 * das2_srv_httpd, whose bodies must be identical.
 */

import { chmodSync, mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { streamViolations } from '../conformance/check.js';
import { isRunning, processIds, until } from '../pipeline/tools.js';
import { apacheMissing, startApache } from '../tools/apache.js';
import { dayOf, FAULT_CASES, lastException, layOutFaultSite } from '../tools/fault-site.js';
import { httpdProgram, startHttpd } from '../tools/httpd-driver.js';
import { header, type RequestSpec } from '../tools/protocol-driver.js';
import { requestText, sendHttp } from '../tools/raw-http.js';

const missing = apacheMissing();
if (missing !== undefined) {
  t.pass(`skipped: ${missing}`, { skip: missing });
} else {
  const site = layOutFaultSite({ SERVER_URL: 'http://das.example.org/das/server' });
  const apache = await startApache(site);
  const program = await httpdProgram();
  const httpd = await startHttpd(program, site.configurationFile);
  t.teardown(async () => {
    await apache.stop();
    await httpd.stop();
    program.remove();
    site.remove();
  });

  /** Text of a body with the request id masked. */
  const masked = (body: Buffer): string => body.toString('latin1').replace(/request [a-z0-9]{12}/g, 'request ID');

  const requests: Record<string, RequestSpec> = {
    list: { query: 'server=list' },
    dsdf: { query: 'server=dsdf&dataset=Points' },
    unreduced: { query: dayOf('Points') },
    reduced: { query: dayOf('Points', '&resolution=600') },
    'reduced text': { query: dayOf('Points', '&resolution=600&ascii=1') },
    text: { query: dayOf('Points', '&ascii=1') },
    'path form': { path: '/data/Points', query: 'start_time=2017-01-01&end_time=2017-01-02' },
    'encoded slash': { path: '/data/Faults%2FNothing', query: 'start_time=2017-01-01&end_time=2017-01-02' },
    'HTTP/1.0': { query: dayOf('Points'), httpVersion: '1.0' },
    'no such source': { query: dayOf('Nope') },
    browser: { query: dayOf('Nope'), headers: { 'User-Agent': 'Mozilla/5.0 Firefox/120.0' } },
    'a query without =': { query: '--version' },
    'a query that looks like options': { query: '-e+1' },
  };
  for (const [name, { reader: _reader, query, cut }] of Object.entries(FAULT_CASES)) {
    if (cut !== true) requests[name] = { query: dayOf(`Faults/${name}`, query) };
  }

  t.test('Apache and the embedded server give the same bodies', async (t) => {
    for (const [name, request] of Object.entries(requests)) {
      const [a, b] = await Promise.all([sendHttp(apache, request), sendHttp(httpd, request)]);
      t.equal(a.status, b.status, `${name}: status`);
      t.same(streamViolations(b), [], `${name}: what claims to be a stream is one`);
      t.equal(header(a, 'Content-Type'), header(b, 'Content-Type'), `${name}: type`);
      t.equal(header(a, 'Content-Disposition'), header(b, 'Content-Disposition'), `${name}: file name`);
      // Pages tell how long the server has been running.
      if (!header(a, 'Content-Type')?.startsWith('text/html')) t.equal(masked(a.body), masked(b.body), `${name}: body`);
      t.equal(a.aborted || b.aborted, false, `${name}: whole`);
    }
  });

  t.test('data', async (t) => {
    const full = await sendHttp(apache, { query: dayOf('Points') });
    t.equal(full.body.toString('latin1').split('\n:01:').length - 1, 10_000, 'all records');
    const reduced = await sendHttp(apache, { query: dayOf('Points', '&resolution=600&ascii=1') });
    const records = reduced.body
      .toString('latin1')
      .split(/(?=:01:)/)
      .slice(1);
    t.equal(records.length, 144, 'a bin each ten minutes');
    t.match(records[0], /^:01:2017-01-01T00:05:00\.000/, 'on the grid');
  });

  t.test('eight at a time', async (t) => {
    const whole = (await sendHttp(apache, { query: dayOf('Points') })).body;
    const bodies = await Promise.all(Array.from({ length: 8 }, () => sendHttp(apache, { query: dayOf('Points') })));
    for (const { status, body } of bodies) t.ok(status === 200 && body.equals(whole));
  });

  t.test('an answer that is cut: the log of Apache has nothing to add, the status of the program tells', async (t) => {
    const response = await sendHttp(apache, { query: dayOf('Faults/HalfPacket') });
    t.equal(response.status, 200);
    t.equal(lastException(response.body), undefined, 'nothing is appended to half a packet');
    t.equal((await sendHttp(httpd, { query: dayOf('Faults/HalfPacket') })).aborted, true, 'the embedded server resets');
  });

  t.test('the client goes away: reader and its children end', async (t) => {
    for (const [name, target] of Object.entries({ apache, httpd })) {
      const folder = join(site.stateRoot, `pids-${name}`);
      mkdirSync(folder);
      chmodSync(folder, 0o777);
      const file = join(folder, 'pids');
      site.writeSource(`Busy-${name}`, `reader = 'sh -c "echo \\$\\$ > ${file}; exec forever"; : '\ndas2Stream = 1\n`);
      await new Promise<void>((resolve, reject) => {
        const socket = connect(target.port, target.host, () =>
          socket.write(requestText(target, { query: dayOf(`Busy-${name}`) })),
        );
        let bytes = 0;
        socket.on('error', reject);
        socket.on('data', (chunk) => {
          bytes += chunk.length;
          if (bytes < 200_000) return;
          socket.destroy();
          resolve();
        });
      });
      const ids = processIds(file);
      t.ok(await until(() => !ids.some(isRunning), 5000), name);
    }
  });
}
