/**
 * A Redis server of the test's own, on a free port of the loopback, ended with the test. Undefined where none is installed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';

/** Said by tests that are left out. */
export const NO_REDIS = 'there is no redis-server here';

export interface RedisServer {
  readonly port: number;
  /** Ends the server as a failing machine would; what is on disk stays. */
  kill(): Promise<void>;
  /** Asks it to end. */
  stop(): Promise<void>;
  /** Starts it anew on the same port and data. */
  start(): Promise<void>;
  /** While it is ended: keeps a copy of its files, puts the copy in their place, takes them away. */
  saveFiles(): void;
  restoreFiles(): void;
  wipeFiles(): void;
}

/** Starts a server that keeps every change on disk, with more options of its own; `t` ends it. */
export async function redisServer(
  t: { teardown(action: () => unknown): void },
  more: readonly string[] = [],
): Promise<RedisServer | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'das2-redis-'));
  const port = await freePort();
  let child: ChildProcess | undefined;
  const copy = `${folder}.copy`;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  };
  const replace = (to: string, from?: string): void => {
    rmSync(to, { recursive: true, force: true });
    if (from === undefined) mkdirSync(to);
    else cpSync(from, to, { recursive: true });
  };
  const server: RedisServer = {
    port,
    async start() {
      const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
      const started = spawn(
        'redis-server',
        [...options, '--appendonly', 'yes', '--appendfsync', 'always', '--save', '', '--databases', '200', ...more],
        {
          stdio: 'ignore',
        },
      );
      child = started;
      await once(started, 'spawn');
      for (let attempt = 0; !(await answers(port)); attempt++) {
        if (started.exitCode !== null || started.signalCode !== null) throw new Error('redis-server has ended');
        if (attempt > 2400) throw new Error('redis-server does not answer');
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    saveFiles: () => replace(copy, folder),
    restoreFiles: () => replace(folder, copy),
    wipeFiles: () => replace(folder),
  };
  // A test file that dies of an error runs no clean-up.
  process.once('exit', () => child?.kill('SIGKILL'));
  t.teardown(async () => {
    await server.kill();
    for (const each of [folder, copy]) rmSync(each, { recursive: true, force: true });
  });
  try {
    await server.start();
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** True if the server has read its data and answers. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (data) => {
      resolve(/^(\+PONG|-NOAUTH)/.test(data.toString()));
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
  });
}
