/**
 * Which process groups this program has started, for others to end when it was killed and could not (server-internals 8.6).
 *
 *   STATE_ROOT/groups/<machine>/OWNER-START-GROUP-START      process id and start of this program, and of the leader of the group
 *
 * The content is the time, in clock ticks since boot, at which the owner last had the group; renewed as long as it has it, soon after the start
 * of the group for what its leader leaves in the background, then ever more seldom. A second time behind it is that at which somebody else first
 * asked the group to end: one who answers a short request is gone before KILL is due, and the next one goes on from there.
 *
 * Contract: nobody is ended who may be somebody else's. A note counts if its file belongs to our own account and its owner has ended. The group
 * is the one of the note if its leader is still that very process, running or not yet collected; or, if the leader has gone, if a member of the
 * group is older than the last time at which the owner had it: until then the number of the group meant this group. Otherwise the number has
 * been given away again, or nothing tells, and the group is left alone. Without /proc nothing is ended. Never throws: where STATE_ROOT cannot be
 * written, readers of killed programs go on as they did.
 */
import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { MachineFolder } from './machine-folder.js';
import { groupNotesPlace } from './own-signals.js';
import {
  isRunning,
  isSameProcess,
  ownIdentity,
  type ProcessIdentity,
  processesNow,
  startOf,
} from './process-identity.js';
import { KILL_DELAY_MS, signalGroup, terminateGroup } from './terminate.js';

const FIRST_RENEW_MS = 100;
const RENEW_MS = 10_000;
/** Whoever starts groups looks for those of killed programs no more often. */
const LOOK_MS = 60_000;
/** Linux counts the starts of processes in hundredths of a second. */
const TICK_MS = 10;
const NAME = /^(\d{1,10})-(\d{1,15})-(\d{1,10})-(\d{1,15})$/;

/** The note of a group that runs now. */
interface OwnNote {
  readonly file: string;
  timer?: NodeJS.Timeout;
}

const mine = new Map<number, OwnNote>();
let lookedAt = Number.NEGATIVE_INFINITY;

/** Notes a group that has just been started. Now and then looks for those that killed programs have left behind. */
export function noteGroup(groupId: number): void {
  const place = groupNotesPlace();
  const startedAt = startOf(groupId);
  if (place === undefined || startedAt === undefined) return;
  const { processId, startedAt: ownStart } = ownIdentity();
  try {
    const folder = new MachineFolder(place);
    const file = `${folder.path}/${processId}-${ownStart}-${groupId}-${startedAt}`;
    folder.existing(() => write(file, String(ticksSinceBoot())));
    const note: OwnNote = { file };
    mine.set(groupId, note);
    renewAfter(note, FIRST_RENEW_MS);
  } catch {
    // Without notes all is as it was.
    return;
  }
  if (performance.now() - lookedAt < LOOK_MS) return;
  lookedAt = performance.now();
  setImmediate(() => void endOrphanedGroups());
}

/** The group has ended. */
export function forgetNote(groupId: number): void {
  const note = mine.get(groupId);
  if (note === undefined) return;
  mine.delete(groupId);
  clearTimeout(note.timer);
  remove(note.file);
}

function renewAfter(note: OwnNote, milliseconds: number): void {
  note.timer = setTimeout(() => {
    try {
      write(note.file, String(ticksSinceBoot()));
    } catch {
      // The note says what it said before.
    }
    renewAfter(note, Math.min(milliseconds * 2, RENEW_MS));
  }, milliseconds).unref();
}

function write(file: string, text: string): void {
  const { O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY } = constants;
  const descriptor = openSync(file, O_CREAT | O_NOFOLLOW | O_TRUNC | O_WRONLY, 0o640);
  writeFileSync(descriptor, text);
  closeSync(descriptor);
}

/** Ends the groups that programs of this machine and account have left behind when they were killed; the groups that were ended. */
export async function endOrphanedGroups(): Promise<readonly number[]> {
  const place = groupNotesPlace();
  if (place === undefined) return [];
  const { path } = new MachineFolder(place);
  const ended: number[] = [];
  for (const note of notesIn(path)) {
    if (isRunning(note.owner) || !isOwnFile(note.file)) continue;
    const state = stateOf(note);
    if (state === 'ours') {
      const { processId } = note.group;
      const left = timeLeft(note.file);
      // At once: a short request does not live until a timer has run.
      if (left === 0) signalGroup(processId, 'SIGKILL');
      else await terminateGroup(processId, left);
      ended.push(processId);
    }
    if (state !== 'unknown') remove(note.file);
  }
  return ended;
}

interface Note {
  readonly file: string;
  readonly owner: ProcessIdentity;
  /** Its leader. */
  readonly group: ProcessIdentity;
}

function notesIn(folder: string): Note[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const match = NAME.exec(name);
    if (match === null) return [];
    const [owner = 0, ownerStart = 0, group = 0, groupStart = 0] = match.slice(1).map(Number);
    if (owner === process.pid && mine.has(group)) return [];
    return {
      file: `${folder}/${name}`,
      owner: { processId: owner, startedAt: ownerStart },
      group: { processId: group, startedAt: groupStart },
    };
  });
}

/** What has become of a group: it runs; nothing of it is left; something has its number. */
function stateOf({ file, group }: Note): 'ours' | 'gone' | 'unknown' {
  const members = processesNow().filter((one) => one.groupId === group.processId);
  if (!members.some(({ isOver }) => !isOver)) return 'gone';
  const leader = members.find(({ processId }) => processId === group.processId);
  if (leader !== undefined) return isSameProcess(leader, group) ? 'ours' : 'gone';
  const until = timesIn(file)?.had;
  return until !== undefined && members.some(({ startedAt }) => startedAt < until) ? 'ours' : 'unknown';
}

/** Milliseconds that a group still has before KILL, counted from the first time that it was asked to end. */
function timeLeft(file: string): number {
  const now = ticksSinceBoot();
  const { had, asked } = timesIn(file) ?? { had: 0, asked: undefined };
  if (asked !== undefined) return Math.min(Math.max(KILL_DELAY_MS - (now - asked) * TICK_MS, 0), KILL_DELAY_MS);
  try {
    write(file, `${had} ${now}`);
  } catch {
    // Whoever looks next begins anew.
  }
  return KILL_DELAY_MS;
}

function timesIn(file: string): { readonly had: number; readonly asked: number | undefined } | undefined {
  try {
    const match = /^(\d{1,15})(?: (\d{1,15}))?$/.exec(readFileSync(file, 'latin1'));
    if (match === null) return undefined;
    return { had: Number(match[1]), asked: match[2] === undefined ? undefined : Number(match[2]) };
  } catch {
    return undefined;
  }
}

function ticksSinceBoot(): number {
  const seconds = Number(readFileSync('/proc/uptime', 'latin1').split(' ', 1)[0]);
  return Math.floor((seconds * 1000) / TICK_MS);
}

function isOwnFile(file: string): boolean {
  const found = lstatSync(file, { throwIfNoEntry: false });
  return found?.isFile() === true && found.uid === process.getuid?.();
}

function remove(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // Gone already, or of another account.
  }
}
