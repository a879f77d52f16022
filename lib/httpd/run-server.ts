/**
 * The life of the embedded server: listen, serve, end well.
 *
 *   TERM, INT   no new connections; what runs may finish for 10 s, then readers are ended, which answers tell in their last packet.
 *               A second signal ends them at once.
 *   HUP         the configuration is read anew; logs are opened for each request anyway, so rotated ones are let go
 */
import { chmodSync, existsSync, lstatSync, unlinkSync, writeSync } from 'node:fs';
import { connect, type Server as NetServer } from 'node:net';
import { loadConfiguration } from '../conf/configuration.js';
import { errorDetail } from '../conf/configuration-error.js';
import { Das2Error } from '../error.js';
import { handleSignalsElsewhere } from '../pipeline/process/own-signals.js';
import { makeServer, type Server } from '../server/context.js';
import { type HttpOptions, makeHttpServer } from './http-server.js';
import { RunningRequests } from './running-requests.js';

const GRACE_MS = 10_000;

export type Listen =
  | { readonly kind: 'http'; readonly host: string; readonly port: number }
  | { readonly kind: 'scgi'; readonly socket: string };

export interface RunOptions {
  /** One place or more; all must be free. */
  readonly listen: readonly Listen[];
  /** '' or `/das`. */
  readonly base: string;
  /** Configuration file of the command line. */
  readonly file: string | undefined;
  /** Told when the server listens, and when it is asked to end; the server waits for the latter before it ends. */
  readonly told?: (what: 'listening' | 'ending', where: string) => Promise<void>;
}

/** Runs until a signal ends the server; the result is the exit status. Throws `configuration` or `usage` before it listens. */
export async function runServer({ listen, base, file, told }: RunOptions): Promise<number> {
  let server: Server;
  try {
    server = load(file);
  } catch (error) {
    // Whoever starts the server is no client: he is told the file, the line and the reason.
    throw new Das2Error('configuration', errorDetail(error), { cause: error });
  }
  handleSignalsElsewhere();
  const running = new RunningRequests();
  // In front of the line that says it listens: whoever waits for that may send a signal at once.
  const ended = askedToEnd(() => running.endAll());
  process.on('SIGHUP', () => {
    try {
      server = load(file);
      say('configuration read anew');
    } catch (error) {
      say(`configuration not changed: ${errorDetail(error)}`);
    }
  });
  const listeners = await startAll(listen, { server: () => server, base, running });
  for (const listener of listeners) say(`listening on ${listener.where}`);
  const where = listeners.map((listener) => listener.where).join(' and ');
  void told?.('listening', where);

  await ended;
  const said = told?.('ending', where);
  for (const listener of listeners) listener.close();
  await Promise.all([running.finish(GRACE_MS), said]);
  for (const listener of listeners) listener.end();
  return 0;
}

/** Resolves at the first TERM or INT; `again` is called for each further one. */
function askedToEnd(again: () => void): Promise<void> {
  return new Promise((resolve) => {
    let asked = 0;
    const ask = (): void => {
      if (++asked > 1) again();
      else resolve();
    };
    process.on('SIGTERM', ask);
    process.on('SIGINT', ask);
  });
}

/** The server as the configuration describes it now. Throws `configuration`. */
function load(file: string | undefined): Server {
  const configuration = loadConfiguration({ file, warn: say });
  const root = configuration.requiredPath('DSDF_ROOT');
  // No reason to stay down: the folder may be mounted later.
  if (!existsSync(`${root}/.`)) say(`DSDF_ROOT ${root} is no folder that can be entered: there are no sources`);
  return makeServer(configuration);
}

/** One line to people. */
function say(text: string): void {
  try {
    writeSync(2, `das2_srv_httpd: ${text}\n`);
  } catch {
    // Nobody reads standard error any more: no reason to go down.
  }
}

/** Starts listening at all places, or at none. Throws `usage`. */
async function startAll(places: readonly Listen[], settings: HttpOptions): Promise<Listener[]> {
  const listeners: Listener[] = [];
  try {
    for (const place of places) listeners.push(await startListening(place, settings));
    return listeners;
  } catch (error) {
    for (const listener of listeners) listener.end();
    throw error;
  }
}

/** A place where connections are taken. */
interface Listener {
  /** As a person would type it. */
  readonly where: string;
  /** Takes no more connections. */
  close(): void;
  /** As `close`, and leaves nothing behind. */
  end(): void;
}

/** Starts listening at a place. Throws `usage` where that cannot be. */
async function startListening(listen: Listen, settings: HttpOptions): Promise<Listener> {
  if (listen.kind === 'http') {
    const server = makeHttpServer(settings);
    await listening(server, listen, () => server.listen(listen.port, listen.host));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : listen.port;
    const close = (): void => {
      server.close();
      server.closeIdleConnections();
    };
    return { where: `http://${place({ ...listen, port })}${settings.base}/server`, close, end: close };
  }
  const { socket } = listen;
  // Some run-times cut a longer name and listen at what is left of it.
  if (Buffer.byteLength(socket) > LONGEST_SOCKET) throw cannotListen(listen, { code: 'ENAMETOOLONG' });
  const server = (await import('./scgi-server.js')).makeScgiServer(settings);
  await removeDeadSocket(socket);
  await listening(server, listen, () => server.listen(socket));
  chmodSync(socket, 0o660);
  return {
    where: `${socket} (SCGI), mounted at ${settings.base || '/'}`,
    close: () => void server.close(),
    end() {
      server.close();
      removeSocket(socket);
    },
  };
}

/** Resolves when the server listens. */
function listening(server: NetServer, listen: Listen, start: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(listen, error)));
    server.once('listening', resolve);
    start();
  });
}

function cannotListen(
  listen: Listen,
  error: { readonly code?: string | undefined; readonly message?: string },
): Das2Error {
  return new Das2Error('usage', `cannot listen on ${place(listen)}: ${listenFault(listen, error)}`, { exitStatus: 1 });
}

const HTTP_FAULTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there; end it, or choose another port with --listen',
  EACCES: 'ports below 1024 are for root; choose another one with --listen',
};
const LONGEST_SOCKET = 107;
const TOO_LONG = `the name of a socket has ${LONGEST_SOCKET} bytes at most; choose a shorter one with --scgi`;
// Node says EACCES where there is no folder as well.
const NO_FOLDER =
  'the folder of the socket is not there, or this account cannot write to it; make it, or choose another with --scgi';
const SCGI_FAULTS: Readonly<Record<string, string>> = {
  EINVAL: TOO_LONG,
  ENAMETOOLONG: TOO_LONG,
  EADDRINUSE: 'a server answers there, or the file is no socket; choose another name with --scgi',
  EACCES: NO_FOLDER,
  ENOENT: NO_FOLDER,
};

/** Why a place cannot be listened at: the code of the system, and what to change. */
function listenFault(
  { kind }: Listen,
  error: { readonly code?: string | undefined; readonly message?: string },
): string {
  const code = error.code ?? error.message ?? '';
  const other = kind === 'http' ? '--listen must name an address of this machine' : 'choose another socket with --scgi';
  return `${code} (${(kind === 'http' ? HTTP_FAULTS : SCGI_FAULTS)[code] ?? other})`;
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
