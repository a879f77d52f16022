/** The documents of this repository, and the blocks of commands in them. */
import { readSource, type SourceFile, workFiles } from './repository-files.js';

export const documents: readonly SourceFile[] = workFiles()
  .filter((path) => path.endsWith('.md') && !path.startsWith('test/'))
  .map(readSource);

const FENCE = '```';

/** All blocks of a document that begin with these words, as one text. */
export function blocksOf(text: string, words: string): string {
  const blocks = text.matchAll(new RegExp(`^${FENCE}${words}\\n([\\s\\S]*?)^${FENCE}$`, 'gm'));
  return [...blocks].map((block) => block[1]).join('\n');
}

/** The commands of a document that run as they stand. */
export function executableScript(text: string): string {
  return blocksOf(text, 'sh run');
}
