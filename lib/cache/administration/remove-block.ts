/**
 * Takes one block out of a cache while others may be making it anew (server-internals 2.7, 2.9).
 *
 * Contract: a block without its side file would count as one of an older server, for ever. So the block goes first, and its side file only while
 * nobody else may publish that block, and as long as it is not there again; a side file alone means nothing.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sideName } from '../block/look.js';
import { releaseLease, renewLease, takeLease } from '../builder/lease-file.js';
import { LOCK_SECONDS, lockName, newOwner } from '../builder/locks.js';
import { removeIfThere } from '../safe-files.js';

/** Removes a block and its side file, as far as they are there. Throws what the system has against it. */
export function removeBlock(folder: string, name: string): void {
  const isGone = removeIfThere(join(folder, name));
  const side = join(folder, sideName(name));
  if (!isGone && !existsSync(side)) return;
  const lock = join(folder, lockName(name));
  const owner = newOwner();
  // Whoever has the lock writes a side file of its own. One that had to stay is swept some day.
  if (!take(lock, owner)) return;
  try {
    if (!existsSync(join(folder, name)) && renewLease(lock, owner)) removeIfThere(side);
  } finally {
    releaseLease(lock, owner);
  }
}

/** False if somebody else has the lock, or where a full disk has no room for it: that is what blocks are removed for. */
function take(lock: string, owner: string): boolean {
  try {
    return takeLease(lock, owner, LOCK_SECONDS);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') return false;
    throw error;
  }
}
