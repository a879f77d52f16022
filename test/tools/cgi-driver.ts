/**
 * Runs das2_srvcgi_main as a web server would: environment in, CGI output back, arguments made from a query without `=`.
 *
 * The program is the executable in `DAS2SRV_BIN` (a folder such as dist/bin) if that is set, else the sources, bundled once
 * for the running Node.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { cgiEnvironment } from '../../scripts/tools/cgi-environment.mjs';
import { buildProgram, type Program } from './program.js';
import { CLIENT_ADDRESS, type ProtocolDriver, type ProtocolResponse, type RequestSpec } from './protocol-driver.js';
import type { ProtocolFixture } from './protocol-fixture.js';

/** How to start a program: the words of its command. */
export type CgiProgram = Program;

/** The main program, built if need be. */
export function mainProgram(): Promise<CgiProgram> {
  const start = (module: string): string =>
    `import { main } from '${module}';\nprocess.exitCode = await main(process.argv.slice(2));\n`;
  return buildProgram('das2_srvcgi_main', 'cgi/srvcgi_main.ts', { start });
}

/** The environment of a request, as mod_cgid makes it. */
export function requestEnvironment(site: ProtocolFixture, request: RequestSpec): Record<string, string> {
  const environment: Record<string, string> = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    ...cgiEnvironment({
      SERVER_PROTOCOL: `HTTP/${request.httpVersion ?? '1.1'}`,
      SERVER_NAME: 'das.example.org',
      REQUEST_METHOD: request.method ?? 'GET',
      QUERY_STRING: request.query ?? '',
      REMOTE_ADDR: CLIENT_ADDRESS,
    }),
    HTTP_HOST: 'das.example.org',
    DAS2_SERVER_CONF: site.configurationFile,
  };
  if (request.path !== undefined && request.path !== '') environment.PATH_INFO = decodeURIComponent(request.path);
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    environment[`HTTP_${name.toUpperCase().replaceAll('-', '_')}`] = value;
  }
  return environment;
}

/** Starts the program for a request. The caller owns the process. */
export function startCgi(program: CgiProgram, site: ProtocolFixture, request: RequestSpec): ChildProcess {
  const [command = '', ...words] = program.command;
  // RFC 3875 4.4: a query without an unencoded `=` becomes the command line.
  const isIndexed = request.query !== undefined && request.query !== '' && !request.query.includes('=');
  const args = isIndexed ? decodeURIComponent((request.query ?? '').replaceAll('%00', '')).split('+') : [];
  return spawn(command, [...words, ...args], {
    env: requestEnvironment(site, request),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** A response and what the program said on standard error. */
export interface CgiResponse extends ProtocolResponse {
  readonly standardError: string;
}

/** Sends one request through a process of its own. */
export async function sendCgi(program: CgiProgram, site: ProtocolFixture, request: RequestSpec): Promise<CgiResponse> {
  const child = startCgi(program, site, request);
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk));
  const status = await new Promise<number | null>((done, failed) => {
    child.on('error', failed);
    child.on('close', (code) => done(code));
  });
  const standardError = Buffer.concat(errors).toString();
  return { ...parseCgiOutput(Buffer.concat(output), standardError), aborted: status !== 0, standardError };
}

/** Splits CGI output into status, headers and body. */
export function parseCgiOutput(bytes: Buffer, standardError = ''): Omit<ProtocolResponse, 'aborted'> {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) throw new Error(`no header block in ${JSON.stringify(bytes.toString('latin1'))}; ${standardError}`);
  const lines = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(': ');
    if (colon < 0) throw new Error(`not a header line: ${JSON.stringify(line)}`);
    return [line.slice(0, colon), line.slice(colon + 2)];
  });
  const status = headers.find(([name]) => name === 'Status')?.[1] ?? '200';
  return {
    status: Number.parseInt(status, 10),
    reason: status.replace(/^\d+ ?/, ''),
    headers: headers.filter(([name]) => name !== 'Status'),
    body: bytes.subarray(end + 4),
    headerBytes: end + 4,
  };
}

/** A driver for the conformance cases. */
export async function cgiDriver(): Promise<ProtocolDriver> {
  const program = await mainProgram();
  return {
    name: 'CGI program',
    send: (site, request) => sendCgi(program, site, request),
    close: async () => program.remove(),
  };
}
