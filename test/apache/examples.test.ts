/**
 * The example files for Apache beyond CGI: the site with HTTPS, one resident process behind SCGI, clients that are slow on purpose,
 * TRACE.
 */
import { chmodSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import t from 'tap';
import { apacheMissing, placePrograms, startApache, startApacheWith } from '../tools/apache.js';
import { getHttps, makeCertificate } from '../tools/certificate.js';
import { dayOf, layOutFaultSite } from '../tools/fault-site.js';
import { freePort } from '../tools/free-port.js';
import { httpdProgram, startHttpd } from '../tools/httpd-driver.js';
import { header } from '../tools/protocol-driver.js';
import { layOutProtocolFixture } from '../tools/protocol-fixture.js';
import { exchange, sendHttp } from '../tools/raw-http.js';
import { openSite } from '../tools/web-server.js';

const CONF = resolve(import.meta.dirname, '../../conf');
const SECRET = 'server=dataset&dataset=Examples/Secret&start_time=2017-01-01&end_time=2017-01-02';
const missing = apacheMissing();
// Apache lets slow clients wait for a while; the others need not.
t.jobs = 3;
if (missing !== undefined) {
  t.pass(`skipped: ${missing}`, { skip: missing });
} else {
  t.test('one resident process behind Apache', async (t) => {
    const site = layOutFaultSite();
    const program = await httpdProgram();
    const socket = join(site.root, 'server.sock');
    const httpd = await startHttpd(program, site.configurationFile, ['--scgi', socket]);
    chmodSync(socket, 0o666);
    const apache = await startApache(site, socket);
    t.teardown(async () => {
      await apache.stop();
      await httpd.stop();
      program.remove();
      site.remove();
    });
    const full = await sendHttp(apache, { query: dayOf('Points') });
    t.equal(full.body.toString('latin1').split('\n:01:').length - 1, 10_000, 'all records');
    t.equal((await sendHttp(apache, { query: SECRET })).status, 401);
    const known = await sendHttp(apache, { query: SECRET, headers: { Authorization: 'Basic dTpw' } });
    t.equal(known.status, 200, 'credentials arrive');
    const coded = await sendHttp(apache, { query: dayOf('Points'), headers: { 'Accept-Encoding': 'gzip' } });
    t.equal(header(coded, 'Content-Encoding'), undefined);
    t.equal((await sendHttp({ ...apache, mountPath: '/das/log' }, {})).status, 200, 'the log viewer');
    const browse = { ...apache, mountPath: '/das/browse' };
    t.match((await sendHttp(browse, {})).body.toString(), '<h1>Browse by time</h1>');
    t.match(
      (await sendHttp(browse, { path: '/find', query: 'start=2017-01-01&format=text' })).body.toString(),
      'datasets selected',
    );
    for (const mountPath of ['/das', '/das/']) {
      const door = await sendHttp({ ...apache, mountPath }, {});
      t.equal(door.status, 302, mountPath);
      t.match(header(door, 'Location'), /\/das\/server$/);
    }
    t.equal(
      (await sendHttp(apache, { path: '/data/Faults%2FNothing', query: 'start_time=2017-01-01&end_time=2017-01-02' }))
        .status,
      200,
      'an encoded slash',
    );
  });

  t.test('methods and slow clients', async (t) => {
    const site = layOutProtocolFixture();
    const apache = await startApache(site);
    t.teardown(async () => {
      await apache.stop();
      site.remove();
    });
    t.equal((await sendHttp(apache, { method: 'TRACE' })).status, 405, 'TRACE is off');
    // Nothing more than a beginning: Apache must hang up by itself.
    const held = await new Promise<string>((done, failed) => {
      let answer = '';
      const socket = connect(apache.port, apache.host, () => socket.write('GET /das/server HTTP/1.1\r\nHost: h\r\nX'));
      socket.setTimeout(45_000, () => failed(new Error('the connection is still open')));
      socket.on('data', (chunk) => {
        answer += chunk.toString('latin1');
      });
      socket.on('error', failed);
      socket.on('close', () => done(answer));
    });
    t.match(held, /^HTTP\/1\.1 408 /);
    t.match((await exchange(apache, 'GET /das/server?server=id HTTP/1.0\r\n\r\n')).bytes.toString(), /200 OK/);
  });

  t.test('the site with HTTPS', async (t) => {
    const site = layOutProtocolFixture({ settings: { SERVER_URL: undefined } });
    t.teardown(() => site.remove());
    openSite(site);
    const certificates = join(site.root, 'certificates');
    if (!makeCertificate(certificates)) {
      t.pass('skipped: openssl is not installed', { skip: true });
      return;
    }
    placePrograms(site.binPath);
    const port = await freePort();
    const example = readFileSync(join(CONF, 'apache-das2-site.conf.example'), 'utf8')
      .replace('<VirtualHost *:443>', `<VirtualHost *:${port}>`)
      .replaceAll('DocumentRoot /var/www/html', `DocumentRoot ${site.resourcePath}`);
    const apache = await startApacheWith(site, {
      modules: ['socache_shmcb', 'ssl'],
      lines: (plainPort) => [
        `Define DAS2_PREFIX ${site.root}`,
        `Define DAS2_CERTIFICATES ${certificates}`,
        `Listen 127.0.0.1:${port}`,
        `Include ${CONF}/apache-das2.conf.example`,
        example.replace('<VirtualHost *:80>', `<VirtualHost *:${plainPort}>`),
      ],
    });
    t.teardown(() => apache.stop());
    const plain = await sendHttp(apache, { query: 'server=id' });
    t.equal(plain.status, 301);
    t.equal(header(plain, 'Location'), 'https://das.example.org/das/server?server=id');
    t.match((await getHttps(port, '/das/server?server=id')).body, 'Test Site');
    const moved = await getHttps(port, '/das/server?server=dsdf&dataset=Examples/Old');
    t.match(moved.headers.location, /^https:\/\/das\.example\.org(?::\d+)?\/das\/server\?/, 'its own address');
    t.match((await getHttps(port, '/')).headers.location, /^https:\/\/das\.example\.org(?::\d+)?\/das\/server$/);
    t.equal((await getHttps(port, `/das/server?${SECRET}`)).status, 401);
    t.equal(
      (await getHttps(port, `/das/server?${SECRET}`, { Authorization: 'Basic dTpw' })).status,
      200,
      'credentials arrive',
    );
    t.equal(
      (await getHttps(port, '/das/server/data/Plain%2FNoDesc?start_time=2017-01-01&end_time=2017-01-02')).status,
      200,
    );
  });
}
