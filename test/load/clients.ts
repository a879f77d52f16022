/**
 * Many clients at one time, each with an address of its own: processes of the CGI program, and connections to the embedded
 * server from addresses of the loopback network.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { get } from 'node:http';
import { type CgiProgram, parseCgiOutput, requestEnvironment } from '../tools/cgi-driver.js';
import type { RunningHttpd } from '../tools/httpd-driver.js';
import type { ProtocolFixture } from '../tools/protocol-fixture.js';

/** One answer, as far as load tests look at it. */
export interface LoadAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly milliseconds: number;
}

/** The request as a process of the CGI program. */
export function startClient(program: CgiProgram, site: ProtocolFixture, query: string, address: string): ChildProcess {
  const [command = '', ...words] = program.command;
  return spawn(command, words, {
    env: { ...requestEnvironment(site, { query }), REMOTE_ADDR: address },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Asks through a process of the CGI program. */
export async function askCgi(
  program: CgiProgram,
  site: ProtocolFixture,
  query: string,
  address: string,
): Promise<LoadAnswer> {
  const start = performance.now();
  const child = startClient(program, site, query, address);
  const parts: Buffer[] = [];
  let errors = '';
  child.stdout?.on('data', (chunk: Buffer) => parts.push(chunk));
  child.stderr?.on('data', (chunk) => {
    errors += String(chunk);
  });
  await new Promise((resolve, reject) => {
    child.on('close', resolve);
    child.on('error', reject);
  });
  const { status, headers, body } = parseCgiOutput(Buffer.concat(parts), errors);
  return {
    status,
    headers: Object.fromEntries(headers),
    body: body.toString('latin1'),
    milliseconds: performance.now() - start,
  };
}

/** Asks the embedded server, from an address such as 127.0.0.7. */
export function askHttpd(server: RunningHttpd, query: string, address: string): Promise<LoadAnswer> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const request = get(
      {
        host: server.host,
        port: server.port,
        path: `${server.mountPath}?${query}`,
        localAddress: address,
        agent: false,
        headers: { Connection: 'close' },
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (chunk: Buffer) => parts.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const headers: Record<string, string> = {};
          for (let i = 0; i < response.rawHeaders.length; i += 2) {
            headers[response.rawHeaders[i] ?? ''] = response.rawHeaders[i + 1] ?? '';
          }
          resolve({
            status: response.statusCode ?? 0,
            headers,
            body: Buffer.concat(parts).toString('latin1'),
            milliseconds: performance.now() - start,
          });
        });
      },
    );
    request.on('error', reject);
  });
}

/** Median and largest of some times, for people. */
export function summary(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number): string => (sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN).toFixed(0);
  return `median ${at(0.5)} ms, 90 % below ${at(0.9)} ms, longest ${at(1)} ms (${sorted.length})`;
}
