/**
 * das2_srv_httpd: the das2 server as a web server of its own, for demonstrations, tests and small sites, or resident behind
 * another web server (HTTP, or SCGI with `--scgi`).
 */

import { CONFIG_OPTION, readWords } from '../lib/command/read-words.js';
import { Das2Error } from '../lib/error.js';
import type { Listen, RunOptions } from '../lib/httpd/run-server.js';

const PROGRAM = 'das2_srv_httpd';
const DEFAULT_ADDRESS = '127.0.0.1:8080';

interface Options {
  readonly listen?: readonly string[];
  readonly scgi?: string;
  readonly mount: string;
  readonly config?: string;
}

/** Runs the server until it is ended by a signal. */
export async function main(args: readonly string[]): Promise<number> {
  const { Command } = await import('commander');
  const command = new Command(PROGRAM)
    .description('Runs the das2 data server with a web server of its own.')
    .option(
      '--listen <host:port>',
      `where to listen for HTTP, once for each address (default: ${DEFAULT_ADDRESS}; with --scgi nowhere)`,
      (address: string, others?: readonly string[]) => [...(others ?? []), address],
    )
    .option('--scgi <socket>', 'listen for SCGI on this UNIX socket; for HTTP as well only if --listen is given too')
    .option('--mount <path>', 'path below which the programs are found: server, log and browse', '/das')
    .option(...CONFIG_OPTION)
    .addHelpText(
      'after',
      `
Signals:
  TERM, INT  end when the running requests are done, or after 10 s. A second one ends it at once
  HUP        read the configuration again

Status: 0 ended by a signal; 1 it cannot listen there; 17 configuration missing or bad;
100 wrong usage.

Example:
  ${PROGRAM} --config /opt/das2/etc/das2server.conf --listen 127.0.0.1:8080
  curl 'http://127.0.0.1:8080/das/server?server=list'`,
    )
    .allowExcessArguments(false);
  const status = await readWords(command, args, { wrong: 100 });
  if (status !== undefined) return status;
  const options = command.opts<Options>();
  const [{ normalizeMountPath }, { runServer }] = await Promise.all([
    import('../lib/httpd/mounts.js'),
    import('../lib/httpd/run-server.js'),
  ]);
  const base = normalizeMountPath(options.mount);
  if (base === undefined) throw new Das2Error('usage', '--mount must be a path like /das');
  return runServer({ listen: places(options), base, file: options.config, ...(await serviceWords()) });
}

/** Tells systemd, where it has started us, that we listen, live and end. */
async function serviceWords(): Promise<Pick<RunOptions, 'told'>> {
  if (process.env.NOTIFY_SOCKET === undefined) return {};
  const manager = (await import('../lib/worker/arbiter/service-manager.js')).serviceManager(process.env);
  return {
    told: async (what, where) => {
      if (what === 'ending') return manager.tell('STOPPING=1');
      if (manager.watchdogMs !== undefined) setInterval(() => void manager.tell('WATCHDOG=1'), manager.watchdogMs);
      return manager.tell('READY=1', `STATUS=listening on ${where}`);
    },
  };
}

/** Where to listen: SCGI alone lets nobody else reach the server, so HTTP comes beside it by request only. */
function places({ listen, scgi }: Options): Listen[] {
  return [
    ...(listen ?? (scgi === undefined ? [DEFAULT_ADDRESS] : [])).map(readAddress),
    ...(scgi === undefined ? [] : [{ kind: 'scgi', socket: scgi } as const]),
  ];
}

/** `HOST:PORT`, `[IPv6]:PORT` or `PORT`; port 0 lets the system choose. */
function readAddress(text: string): Listen {
  const match = /^(?:(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) throw new Das2Error('usage', '--listen must be HOST:PORT');
  return { kind: 'http', host: match[1]?.replace(/^\[|\]$/g, '') ?? '127.0.0.1', port };
}
