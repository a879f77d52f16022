/**
 * Debian's nginx in front of das2_srv_httpd, with the lines of an example file of conf/ as they are, except for port or socket.
 *
 * One nginx and one das2_srv_httpd a site, on free ports of the loopback interface, everything nginx writes below the site's folder.
 * Started as root its workers run as www-data.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePort } from './free-port.js';
import { type HttpdProgram, startHttpd } from './httpd-driver.js';
import type { ProtocolDriver } from './protocol-driver.js';
import type { ProtocolFixture } from './protocol-fixture.js';
import { openSite, type RunningWebServer, startWebServer, webServerDriver } from './web-server.js';

export const NGINX = '/usr/sbin/nginx';
const CONF = resolve(import.meta.dirname, '../../conf');

/** How nginx talks to the server behind it. */
export type NginxWay = 'http' | 'scgi';

/** Why there can be no test with nginx here; undefined if there can. */
export function nginxMissing(): string | undefined {
  return existsSync(NGINX) ? undefined : `${NGINX} is not installed`;
}

/** Starts both for a site and waits until they answer. */
export async function startNginx(
  site: ProtocolFixture,
  program: HttpdProgram,
  way: NginxWay,
): Promise<RunningWebServer> {
  const folder = join(site.root, `nginx-${way}`);
  mkdirSync(folder);
  openSite(site);
  const socket = join(folder, 'das2.sock');
  const httpd = await startHttpd(
    program,
    site.configurationFile,
    way === 'scgi' ? ['--scgi', socket] : ['--listen', '127.0.0.1:0'],
  );
  // The account of nginx and that of the test differ where root runs it.
  if (way === 'scgi') chmodSync(socket, 0o666);
  const port = await freePort();
  const example = way === 'scgi' ? 'nginx-das2-scgi.conf.example' : 'nginx-das2.conf.example';
  const lines = readFileSync(join(CONF, example), 'utf8')
    .replaceAll('http://127.0.0.1:8080', `http://127.0.0.1:${httpd.port}`)
    .replaceAll('/run/das2/server.sock', socket);
  writeFileSync(join(folder, 'das2.conf'), lines);
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration(folder, port));
  const nginx = await startWebServer({
    command: [NGINX, '-c', file, '-e', join(folder, 'error.log')],
    port,
    errorLog: join(folder, 'error.log'),
  });
  return {
    ...nginx,
    async stop() {
      await nginx.stop();
      await httpd.stop();
    },
  };
}

function configuration(folder: string, port: number): string {
  const temporary = ['client_body', 'proxy', 'scgi', 'fastcgi', 'uwsgi'];
  return [
    'daemon off;',
    ...(process.getuid?.() === 0 ? ['user www-data;'] : []),
    'worker_processes 1;',
    `pid ${folder}/nginx.pid;`,
    'events { worker_connections 128; }',
    'http {',
    '  access_log off;',
    // As Debian has it: the example must switch it off.
    '  gzip on;',
    '  gzip_types application/octet-stream text/plain text/vnd.das2.das2stream application/vnd.das2.das2stream;',
    ...temporary.map((name) => `  ${name}_temp_path ${folder}/${name};`),
    '  server {',
    `    listen 127.0.0.1:${port};`,
    '    server_name das.example.org;',
    '    large_client_header_buffers 4 16k;',
    `    include ${folder}/das2.conf;`,
    '  }',
    '}',
    '',
  ].join('\n');
}

/** A driver for the conformance cases. */
export function nginxDriver(program: HttpdProgram, way: NginxWay): ProtocolDriver {
  return webServerDriver(`nginx, by ${way.toUpperCase()}`, (site) => startNginx(site, program, way));
}
