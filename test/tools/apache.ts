/**
 * Debian's apache2 with a configuration of its own for tests: event MPM, mod_cgid, and conf/apache-das2.conf.example as it is.
 *
 * One Apache a site, on a free port of the loopback interface, everything it writes below the site's folder. Started as root it
 * serves as www-data. The programs come from `DAS2SRV_BIN` or dist/bin and are linked (or copied) into the site's bin folder,
 * since that is where the example expects them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import type { ProtocolDriver } from './protocol-driver.js';
import type { ProtocolFixture } from './protocol-fixture.js';
import { type RawTarget, sendHttp } from './raw-http.js';

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

export interface RunningApache extends RawTarget {
  /** What is in its error log. */
  errors(): string;
  stop(): Promise<void>;
}

/** Starts Apache for a site and waits until it answers. */
export async function startApache(site: ProtocolFixture): Promise<RunningApache> {
  const folder = join(site.root, 'apache');
  mkdirSync(folder);
  for (const writable of [site.logPath, site.stateRoot]) chmodSync(writable, 0o777);
  for (const name of ['das2_srvcgi_main', 'das2_srvcgi_logrdr']) placeProgram(name, site.binPath);
  const port = await freePort();
  const file = join(folder, 'apache2.conf');
  writeFileSync(file, configuration(site, folder, port));
  const child = spawn(APACHE, ['-f', file, '-D', 'FOREGROUND'], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
  });
  const errors = (): string => {
    const log = join(folder, 'error.log');
    return existsSync(log) ? readFileSync(log, 'utf8') : '';
  };
  await whenAnswering(port, child, errors);
  return {
    host: '127.0.0.1',
    port,
    mountPath: '/das/server',
    errors,
    stop: () =>
      new Promise((done) => {
        child.on('exit', () => done());
        child.kill('SIGTERM');
      }),
  };
}

function placeProgram(name: string, folder: string): void {
  const program = join(BIN, name);
  const target = join(folder, name);
  if (!existsSync(program)) return;
  try {
    linkSync(program, target);
  } catch {
    copyFileSync(program, target);
  }
  chmodSync(target, 0o755);
}

function configuration(site: ProtocolFixture, folder: string, port: number): string {
  const modules = ['mpm_event', 'authz_core', 'alias', 'rewrite', 'env', 'mime', 'reqtimeout', 'cgid'];
  const available = modules.filter((name) => existsSync(join(MODULES, `mod_${name}.so`)));
  return [
    ...available.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`),
    `Define DAS2_PREFIX ${site.root}`,
    `ServerRoot ${folder}`,
    `DefaultRuntimeDir ${folder}`,
    `PidFile ${folder}/apache2.pid`,
    `ScriptSock ${folder}/cgid.sock`,
    `ErrorLog ${folder}/error.log`,
    'LogLevel warn',
    `Listen 127.0.0.1:${port}`,
    'ServerName das.example.org',
    'TypesConfig /dev/null',
    `DocumentRoot ${site.resourcePath}`,
    ...(process.getuid?.() === 0 ? ['User www-data', 'Group www-data'] : []),
    'StartServers 1',
    // As Debian has it.
    'TraceEnable Off',
    ...(available.includes('reqtimeout') ? ['RequestReadTimeout header=20-40,minrate=500 body=10,minrate=500'] : []),
    '<Directory />',
    '  AllowOverride None',
    '  Require all denied',
    '</Directory>',
    `Include ${EXAMPLE}`,
    '',
  ].join('\n');
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const probe = createServer();
    probe.on('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function whenAnswering(port: number, child: ChildProcess, errors: () => string): Promise<void> {
  const target = { host: '127.0.0.1', port, mountPath: '/das/server' };
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null) throw new Error(`apache2 ended with status ${child.exitCode}: ${errors()}`);
    try {
      await sendHttp(target, { query: 'server=id' });
      return;
    } catch {
      await new Promise((wait) => setTimeout(wait, 50));
    }
  }
  child.kill('SIGKILL');
  throw new Error(`apache2 does not answer: ${errors()}`);
}

/** A driver for the conformance cases. */
export function apacheDriver(): ProtocolDriver {
  const running = new Map<string, Promise<RunningApache>>();
  return {
    name: 'Apache with mod_cgid',
    async send(site, request) {
      let apache = running.get(site.root);
      if (apache === undefined) {
        apache = startApache(site);
        running.set(site.root, apache);
      }
      return sendHttp(await apache, request);
    },
    async close() {
      for (const apache of running.values()) await (await apache).stop();
    },
  };
}
