/**
 * Running in the background: the pid file, and the start of a detached process (server-internals 3.4).
 */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { configurationError } from '../../conf/configuration-error.js';
import { isDas2Error } from '../../error.js';
import { takeLock } from '../../files/lock-file.js';
import { makeFolders } from '../../files/make-folders.js';

const PROGRAM = 'das2_srv_arbiter';
const START_MS = 20_000;
const LOCK_WAIT_MS = 5000;
const LOCK_STALE_MS = 30_000;

/**
 * Writes the pid file, with its folder (0750) if need be. One that a dead process left, or that names another program, is taken
 * over. Throws `configuration` if a worker runs already, or if the file cannot be written.
 */
export function takePidFile(file: string): void {
  try {
    takeFile(file);
  } catch (error) {
    if (isDas2Error(error)) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw configurationError(
      `--daemon: ${file} cannot be written (${code ?? message}); name a file in a folder that this account can write`,
    );
  }
}

function takeFile(file: string): void {
  makeFolders(dirname(file), 0o750);
  // Of several that start at the same time one looks and writes, then the next.
  const unlock = takeLock(`${file}.lock`, { waitMs: LOCK_WAIT_MS, staleMs: LOCK_STALE_MS });
  if (unlock === undefined) throw configurationError(`${file}: another process takes it at the same time`);
  try {
    const pid = pidOf(file);
    if (pid !== undefined && pid !== process.pid && isArbiter(pid)) {
      throw configurationError(`${file}: ${PROGRAM} runs already, with process id ${pid}`);
    }
    rmSync(file, { force: true });
    writeFileSync(file, `${process.pid}\n`, { flag: 'wx', mode: 0o644 });
  } finally {
    unlock();
  }
}

/** Removes the pid file if it is still ours. */
export function dropPidFile(file: string): void {
  try {
    if (pidOf(file) === process.pid) unlinkSync(file);
  } catch {
    // Nothing can be done about it any more.
  }
}

/** Starts this program again, detached from the terminal; resolves when it runs, with its process id. */
export async function startDetached(args: readonly string[], pidFile: string): Promise<number> {
  const interpreted = /^(node|bun)/.test(basename(process.execPath));
  const words = interpreted ? [...process.execArgv, process.argv[1] ?? '', ...args] : args;
  const child = spawn(process.execPath, words, {
    argv0: interpreted ? process.execPath : PROGRAM,
    detached: true,
    stdio: 'ignore',
    cwd: '/',
  });
  let ended: string | undefined;
  child.once('error', (error) => {
    ended = error.message;
  });
  child.once('exit', (status, signal) => {
    ended = `it ended with ${signal ?? `status ${status}`}`;
  });
  for (const end = Date.now() + START_MS; ended === undefined && Date.now() < end; ) {
    if (child.pid !== undefined && pidOf(pidFile) === child.pid) {
      child.unref();
      return child.pid;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill();
  throw configurationError(`${PROGRAM} did not start in the background: ${ended ?? 'it takes too long'}`);
}

function pidOf(file: string): number | undefined {
  try {
    const text = readFileSync(file, 'utf8').trim();
    return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}

/** True if the process lives and is a worker. Where there is no /proc, a living process is believed. */
function isArbiter(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  try {
    return /arbiter|das2srv/.test(readFileSync(`/proc/${pid}/cmdline`, 'latin1'));
  } catch {
    return true;
  }
}
