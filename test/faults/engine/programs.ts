/**
 * The real programs as processes: workers that can be killed, stopped and paused, the tool that adds jobs, and the front as a web server
 * runs it. All that was started is ended by `endAll`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cgiEnvironment } from '../../../scripts/tools/cgi-environment.mjs';

/** Where Debian has the library that skews clocks. */
const FAKETIME = ['x86_64', 'aarch64'].map((cpu) => `/usr/lib/${cpu}-linux-gnu/faketime/libfaketime.so.1`);
export const FAKETIME_LIBRARY = FAKETIME.find((file) => existsSync(file));
const PATH = '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin';
/** A front or a tool that takes longer hangs. */
const LONGEST_MS = 120_000;

export interface Output {
  /** Undefined for a process that was ended by a signal. */
  readonly status: number | undefined;
  readonly bytes: Buffer;
  readonly errors: string;
}

export interface RunningWorker {
  readonly pid: number;
  readonly alive: boolean;
  signal(name: NodeJS.Signals): void;
  /** Its status, or the signal that ended it. */
  ended(): Promise<number | NodeJS.Signals>;
  errors(): string;
}

export class Programs {
  private readonly children = new Set<ChildProcess>();

  /** `prefix` are words in front of every command, to run it elsewhere. */
  constructor(
    private readonly bin: string,
    private readonly configuration: string,
    private readonly prefix: readonly string[] = [],
  ) {}

  /** Why the harness cannot run; undefined if it can. */
  get missing(): string | undefined {
    const names = ['das2_srv_arbiter', 'das2_srvcgi_main', 'das2_srv_todo', 'das2_srv_cache'];
    const name = names.find((each) => !existsSync(join(this.bin, each)));
    return name === undefined ? undefined : `${join(this.bin, name)} is not there: run scripts/build first`;
  }

  /** Starts a worker with two slots; `clock` as faketime understands it (`+1h`). */
  worker(leaseSeconds: number, clock?: string): RunningWorker {
    const args = ['-c', this.configuration, '-n', '2', '--lease', String(leaseSeconds)];
    const child = this.start('das2_srv_arbiter', args, clockEnvironment(clock));
    let errors = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(-200_000);
    });
    child.stdout?.resume();
    const end = new Promise<number | NodeJS.Signals>((done) => {
      child.on('close', (status, signal) => done(status ?? signal ?? 1));
    });
    return {
      pid: child.pid ?? 0,
      get alive() {
        return child.exitCode === null && child.signalCode === null;
      },
      signal: (name) => void child.kill(name),
      ended: () => end,
      errors: () => errors,
    };
  }

  /** Runs a tool to its end. */
  tool(name: string, args: readonly string[], configuration = this.configuration): Promise<Output> {
    return collect(this.start(name, ['-c', configuration, ...args]));
  }

  /** Sends a query to the front. `killAfterMs`: the web server kills it then. */
  front(query: string, options: { configuration?: string; killAfterMs?: number } = {}): Promise<Output> {
    const child = this.start('das2_srvcgi_main', [], {
      ...cgiEnvironment({ QUERY_STRING: query, SERVER_NAME: 'das.example.org', HTTP_HOST: 'das.example.org' }),
      REMOTE_ADDR: '198.51.100.7',
      DAS2_SERVER_CONF: options.configuration ?? this.configuration,
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), options.killAfterMs ?? LONGEST_MS);
    return collect(child).finally(() => clearTimeout(timer));
  }

  /** Kills what still runs. */
  async endAll(): Promise<void> {
    const running = [...this.children].filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    const ends = running.map((child) => new Promise((done) => child.on('close', done)));
    for (const child of running) child.kill('SIGKILL');
    await Promise.all(ends);
  }

  private start(name: string, args: readonly string[], environment: Record<string, string> = {}): ChildProcess {
    const [command = '', ...words] = [...this.prefix, resolve(this.bin, name), ...args];
    const child = spawn(command, words, {
      env: { PATH, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.children.add(child);
    child.on('close', () => this.children.delete(child));
    return child;
  }
}

function clockEnvironment(clock: string | undefined): Record<string, string> {
  return clock === undefined || FAKETIME_LIBRARY === undefined
    ? {}
    : { LD_PRELOAD: FAKETIME_LIBRARY, FAKETIME: clock, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
}

async function collect(child: ChildProcess): Promise<Output> {
  const bytes: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => bytes.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk));
  const status = await new Promise<number | undefined>((done, failed) => {
    child.on('error', failed);
    child.on('close', (code) => done(code ?? undefined));
  });
  return { status, bytes: Buffer.concat(bytes), errors: Buffer.concat(errors).toString() };
}

/** Waits. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** What comes of a promise, or undefined if it takes too long. */
export async function within<Value>(milliseconds: number, promise: Promise<Value>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
