/**
 * Which cache level serves a request, and which levels belong to a parameter set (server-internals 2.2, 2.5; stream-format 13.8).
 */
import { type CacheLevel, normalizeParams, splitWords } from '../../source/cache-level.js';

/**
 * The coarsest of these levels whose bin is not longer than the resolution asked for, in seconds; no resolution counts as 0, which only
 * an intrinsic level serves. Of two equal ones the higher number wins. Undefined if there is none.
 */
export function coarsestLevel(levels: readonly CacheLevel[], resolution = 0): CacheLevel | undefined {
  let chosen: CacheLevel | undefined;
  for (const level of levels) {
    if (level.seconds <= resolution && (chosen === undefined || level.seconds >= chosen.seconds)) chosen = level;
  }
  return chosen;
}

/** The levels whose folder name for parameters is this text, in the server's form or in that of older scripts. */
export function levelsOfFolder(levels: readonly CacheLevel[], folder: string): CacheLevel[] {
  return levels.filter(({ params }) => normalizeParams(params) === folder || olderForm(params) === folder);
}

/** Folder names as the older cache reader made them (N2): hyphens stay, and an option is glued to the word behind it. */
export function olderForm(params: string): string {
  const words = splitWords(params);
  if (words.length === 0) return normalizeParams('');
  const glued: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    const next = words[i + 1];
    if (word.startsWith('-') && next !== undefined && !next.startsWith('-')) {
      glued.push(`${word}_${next}`);
      i++;
    } else glued.push(word);
  }
  return glued.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).join('_');
}
