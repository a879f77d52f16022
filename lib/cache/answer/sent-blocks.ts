/**
 * What the blocks of an answer were, for those who want to know it again by them: loaded with data/cache-plan.ts, asked behind the last byte.
 */
import { type Stats, statSync } from 'node:fs';
import type { Piece } from '../level/find-blocks.js';

/**
 * One text a block, which changes whenever the block does: the checksum that its bytes had when they were sent, its size, and when it was made. Undefined if a
 * part of the answer came from elsewhere, if the bytes of a block have no checksum, or if a block is another one now than when it was looked at:
 * then nobody knows which of them was sent.
 */
export function sentBlocks(pieces: readonly Piece[]): string[] | undefined {
  if (pieces.length === 0) return undefined;
  const texts: string[] = [];
  for (const { file, seen } of pieces) {
    if (file === undefined || seen?.content === undefined) return undefined;
    const now = statsOf(file);
    if (now?.size !== seen.size || now.mtimeMs !== seen.changedAt) return undefined;
    texts.push(`${seen.content.checksum} ${seen.size} ${seen.changedAt}`);
  }
  return texts;
}

function statsOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
