/**
 * Whether the blocks on disk can be used: each is read and held against its side file (`das2_srv_cache verify`, server-internals 2.7).
 */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { BlockCheck } from '../block/check.js';
import { Checksum } from '../block/checksum.js';
import { readChunks } from '../block/read.js';
import { allEntriesOf, blocksIn } from '../level/cache-tree.js';
import { type FoundLevel, stateOf } from './levels-on-disk.js';

/** A block that cannot be used. */
export interface Fault {
  readonly dataset: string;
  /** Path below CACHE_ROOT. */
  readonly file: string;
  readonly reason: string;
}

/** Reads all blocks of a level's folder and tells those that cannot be used or are damaged. */
export function* verifyLevel(found: FoundLevel, root: string, now: number): Generator<Fault> {
  for (const block of blocksIn(found.folder.path, allEntriesOf)) {
    const path = join(block.folder, block.name);
    const state = stateOf(block, found.place, now);
    const reason =
      state.kind === 'missing' ? state.reason : damageOf(path, found.place?.suffix ?? 'd2s', state.content?.checksum);
    if (reason === undefined) continue;
    yield { dataset: found.folder.dataset, file: path.slice(root.length + 1), reason };
  }
}

function damageOf(path: string, suffix: 'd2s' | 'qds', checksum: string | undefined): string | undefined {
  const check = new BlockCheck(suffix === 'qds' ? 'qstream' : 'das2');
  const sum = new Checksum();
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    return `it cannot be opened (${(error as NodeJS.ErrnoException).code})`;
  }
  try {
    readChunks(descriptor, (chunk) => {
      sum.add(chunk);
      check.push(chunk);
    });
    const { fault } = check.end();
    if (fault !== undefined) return fault;
    return checksum === undefined || sum.text() === checksum ? undefined : 'its bytes are not those that were written';
  } catch (error) {
    return `it cannot be read (${(error as NodeJS.ErrnoException).code})`;
  } finally {
    closeSync(descriptor);
  }
}
