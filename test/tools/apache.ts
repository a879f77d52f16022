/**
 * Debian's apache2 with a configuration of its own for tests: event MPM, mod_cgid, conf/apache-das2.conf.example as it is, and a
 * virtual host, as every Debian has one: what the example says must reach it.
 *
 * One Apache a site, on a free port of the loopback interface, everything it writes below the site's folder. Started as root it
 * serves as www-data. The programs come from `DAS2SRV_BIN` or dist/bin and are linked (or copied) into the site's bin folder,
 * since that is where the example expects them.
 */
import { chmodSync, copyFileSync, existsSync, linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePort } from './free-port.js';
import type { ProtocolDriver } from './protocol-driver.js';
import type { ProtocolFixture } from './protocol-fixture.js';
import { openSite, type RunningWebServer, startWebServer, webServerDriver } from './web-server.js';

const APACHE = '/usr/sbin/apache2';
const MODULES = '/usr/lib/apache2/modules';
const EXAMPLE = resolve(import.meta.dirname, '../../conf/apache-das2.conf.example');
/** Folder of the built programs. */
export const BIN = resolve(process.env.DAS2SRV_BIN || resolve(import.meta.dirname, '../../dist/bin'));

/** Why there can be no test with Apache here; undefined if there can. */
export function apacheMissing(): string | undefined {
  if (!existsSync(APACHE)) return `${APACHE} is not installed`;
  if (!existsSync(join(MODULES, 'mod_cgid.so'))) return 'Apache has no mod_cgid';
  if (!existsSync(join(BIN, 'das2_srvcgi_main'))) return 'das2_srvcgi_main is not built (scripts/build)';
  return undefined;
}

export type RunningApache = RunningWebServer;

/** Starts Apache for a site and waits until it answers. `socket`: that of das2_srv_httpd, in place of the CGI programs. */
export async function startApache(site: ProtocolFixture, socket?: string): Promise<RunningApache> {
  openSite(site);
  placePrograms(site.binPath);
  return startApacheWith(site, {
    modules: socket === undefined ? [] : ['proxy', 'proxy_scgi'],
    lines: () => exampleLines(site, socket),
  });
}

/** What Apache needs to know of a site: where its files are. */
export type ApacheSite = Pick<ProtocolFixture, 'root' | 'resourcePath'>;

/** What one Apache says besides what all say. */
export interface ApacheConfiguration {
  readonly modules: readonly string[];
  /** Lines of its configuration; `port` is the one at which it listens. */
  readonly lines: (port: number) => readonly string[];
}

/** Starts Apache with a configuration of a test's own, and waits until it answers. */
export async function startApacheWith(
  site: ApacheSite,
  { modules, lines }: ApacheConfiguration,
): Promise<RunningApache> {
  const folder = join(site.root, 'apache');
  mkdirSync(folder);
  const port = await freePort();
  const file = join(folder, 'apache2.conf');
  const errorLog = join(folder, 'error.log');
  const all = [
    ...loadModules(...USUAL_MODULES, ...modules),
    `ServerRoot ${folder}`,
    `DefaultRuntimeDir ${folder}`,
    `PidFile ${folder}/apache2.pid`,
    `ScriptSock ${folder}/cgid.sock`,
    `ErrorLog ${errorLog}`,
    'LogLevel warn',
    `Listen 127.0.0.1:${port}`,
    'ServerName das.example.org',
    'TypesConfig /dev/null',
    `DocumentRoot ${site.resourcePath}`,
    ...(process.getuid?.() === 0 ? ['User www-data', 'Group www-data'] : []),
    'StartServers 1',
    ...lines(port),
  ];
  writeFileSync(file, `${all.join('\n')}\n`);
  return startWebServer({ command: [APACHE, '-f', file, '-D', 'FOREGROUND'], port, errorLog });
}

/** Puts the CGI programs into the bin folder of a site. */
export function placePrograms(binPath: string): void {
  for (const name of ['das2_srvcgi_main', 'das2_srvcgi_logrdr', 'das2_srvcgi_browse']) {
    const program = join(BIN, name);
    const target = join(binPath, name);
    if (!existsSync(program)) continue;
    try {
      linkSync(program, target);
    } catch {
      copyFileSync(program, target);
    }
    chmodSync(target, 0o755);
  }
}

/** Lines that load those of the modules that there are. */
export function loadModules(...names: string[]): string[] {
  return names
    .filter((name) => existsSync(join(MODULES, `mod_${name}.so`)))
    .map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`);
}

/** The modules that Debian enables and that count here, with mod_cgid. */
const USUAL_MODULES = ['mpm_event', 'authz_core', 'alias', 'env', 'mime', 'reqtimeout', 'cgid'] as const;

function exampleLines(site: ProtocolFixture, socket: string | undefined): readonly string[] {
  return [
    `Define DAS2_PREFIX ${site.root}`,
    ...(socket === undefined ? [] : ['Define DAS2_RESIDENT', `Define DAS2_SOCKET ${socket}`]),
    '<Directory />',
    '  AllowOverride None',
    '  Require all denied',
    '</Directory>',
    `Include ${EXAMPLE}`,
    '<VirtualHost *>',
    `  DocumentRoot ${site.resourcePath}`,
    // As in conf/apache-das2-site.conf.example: the one thing that is not inherited.
    '  AllowEncodedSlashes On',
    '</VirtualHost>',
  ];
}

/** A driver for the conformance cases. */
export function apacheDriver(): ProtocolDriver {
  return webServerDriver('Apache with mod_cgid', (site) => startApache(site));
}
