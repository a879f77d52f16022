/**
 * Words to systemd (`Type=notify`): ready, status, watchdog, stopping. Its datagram socket cannot be opened from here, so the
 * program systemd-notify says them; the unit needs `NotifyAccess=all`. Silent where no service manager listens.
 */
import { execFile } from 'node:child_process';

export interface ServiceManager {
  /** Lines such as `READY=1` or `STATUS=text`. */
  tell(...words: readonly string[]): Promise<void>;
  /** Milliseconds between two signs of life (`WATCHDOG=1`) that it wants from this process; undefined if it wants none. */
  readonly watchdogMs: number | undefined;
}

/** The service manager named by the environment (sd_notify(3), sd_watchdog_enabled(3)). */
export function serviceManager(environment: Readonly<Record<string, string | undefined>>): ServiceManager {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: watchdog, WATCHDOG_PID: watched } = environment;
  if (socket === undefined || socket === '') return { tell: async () => {}, watchdogMs: undefined };
  const microseconds = Number(watchdog);
  // A process that a watched one has started inherits the variables; signs of life are wanted from the watched one alone.
  const isMeant = watched === undefined || watched === '' || Number(watched) === process.pid;
  return {
    watchdogMs: microseconds > 0 && isMeant ? microseconds / 2000 : undefined,
    tell: (...words) =>
      new Promise((resolve) => {
        const env = { PATH: environment.PATH ?? '/usr/bin:/bin', NOTIFY_SOCKET: socket };
        // A service manager that does not listen is no reason to fail.
        execFile('systemd-notify', [`--pid=${process.pid}`, ...words], { env, timeout: 5000 }, () => resolve());
      }),
  };
}
