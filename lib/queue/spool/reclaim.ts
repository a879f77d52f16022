/**
 * Jobs of workers that died, in a spool queue (layout in spool/broker.ts).
 *
 * The folder of such a worker is renamed first: `lost_<time>-<process>~<holder>`. Of several reclaimers one succeeds, and if that one dies
 * too, the name says since when, and the next one takes it over.
 */
import { join } from 'node:path';
import { GAVE_UP_STATUS, isOurHolder, leaseOf, MOST_RETRIES, type QueueLimits, type Reclaimed } from '../broker.js';
import { finishedText, isFinishedText, itemTime, RESULT } from '../item.js';
import { changedAt, moveFile, namesIn, readText, removeFile, removeFolder, writeWhole } from './files.js';
import { BEAT, heldIn, type SpoolFolder, WORKING } from './folder.js';
import { endItem } from './history.js';
import { bareName, lossesOf, spoolName } from './names.js';
import { Unchanged } from './unchanged.js';

const LOST = 'lost_';

/** Signs of life from the future, as this process has seen them. */
const signs = new Unchanged();

export interface ReclaimOptions {
  readonly limits: QueueLimits;
  /** Our own slots: their jobs are never lost. */
  readonly mine: ReadonlySet<string>;
  /** Take from this holder, whatever it looks like. */
  readonly only: string | undefined;
  /** That holder is known to be gone. */
  readonly ended: boolean;
}

/** Puts back what dead workers had. */
export function reclaimLost(folders: SpoolFolder, options: ReclaimOptions): Reclaimed[] {
  const done: Reclaimed[] = [];
  for (const name of namesIn(folders.top)) {
    const holder = lostHolder(folders.top, name, options);
    if (holder === undefined) continue;
    const taken = join(folders.top, `${LOST}${Date.now()}-${process.pid}~${holder}`);
    if (moveFile(join(folders.top, name), taken)) done.push(...empty(folders, taken, holder, options.limits));
  }
  return done;
}

/** The holder whose folder this is, if its job may be taken away. */
function lostHolder(top: string, name: string, { limits, mine, only, ended }: ReclaimOptions): string | undefined {
  const folder = join(top, name);
  const isOver = (sign: number, leaseSeconds = limits.leaseSeconds): boolean => {
    const leaseMs = leaseSeconds * 1000;
    const age = Date.now() - sign;
    // One from the future was given before the clock was set back; that of a worker that lives changes.
    return age > leaseMs || (age < -leaseMs && signs.since(folder, String(sign)) > leaseMs);
  };
  if (name.startsWith(LOST)) {
    const since = Number(/^lost_(\d+)-/.exec(name)?.[1] ?? 0);
    return isOver(since) ? bareName(name) : undefined;
  }
  if (!name.startsWith(WORKING)) return undefined;
  const holder = name.slice(WORKING.length);
  if (only === undefined ? !isOurHolder(holder) || mine.has(holder) : holder !== only) return undefined;
  if (ended) return holder;
  // Without a sign of life the folder itself tells how old it is: a slot makes it before its first sign.
  const beat = join(folder, BEAT);
  const sign = changedAt(beat) ?? changedAt(folder);
  return sign !== undefined && isOver(sign, leaseOf(readText(beat))) ? holder : undefined;
}

/** Puts back what is in a folder that was taken away, and removes it. */
function empty(folders: SpoolFolder, folder: string, holder: string, limits: QueueLimits): Reclaimed[] {
  const done: Reclaimed[] = [];
  const most = limits.finished;
  for (let held = heldIn(folder); held !== undefined; held = heldIn(folder)) {
    const { item } = held;
    const losses = lossesOf(held.name) + 1;
    if (isFinishedText(held.text)) {
      endItem(folders, held, { dead: false, most });
      done.push({ holder, item, outcome: 'completed' });
    } else if (losses > MOST_RETRIES) {
      const now = itemTime(Date.now());
      const ending = { begin: now, status: GAVE_UP_STATUS, end: now, code: RESULT.gaveUp };
      writeWhole(held.file, finishedText(item, ending));
      endItem(folders, held, { dead: true, most });
      done.push({ holder, item, outcome: 'dead' });
    } else {
      folders.putBack(held, spoolName('urgent', losses));
      done.push({ holder, item, outcome: 'requeued' });
    }
  }
  for (const name of namesIn(folder)) removeFile(join(folder, name));
  removeFolder(folder);
  return done;
}
