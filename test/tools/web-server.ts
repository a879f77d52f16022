/** What the tests with Apache and nginx share: a process that serves, an end without leftovers. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import type { ProtocolDriver } from './protocol-driver.js';
import type { ProtocolFixture } from './protocol-fixture.js';
import { type RawTarget, sendHttp } from './raw-http.js';

export interface RunningWebServer extends RawTarget {
  /** What is in its error log. */
  errors(): string;
  stop(): Promise<void>;
}

/** Starts a web server in the foreground and waits until the das2 server behind it answers. */
export async function startWebServer(options: {
  readonly command: readonly string[];
  readonly port: number;
  readonly errorLog: string;
}): Promise<RunningWebServer> {
  const { port, errorLog } = options;
  const [program = '', ...words] = options.command;
  const child = spawn(program, words, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
  });
  const errors = (): string => (existsSync(errorLog) ? readFileSync(errorLog, 'utf8') : '');
  await whenAnswering(port, { child, errors, program });
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

/** Lets the account of a web server write where the server has to. */
export function openSite(site: ProtocolFixture): void {
  for (const writable of [site.logPath, site.stateRoot]) chmodSync(writable, 0o777);
}

async function whenAnswering(
  port: number,
  { child, errors, program }: { child: ChildProcess; errors: () => string; program: string },
): Promise<void> {
  const target = { host: '127.0.0.1', port, mountPath: '/das/server' };
  for (let attempt = 0; attempt < 1200; attempt++) {
    if (child.exitCode !== null) throw new Error(`${program} ended with status ${child.exitCode}: ${errors()}`);
    try {
      await sendHttp(target, { query: 'server=id' });
      return;
    } catch {
      await new Promise((wait) => setTimeout(wait, 50));
    }
  }
  child.kill('SIGKILL');
  throw new Error(`${program} does not answer: ${errors()}`);
}

/** A driver for the conformance cases: one web server a site. */
export function webServerDriver(
  name: string,
  start: (site: ProtocolFixture) => Promise<RunningWebServer>,
): ProtocolDriver {
  const running = new Map<string, Promise<RunningWebServer>>();
  return {
    name,
    async send(site, request) {
      let server = running.get(site.root);
      if (server === undefined) {
        server = start(site);
        running.set(site.root, server);
      }
      return sendHttp(await server, request);
    },
    async close() {
      for (const server of running.values()) await (await server).stop();
    },
  };
}
