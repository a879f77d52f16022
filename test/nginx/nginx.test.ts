/**
 * nginx in front of das2_srv_httpd, with the example files of conf/: whole and cut answers, streams as they come, addresses of
 * clients that nobody can forge, and the site with HTTPS.
 */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import t from 'tap';
import { isRunning, processIds, until } from '../pipeline/tools.js';
import { getHttps, makeCertificate } from '../tools/certificate.js';
import { dayOf, layOutFaultSite } from '../tools/fault-site.js';
import { freePort } from '../tools/free-port.js';
import { httpdProgram, startHttpd } from '../tools/httpd-driver.js';
import { NGINX, nginxMissing, startNginx } from '../tools/nginx.js';
import { header } from '../tools/protocol-driver.js';
import { layOutProtocolFixture } from '../tools/protocol-fixture.js';
import { requestText, sendHttp } from '../tools/raw-http.js';
import { openSite, startWebServer } from '../tools/web-server.js';

const CONF = resolve(import.meta.dirname, '../../conf');
const missing = nginxMissing();
if (missing !== undefined) {
  t.pass(`skipped: ${missing}`, { skip: missing });
} else {
  const site = layOutFaultSite({ TRUSTED_PROXIES: '127.0.0.1', VIEW_LOG_ALLOW: '192.0.2.1' });
  const program = await httpdProgram();
  t.teardown(() => {
    program.remove();
    site.remove();
  });
  const http = await startNginx(site, program, 'http');
  const scgi = await startNginx(site, program, 'scgi');
  t.teardown(async () => {
    await http.stop();
    await scgi.stop();
  });
  const ways = { http, scgi };

  for (const [way, target] of Object.entries(ways)) {
    t.test(`data, by ${way}`, async (t) => {
      const full = await sendHttp(target, { query: dayOf('Points') });
      t.equal(full.body.toString('latin1').split('\n:01:').length - 1, 10_000, 'all records');
      t.equal(full.aborted, false);
      const coded = await sendHttp(target, {
        query: dayOf('Points', '&ascii=1'),
        headers: { 'Accept-Encoding': 'gzip, br' },
      });
      t.equal(header(coded, 'Content-Encoding'), undefined, 'no content coding');
      t.ok((await sendHttp(target, { query: dayOf('Points'), httpVersion: '1.0' })).body.equals(full.body), 'HTTP/1.0');
      const slash = await sendHttp(target, {
        path: '/data/Faults%2FNothing',
        query: 'start_time=2017-01-01&end_time=2017-01-02',
      });
      t.equal(slash.status, 200, 'an encoded slash arrives');
      t.equal((await sendHttp({ ...target, mountPath: '/das' }, {})).status, 302, 'the door leads in');
      const browse = await sendHttp({ ...target, mountPath: '/das/browse' }, {});
      t.match(browse.body.toString(), '<h1>Browse by time</h1>');
    });

    t.test(`nobody forges an address, by ${way}`, async (t) => {
      const forged = {
        'X-Forwarded-For': '192.0.2.1',
        Forwarded: 'for=192.0.2.1',
        'X-Forwarded-Host': 'evil.example.org',
        'X-Forwarded-Proto': 'https',
      };
      const log = { ...target, mountPath: '/das/log' };
      const answer = await sendHttp(log, { query: 'list=addresses&format=text', headers: forged });
      t.equal(answer.status, 403, 'the address that may see all logs is not believed');
      const page = await sendHttp(target, { path: '/services', headers: forged });
      t.equal(page.status, 200);
      t.notMatch(page.body.toString('utf8'), 'evil.example.org');
    });

    t.test(`the client goes away, by ${way}`, async (t) => {
      const folder = join(site.stateRoot, `pids-${way}`);
      mkdirSync(folder);
      chmodSync(folder, 0o777);
      const file = join(folder, 'pids');
      site.writeSource(`Busy-${way}`, `reader = 'sh -c "echo \\$\\$ > ${file}; exec forever"; : '\ndas2Stream = 1\n`);
      await new Promise<void>((done, failed) => {
        const socket = connect(target.port, target.host, () =>
          socket.write(requestText(target, { query: dayOf(`Busy-${way}`) })),
        );
        let bytes = 0;
        socket.on('error', failed);
        socket.on('data', (chunk) => {
          bytes += chunk.length;
          if (bytes < 200_000) return;
          socket.destroy();
          done();
        });
      });
      const ids = processIds(file);
      t.ok(await until(() => !ids.some(isRunning), 5000), 'the reader has ended');
    });
  }

  t.test('by HTTP a cut answer is seen to be cut', async (t) => {
    t.equal((await sendHttp(http, { query: dayOf('Faults/HalfPacket') })).aborted, true);
  });

  t.test('the site with HTTPS', async (t) => {
    const place = layOutProtocolFixture({ settings: { SERVER_URL: undefined, TRUSTED_PROXIES: '127.0.0.1' } });
    t.teardown(() => place.remove());
    openSite(place);
    const folder = join(place.root, 'nginx');
    if (!makeCertificate(folder)) {
      t.pass('skipped: openssl is not installed', { skip: true });
      return;
    }
    const httpd = await startHttpd(program, place.configurationFile);
    t.teardown(() => httpd.stop());
    const [plainPort, port] = [await freePort(), await freePort()];
    const lines = readFileSync(join(CONF, 'nginx-das2.conf.example'), 'utf8');
    writeFileSync(join(folder, 'das2.conf'), lines.replace('127.0.0.1:8080', `127.0.0.1:${httpd.port}`));
    const example = readFileSync(join(CONF, 'nginx-das2-site.conf.example'), 'utf8')
      .replaceAll('/etc/letsencrypt/live/das.example.org', folder)
      .replaceAll('/etc/nginx/snippets/das2.conf', join(folder, 'das2.conf'))
      .replace(/^ *listen \[::\].*\n/gm, '')
      .replace('listen 80;', `listen 127.0.0.1:${plainPort};`)
      .replace('listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`);
    const temporary = ['client_body', 'proxy', 'scgi', 'fastcgi', 'uwsgi'].map((n) => `${n}_temp_path ${folder}/${n};`);
    const file = join(folder, 'nginx.conf');
    writeFileSync(
      file,
      `daemon off;\n${process.getuid?.() === 0 ? 'user www-data;\n' : ''}pid ${folder}/pid;\nevents {}\n` +
        `http {\naccess_log off;\n${temporary.join('\n')}\n${example}}\n`,
    );
    const errorLog = join(folder, 'error.log');
    const nginx = await startWebServer({ command: [NGINX, '-c', file, '-e', errorLog], port: plainPort, errorLog });
    t.teardown(() => nginx.stop());
    const plain = await sendHttp(nginx, { query: 'server=id' });
    t.equal(plain.status, 301);
    t.equal(header(plain, 'Location'), 'https://das.example.org/das/server?server=id');
    t.match((await getHttps(port, '/das/server?server=id')).body, 'Test Site');
    const moved = await getHttps(port, '/das/server?server=dsdf&dataset=Examples/Old');
    t.match(moved.headers.location, /^https:\/\/das\.example\.org\/das\/server\?/, 'the own address is the public one');
    t.match((await getHttps(port, '/')).headers.location, /^https:\/\/das\.example\.org(?::\d+)?\/das\/server$/);
    const secret = '/das/server?server=dataset&dataset=Examples/Secret&start_time=2017-01-01&end_time=2017-01-02';
    t.equal((await getHttps(port, secret)).status, 401);
    t.equal((await getHttps(port, secret, { Authorization: 'Basic dTpw' })).status, 200, 'credentials arrive');
  });
}
