/**
 * Makes finished blocks appear, with their side files, each step on disk before the next one begins (server-internals 2.7, rules 2 and 4):
 *
 *   new block        side file → block            (a side file alone means nothing)
 *   block replaced   block → side file            (until then the old side file tells that it is not valid)
 *
 * Contract: a power cut or a kill at any moment leaves the old block, or a block that counts as missing, or the new one with its side file. A
 * process that stood still until another one took its lock leaves the other's block and side file alone.
 */

import { syncFolder } from '../../files/sync-folder.js';
import { Turns } from '../../turns.js';
import type { BlockRecord } from '../block/record.js';
import type { BlockWriter } from './writer.js';

/** A finished block and what is to be known of it. */
export interface FinishedBlock {
  readonly writer: BlockWriter;
  readonly record: BlockRecord;
  /** Whether the right to write it is still ours. */
  readonly isOurs: () => boolean;
}

/**
 * Publishes blocks; answers those that have taken all steps. Before each step of a block its lock is looked at: a side file of ours beside a
 * block of another process would make that block invalid, so what is not ours any more is left as it is. Rejects with what the system has
 * against it.
 */
export async function publishBlocks(blocks: readonly FinishedBlock[]): Promise<readonly FinishedBlock[]> {
  const announced = await step(blocks, ({ writer, record }) => writer.announce(record));
  const there = await step(announced, ({ writer }) => writer.appear());
  const concluded = await step(
    there.filter(({ writer }) => !writer.isNew),
    ({ writer, record }) => writer.conclude(record),
  );
  return [...there.filter(({ writer }) => writer.isNew), ...concluded];
}

/** Does something with the blocks that are ours and has it on disk; answers them. A run may have hundreds, and each waits for the disk. */
async function step(
  blocks: readonly FinishedBlock[],
  action: (block: FinishedBlock) => void,
): Promise<readonly FinishedBlock[]> {
  const turns = new Turns();
  const ours: FinishedBlock[] = [];
  for (const block of blocks) {
    await turns.next();
    // Nothing may come between the look and the deed.
    if (!block.isOurs()) continue;
    action(block);
    ours.push(block);
  }
  for (const folder of new Set(ours.map(({ writer }) => writer.folder))) {
    await turns.next();
    syncFolder(folder);
  }
  await turns.give();
  return ours;
}
