/**
 * Folders of levels that a definition no longer has (server-internals 2.9): nothing reads them, and somebody should know.
 */
import { join } from 'node:path';
import type { Configuration } from '../conf/configuration.js';
import { cacheLevelsOf, type Source } from '../source/source.js';
import { levelFolders } from './cache-tree.js';

/** A line for each such folder of a source. */
export function staleFolders(configuration: Configuration, source: Source): string[] {
  const root = configuration.path('CACHE_ROOT');
  if (root === undefined) return [];
  const { levels } = cacheLevelsOf(source);
  const known = new Set(levels.map(({ normalizedParams, directory }) => `${normalizedParams}/${directory}`));
  const lines: string[] = [];
  for (const { dataset, params, directory } of levelFolders(root, source.id)) {
    if (dataset !== source.id || known.has(`${params}/${directory}`)) continue;
    const folder = join('data', dataset, params, directory);
    lines.push(
      `${source.id}: ${folder} belongs to no cacheLevel any more and is not used; 'das2_srv_cache gc' removes it`,
    );
  }
  return lines;
}
