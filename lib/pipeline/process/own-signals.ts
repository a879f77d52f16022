/**
 * What becomes of running stages when this program itself is ended: their groups go too.
 *
 * Apache ends CGI programs with SIGTERM when the client has gone, and with SIGKILL three seconds later. While stages run, the
 * handler here cancels the pipelines, waits for their processes, and then lets the signal have its usual effect. Installed with
 * the first stage and removed with the last one, since a handler costs start-up time. The embedded server ends its requests
 * in its own way and says so (`handleSignalsElsewhere`).
 *
 * If the program exits in any other way, what still runs gets KILL. If it is killed itself, others end what it has left: group-notes.ts.
 */
import type { MachineFolderOptions } from './machine-folder.js';
import { signalGroup } from './terminate.js';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
/** Time between the end of the stages and the signal's usual effect. */
const FINISH_MS = 300;

const groups = new Set<number>();
const pipelines = new Set<() => Promise<void>>();
const installed = new Map<NodeJS.Signals, () => void>();
let exitHook = false;
let elsewhere = false;

/** A process group now runs that must not outlive this program. */
export function rememberGroup(groupId: number): void {
  groups.add(groupId);
  if (exitHook) return;
  exitHook = true;
  process.on('exit', killAll);
}

export function forgetGroup(groupId: number): void {
  groups.delete(groupId);
}

/** Registers a running pipeline; `cancel` ends it and resolves when its processes have gone. The result takes it off. */
export function onOwnSignal(cancel: () => Promise<void>): () => void {
  pipelines.add(cancel);
  if (pipelines.size === 1) install();
  return () => {
    if (pipelines.delete(cancel) && pipelines.size === 0) remove();
  };
}

let notesPlace: MachineFolderOptions | undefined;

/** From now on process groups are noted below this `STATE_ROOT`; `mayCreate`: it was chosen by the administrator. */
export function noteGroupsBelow(stateRoot: string | undefined, mayCreate: boolean): void {
  notesPlace = stateRoot === undefined ? undefined : { folder: `${stateRoot}/groups`, mayCreate };
}

/** Where process groups are noted; undefined if they are not. */
export function groupNotesPlace(): MachineFolderOptions | undefined {
  return notesPlace;
}

/** The caller sees to it that pipelines are cancelled when this program is asked to end. */
export function handleSignalsElsewhere(): void {
  elsewhere = true;
}

function install(): void {
  // Some web servers ignore it, which is inherited, and then the system forgets how a process has ended before Bun can ask.
  listen('SIGCHLD', () => {});
  if (elsewhere) return;
  for (const signal of SIGNALS) listen(signal, () => void endAll(signal));
}

function listen(signal: NodeJS.Signals, handler: () => void): void {
  installed.set(signal, handler);
  process.on(signal, handler);
}

function remove(): void {
  for (const [signal, handler] of installed) process.off(signal, handler);
  installed.clear();
}

async function endAll(signal: NodeJS.Signals): Promise<void> {
  await Promise.all([...pipelines].map((cancel) => cancel()));
  remove();
  // Whoever waited for the pipeline (the writer of a CGI answer, the log) may finish first.
  setTimeout(() => process.kill(process.pid, signal), FINISH_MS);
}

function killAll(): void {
  for (const groupId of groups) signalGroup(groupId, 'SIGKILL');
}
