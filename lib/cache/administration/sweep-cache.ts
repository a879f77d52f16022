/**
 * Removes what builders that were killed have left anywhere in the cache: once when a worker starts (server-internals 2.7, rule 2). Folders in
 * which blocks are made are swept by builder/block-builder.ts as well.
 */
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { sweepFolder } from '../block/leftovers.js';
import { foldersBelow } from '../level/cache-tree.js';
import { isPlainFolder } from '../safe-files.js';

/** Walks the cache below `root`, a folder at a time between other work, until the signal; how many files were removed. */
export async function sweepCache(root: string, signal: AbortSignal): Promise<number> {
  const data = join(root, 'data');
  let count = 0;
  if (!isPlainFolder(root, data)) return count;
  for (const folder of foldersBelow(data)) {
    try {
      count += sweepFolder(folder, Date.now());
    } catch {
      // It has just gone, or is not ours to read.
    }
    await setImmediate();
    if (signal.aborted) break;
  }
  return count;
}
