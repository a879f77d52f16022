/**
 * Runs das2_srv_httpd for tests: the executable in `DAS2SRV_BIN` if that is set, else the sources, bundled once for the
 * running Node. One server a site, on a port that the system chooses.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { buildProgram, type Program } from './program.js';
import type { ProtocolDriver } from './protocol-driver.js';
import type { ProtocolFixture } from './protocol-fixture.js';
import { type RawTarget, sendHttp } from './raw-http.js';

/** How to start the program: the words of its command. */
export type HttpdProgram = Program;

export interface RunningHttpd extends RawTarget {
  readonly process: ChildProcess;
  /** What it has written to standard error. */
  errors(): string;
  /** Ends it with a signal; resolves with the exit status. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** The program, built if need be. */
export function httpdProgram(): Promise<HttpdProgram> {
  return buildProgram('das2_srv_httpd', 'bin/srv_httpd.ts');
}

/** Starts a server and waits until it listens. */
export async function startHttpd(
  program: HttpdProgram,
  configurationFile: string,
  args: readonly string[] = ['--listen', '127.0.0.1:0'],
): Promise<RunningHttpd> {
  const [command = '', ...words] = program.command;
  const child = spawn(command, [...words, '--config', configurationFile, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
  });
  let errors = '';
  const ended = new Promise<number | null>((done) => child.on('exit', (status) => done(status)));
  const where = await new Promise<string>((done, failed) => {
    child.stderr?.on('data', (chunk) => {
      errors += String(chunk);
      const match = /listening on (\S+)/.exec(errors);
      if (match?.[1] !== undefined) done(match[1]);
    });
    child.on('error', failed);
    ended.then(() => failed(new Error(`das2_srv_httpd did not start: ${errors}`)));
  });
  return {
    host: '127.0.0.1',
    port: Number(/:(\d+)\//.exec(where)?.[1] ?? 0),
    mountPath: '/das/server',
    process: child,
    errors: () => errors,
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
  };
}

/** A driver for the conformance cases. */
export async function httpdDriver(): Promise<ProtocolDriver> {
  const program = await httpdProgram();
  const servers = new Map<string, Promise<RunningHttpd>>();
  return {
    name: 'das2_srv_httpd',
    async send(site: ProtocolFixture, request) {
      let server = servers.get(site.configurationFile);
      if (server === undefined) {
        server = startHttpd(program, site.configurationFile);
        servers.set(site.configurationFile, server);
      }
      return sendHttp(await server, request);
    },
    async close() {
      for (const server of servers.values()) await (await server).stop();
      program.remove();
    },
  };
}
