/**
 * Makes the naming table from the tree of sources (browse-export 4.1).
 *
 * Contract: a definition that is no good is left out with one complaint and harms no other. Throws `configuration` where the tree cannot be
 * read: then the old table is better than half a new one.
 */
import { accessSync, constants, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { configurationError, errorDetail } from '../../conf/configuration-error.js';
import { isDas2Error } from '../../error.js';
import type { Source } from '../../source/source.js';
import { sourceOf } from '../../source/source-definitions.js';
import type { SourceTree } from '../../source/tree/source-tree.js';
import { type Triad, triadName } from '../record/item-name.js';
import type { RecordGrid } from '../record/number.js';
import { seriesOf } from './definition.js';
import type { Series } from './series.js';

export interface BuiltNames {
  readonly series: readonly Series[];
  /** What an administrator should know, a line each. */
  readonly complaints: readonly string[];
  /** Version of the tree that was read. */
  readonly version: string;
}

/** Reads the tree. `written`: what hand-written lines say. */
export async function buildNames(
  tree: SourceTree,
  written: (triad: Triad) => RecordGrid | undefined,
): Promise<BuiltNames> {
  requireReadable(tree.root);
  const { records, version } = await tree.list();
  const complaints: string[] = [];
  const found = new Map<string, Series>();
  for (const { path, isFolder } of records) {
    if (isFolder) continue;
    try {
      const source = sourceOf(tree, path);
      if (isElsewhere(source, tree)) continue;
      const defined = seriesOf(source, tree.configuration, written);
      if (defined === undefined) continue;
      const name = triadName(defined.series);
      const other = found.get(name);
      if (other !== undefined) {
        complaints.push(`${path}: ${other.dataset} is called ${name} already; not browsable`);
        continue;
      }
      complaints.push(...defined.doubts);
      found.set(name, { ...defined.series, ...(written(defined.series) !== undefined && { isByHand: true as const }) });
    } catch (error) {
      if (!isDas2Error(error)) throw error;
      complaints.push(errorDetail(error));
    }
  }
  return { series: [...found.values()], complaints, version };
}

/** Sources of other servers, and old names, have no records here. */
function isElsewhere({ redirect }: Source, { configuration }: SourceTree): boolean {
  if (redirect.rename !== undefined) return true;
  return redirect.server !== undefined && !configuration.flag('IGNORE_REDIRECT');
}

/** A folder that cannot be read would look like one without sources. */
function requireReadable(folder: string, depth = 0): void {
  try {
    accessSync(folder, constants.R_OK | constants.X_OK);
    if (depth > 20) return;
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) requireReadable(join(folder, entry.name), depth + 1);
    }
  } catch (error) {
    if (isDas2Error(error)) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    throw configurationError(`DSDF_ROOT: the folder ${folder} cannot be read (${code})`, error);
  }
}
