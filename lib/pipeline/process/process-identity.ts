/**
 * Is the process that left this mark still running? A process id alone does not tell: ids are used again. Together with the
 * time of the start, which the kernel counts from boot, it means one process for as long as the machine runs; and
 * `machineMark` changes when the machine starts anew, or where process ids mean something else (a container).
 *
 * Without /proc (not Linux) the id alone has to do.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { shortHash } from '../../short-hash.js';

export interface ProcessIdentity {
  readonly processId: number;
  /** Clock ticks from boot to the start of the process; 0 if unknown. */
  readonly startedAt: number;
}

let own: ProcessIdentity | undefined;
let mark: string | undefined;

/** This process. */
export function ownIdentity(): ProcessIdentity {
  own ??= { processId: process.pid, startedAt: statusOf('self')?.startedAt ?? 0 };
  return own;
}

/** True unless the process is known to have ended. One that has ended and was not collected does not run. */
export function isRunning({ processId, startedAt }: ProcessIdentity): boolean {
  const status = startedAt === 0 ? undefined : statusOf(String(processId));
  if (status !== undefined) return status.startedAt === startedAt && status.state !== 'Z' && status.state !== 'X';
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // EPERM: it runs as another user, and /proc is hidden from us.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process was started, also one that has ended and was not collected; undefined if there is none, or nothing tells. */
export function startOf(processId: number): number | undefined {
  return statusOf(String(processId))?.startedAt;
}

export function isSameProcess(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.processId === b.processId && a.startedAt === b.startedAt;
}

/** A process as the kernel has it. */
export interface ProcessNow extends ProcessIdentity {
  readonly groupId: number;
  /** It has ended and was not collected. */
  readonly isOver: boolean;
}

/** All processes that can be seen; none where nothing tells. */
export function processesNow(): ProcessNow[] {
  let names: string[];
  try {
    names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const status = statusOf(name);
    if (status === undefined) return [];
    const { startedAt, groupId, state } = status;
    return { processId: Number(name), startedAt, groupId, isOver: state === 'Z' || state === 'X' };
  });
}

/** 16 hexadecimal digits for this run of this machine, and for the set of processes that can see each other. */
export function machineMark(): string {
  if (mark === undefined) {
    const boot = quietly(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1'));
    const space = quietly(() => readlinkSync('/proc/self/ns/pid'));
    mark = shortHash(`${boot}\n${space}`);
  }
  return mark;
}

/** `/proc/ID/stat`: id, name in parentheses (which may hold anything), state, parent, group, and as the twentieth from there the start. */
function statusOf(name: string): { state: string; groupId: number; startedAt: number } | undefined {
  try {
    const text = readFileSync(`/proc/${name}/stat`, 'latin1');
    const words = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const startedAt = Number(words[19]);
    return Number.isSafeInteger(startedAt)
      ? { state: words[0] ?? '', groupId: Number(words[2]), startedAt }
      : undefined;
  } catch {
    return undefined;
  }
}

function quietly(read: () => string): string {
  try {
    return read().trim();
  } catch {
    return '';
  }
}
