/**
 * Folders of levels that a definition no longer has (server-internals 2.9): nothing reads them, and somebody should know.
 */
import { join } from 'node:path';
import type { Configuration } from '../../conf/configuration.js';
import { cacheLevelsOf, type Source } from '../../source/source.js';
import { levelFolders } from '../level/cache-tree.js';

/** The folders of a source on disk, as paths below CACHE_ROOT, that no level of its definition has. */
export function staleLevels(configuration: Configuration, source: Source): string[] {
  const root = configuration.path('CACHE_ROOT');
  if (root === undefined) return [];
  const known = new Set(
    cacheLevelsOf(source).levels.map(({ normalizedParams, directory }) => `${normalizedParams}/${directory}`),
  );
  return [...levelFolders(root, source.id)]
    .filter(({ dataset, params, directory }) => dataset === source.id && !known.has(`${params}/${directory}`))
    .map(({ dataset, params, directory }) => join('data', dataset, params, directory));
}

/** A line for each such folder. */
export function staleFolders(configuration: Configuration, source: Source): string[] {
  return staleLevels(configuration, source).map(
    (folder) =>
      `${source.id}: ${folder} belongs to no cacheLevel any more and is not used; 'das2_srv_cache gc --yes' removes it`,
  );
}
