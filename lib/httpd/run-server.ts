/**
 * The life of the embedded server: listen, serve, end well.
 *
 *   TERM, INT   no new connections; what runs may finish for 10 s, then readers are ended. A second signal ends them at once.
 *   HUP         the configuration is read anew; logs are opened for each request anyway, so rotated ones are let go
 */
import { chmodSync, lstatSync, unlinkSync, writeSync } from 'node:fs';
import type { Server as HttpServer } from 'node:http';
import { connect, type Server as NetServer } from 'node:net';
import { loadConfiguration } from '../conf/configuration.js';
import { errorDetail } from '../conf/configuration-error.js';
import { Das2Error } from '../error.js';
import { handleSignalsElsewhere } from '../pipeline/own-signals.js';
import { makeServer } from '../routes/context.js';
import { makeHttpServer } from './http-server.js';
import { RunningRequests } from './running-requests.js';

const GRACE_MS = 10_000;

export type Listen =
  | { readonly kind: 'http'; readonly host: string; readonly port: number }
  | { readonly kind: 'scgi'; readonly socket: string };

export interface RunOptions {
  readonly listen: Listen;
  /** '' or `/das`. */
  readonly base: string;
  /** Configuration file of the command line. */
  readonly file: string | undefined;
  /** Told when the server listens, and when it is asked to end; the server waits for the latter before it ends. */
  readonly told?: (what: 'listening' | 'ending', where: string) => Promise<void>;
}

/** Runs until a signal ends the server; the result is the exit status. Throws `configuration` or `usage` before it listens. */
export async function runServer(options: RunOptions): Promise<number> {
  const { listen, base, file } = options;
  const say = (text: string): void => {
    writeSync(2, `das2_srv_httpd: ${text}\n`);
  };
  const load = () => makeServer(loadConfiguration({ file, warn: say }));
  let server: ReturnType<typeof load>;
  try {
    server = load();
  } catch (error) {
    // Whoever starts the server is no client: he is told the file, the line and the reason.
    throw new Das2Error('configuration', errorDetail(error), { cause: error });
  }
  handleSignalsElsewhere();
  const running = new RunningRequests();
  const settings = { server: () => server, base, running };
  const listener =
    listen.kind === 'http' ? makeHttpServer(settings) : (await import('./scgi-server.js')).makeScgiServer(settings);
  const where = await startListening(listener, listen, base);
  say(`listening on ${where}`);
  void options.told?.('listening', where);

  process.on('SIGHUP', () => {
    try {
      server = load();
      say('configuration read anew');
    } catch (error) {
      say(`configuration not changed: ${errorDetail(error)}`);
    }
  });
  return new Promise((resolve) => {
    let asked = 0;
    const end = (): void => {
      if (++asked > 1) {
        running.endAll();
        return;
      }
      const said = options.told?.('ending', where);
      listener.close();
      if ('closeIdleConnections' in listener) listener.closeIdleConnections();
      Promise.all([running.finish(GRACE_MS), said]).then(() => {
        if (listen.kind === 'scgi') removeSocket(listen.socket);
        resolve(0);
      });
    };
    process.on('SIGTERM', end);
    process.on('SIGINT', end);
  });
}

/** Starts listening; resolves with the address as a person would type it. */
async function startListening(listener: HttpServer | NetServer, listen: Listen, base: string): Promise<string> {
  if (listen.kind === 'scgi') await removeDeadSocket(listen.socket);
  await new Promise<void>((resolve, reject) => {
    listener.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new Das2Error('usage', `cannot listen on ${place(listen)}: ${error.code ?? error.message}`, { exitStatus: 1 }),
      ),
    );
    if (listen.kind === 'http') listener.listen(listen.port, listen.host, resolve);
    else listener.listen(listen.socket, resolve);
  });
  if (listen.kind === 'scgi') {
    chmodSync(listen.socket, 0o660);
    return `${listen.socket} (SCGI), mounted at ${base === '' ? '/' : base}`;
  }
  const address = listener.address();
  const port = typeof address === 'object' && address !== null ? address.port : listen.port;
  return `http://${place({ ...listen, port })}${base}/server`;
}

/** `127.0.0.1:8080`, `[::1]:8080`, or the path of a socket. */
function place(listen: Listen): string {
  if (listen.kind === 'scgi') return listen.socket;
  return `${listen.host.includes(':') ? `[${listen.host}]` : listen.host}:${listen.port}`;
}

/** A socket file that a killed server left behind is in the way; one that somebody answers at is not ours. */
async function removeDeadSocket(path: string): Promise<void> {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSocket()) return;
  const answered = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
  if (!answered) removeSocket(path);
}

function removeSocket(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Gone already.
  }
}
