/**
 * What lies beside blocks for a while, and goes when nobody needs it any more: locks, temporary files, marks of failed blocks, side files.
 */
import { lstatSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { SIDE } from './look.js';

const DAY_MS = 86_400_000;
/** How the names of marks of failed blocks end (failure/marks.ts). */
export const FAILED = '.failed';
/** How the names of locks beside blocks end (builder/locks.ts). */
export const LOCK = '.lock';
/** Marks say nothing after a day, but how often a block had failed before counts a little longer. */
const FAILED_KEPT_MS = 7 * DAY_MS;

/**
 * Removes what builders that were killed have left in a folder more than a day ago, side files without a block among it, and old marks of failed
 * blocks; the number of files.
 * What has a lock that was renewed since then is left: a run may take longer than a day, and finishes its first blocks soon. With `dryRun`
 * files are only counted.
 */
export function sweepFolder(folder: string, now: number, dryRun = false): number {
  const isOld = (name: string): boolean =>
    now - lstatSync(join(folder, name)).mtimeMs >= (name.endsWith(FAILED) ? FAILED_KEPT_MS : DAY_MS);
  const names = readdirSync(folder);
  const all = new Set(names);
  const leftovers = names.filter((name) => isLeftover(name) || isLoneSide(name, all));
  const locks = leftovers.filter((name) => name.endsWith(LOCK));
  let count = 0;
  for (const name of leftovers) {
    try {
      if (!isOld(name)) continue;
      const lock = locks.find((one) => name.startsWith(`${one.slice(0, -LOCK.length)}.`));
      if (lock !== undefined && lock !== name && !isOld(lock)) continue;
      if (!dryRun) unlinkSync(join(folder, name));
      count++;
    } catch {
      // Somebody else was quicker.
    }
  }
  return count;
}

/** True for the names of temporary files, locks, and marks of failed blocks. */
function isLeftover(name: string): boolean {
  return name.startsWith('.') && (name.endsWith('.tmp') || name.includes(LOCK) || name.endsWith(FAILED));
}

/** True for the name of a side file whose block is not among the names of its folder. */
function isLoneSide(name: string, all: ReadonlySet<string>): boolean {
  return name.startsWith('.') && name.endsWith(SIDE) && !all.has(name.slice(1, -SIDE.length));
}
