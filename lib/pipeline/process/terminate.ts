/**
 * Ends process groups: TERM, and KILL two seconds later for what is still there (server-protocol 4.6.5, server-internals 8.6).
 *
 * A stage is the leader of its own group, so what it started in the background goes with it. A process that leaves the group
 * on purpose (`setsid`) cannot be reached; the pipeline does not wait for it either.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** Time between TERM and KILL. */
export const KILL_DELAY_MS = 2000;
const FIRST_POLL_MS = 5;
const LONGEST_POLL_MS = 100;

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

/**
 * True while a process of the group runs. Those that have ended but were not collected do not count: in a container without
 * an init process nobody collects the orphans of a reader, and they would make us wait in vain.
 */
function isGroupRunning(groupId: number): boolean {
  if (!signalGroup(groupId, 0)) return false;
  try {
    return readdirSync('/proc').some((name) => /^\d+$/.test(name) && isRunningMember(name, groupId));
  } catch {
    return true;
  }
}

/** `/proc/ID/stat`: id, name in parentheses (which may hold anything), state, parent, group … */
function isRunningMember(processId: string, groupId: number): boolean {
  try {
    const stat = readFileSync(`/proc/${processId}/stat`, 'latin1');
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ', 3);
    return Number(group) === groupId && state !== 'Z' && state !== 'X';
  } catch {
    return false;
  }
}

/** Ends a group and resolves when it is gone or has been sent KILL. */
export function terminateGroup(groupId: number, killDelayMs = KILL_DELAY_MS): Promise<void> {
  if (!signalGroup(groupId, 'SIGTERM')) return Promise.resolve();
  const killAt = performance.now() + killDelayMs;
  let poll = FIRST_POLL_MS;
  return new Promise((resolve) => {
    const look = (): void => {
      if (!isGroupRunning(groupId)) {
        resolve();
      } else if (performance.now() >= killAt) {
        signalGroup(groupId, 'SIGKILL');
        resolve();
      } else {
        poll = Math.min(poll * 2, LONGEST_POLL_MS);
        setTimeout(look, poll);
      }
    };
    setTimeout(look, poll);
  });
}
