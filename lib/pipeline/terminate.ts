/**
 * Ends process groups: TERM, and KILL two seconds later for what is still there (server-protocol 4.6.5, server-internals 8.6).
 *
 * A stage is the leader of its own group, so what it started in the background goes with it. A process that leaves the group
 * on purpose (`setsid`) cannot be reached; the pipeline does not wait for it either.
 */

/** Time between TERM and KILL. */
export const KILL_DELAY_MS = 2000;
const POLL_MS = 20;

/** Sends a signal to a process group; false if nothing is left of it. */
export function signalGroup(groupId: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-groupId, signal);
    return true;
  } catch (error) {
    // EPERM: a member runs as another user, so the group exists, but it is not ours to end.
    return (error as NodeJS.ErrnoException).code === 'EPERM' && signal === 0;
  }
}

/** Ends a group and resolves when it is gone or has been sent KILL. */
export function terminateGroup(groupId: number, killDelayMs = KILL_DELAY_MS): Promise<void> {
  if (!signalGroup(groupId, 'SIGTERM')) return Promise.resolve();
  const killAt = performance.now() + killDelayMs;
  return new Promise((resolve) => {
    const look = (): void => {
      if (!signalGroup(groupId, 0)) {
        resolve();
      } else if (performance.now() >= killAt) {
        signalGroup(groupId, 'SIGKILL');
        resolve();
      } else {
        setTimeout(look, POLL_MS);
      }
    };
    setTimeout(look, POLL_MS);
  });
}
