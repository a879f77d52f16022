/**
 * Where coverage is kept: `CACHE_ROOT/coverage/<dataset>.json`, and the same as a das2 stream in `<dataset>.d2s` (server-internals 7.2).
 *
 * Contract: only the worker writes, each file in one step and never through a symbolic link. The JSON file is the one that counts; readers
 * see the last whole one. A damaged file is as good as none.
 */
import {
  closeSync,
  constants,
  type Dirent,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Configuration } from '../../conf/configuration.js';
import { takeLock } from '../../files/lock-file.js';
import { syncFolder } from '../../files/sync-folder.js';
import { sweepFolder } from '../block/leftovers.js';
import { ensureFolders, parseUmask, removeIfThere, replaceFile } from '../safe-files.js';
import { type Coverage, coverageJson, type DayRange, parseCoverage } from './coverage.js';
import { coverageStream } from './stream.js';

const FOLDER = 'coverage';
/** Its time tells when somebody last looked for coverage of sources that are no more. */
const SWEPT = '.swept';
const DAY_MS = 86_400_000;
/** Whoever changes a coverage needs milliseconds. */
const LOCK = { waitMs: 5000, staleMs: 30_000 };
/** Longest file that is read; the counts of 273 years have a fifth of it. */
const MOST_BYTES = 8 * 1024 * 1024;

/** True if a coverage is kept for a source, whatever is in it. */
export function hasCoverage(configuration: Configuration, dataset: string): boolean {
  const root = configuration.path('CACHE_ROOT');
  return root !== undefined && existsSync(join(root, FOLDER, `${dataset}.json`));
}

/** The coverage kept for a source; undefined if there is none, or the site has no cache. */
export function readCoverage(configuration: Configuration, dataset: string): Coverage | undefined {
  const root = configuration.path('CACHE_ROOT');
  if (root === undefined) return undefined;
  let descriptor: number;
  try {
    descriptor = openSync(join(root, FOLDER, `${dataset}.json`), constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch {
    return undefined;
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || stats.size > MOST_BYTES) return undefined;
    const coverage = parseCoverage(readFileSync(descriptor, 'utf8'));
    return coverage?.dataset === dataset ? coverage : undefined;
  } catch {
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Keeps what `change` makes of the coverage that is kept of a source; undefined leaves it as it is. One at a time, so that jobs for the same
 * source lose nothing of each other; who does not get the lock in five seconds goes on without it, since days can be counted again. Throws
 * `configuration` if the cache cannot be written.
 */
export function changeCoverage(
  configuration: Configuration,
  dataset: string,
  change: (kept: Coverage | undefined) => Coverage | undefined,
): void {
  const parts = dataset.split('/');
  const name = parts.pop() ?? '';
  const umask = parseUmask(configuration.text('CACHE_UMASK'));
  const folder = ensureFolders(configuration.requiredPath('CACHE_ROOT'), [FOLDER, ...parts], umask);
  sweepFolder(folder, Date.now());
  const unlock = takeLock(join(folder, `.${name}.json.lock`), LOCK);
  try {
    const coverage = change(readCoverage(configuration, dataset));
    if (coverage === undefined) return;
    replaceFile(folder, `${name}.d2s`, coverageStream(coverage), umask);
    replaceFile(folder, `${name}.json`, Buffer.from(`${JSON.stringify(coverageJson(coverage))}\n`), umask);
    syncFolder(folder);
  } finally {
    unlock?.();
  }
}

/** Forgets what was counted on these days of a source, or on all; the number of days. With `dryRun` nothing is changed. */
export function forgetDays(
  configuration: Configuration,
  dataset: string,
  { range, dryRun }: { readonly range: DayRange | undefined; readonly dryRun: boolean },
): number {
  const isMeant = (day: number): boolean => range === undefined || (day >= range.begin && day < range.end);
  const count = [...(readCoverage(configuration, dataset)?.days.keys() ?? [])].filter(isMeant).length;
  if (count === 0 || dryRun) return count;
  changeCoverage(
    configuration,
    dataset,
    (kept) => kept && { ...kept, days: new Map([...kept.days].filter(([day]) => !isMeant(day))) },
  );
  return count;
}

/**
 * As `dropForeignCoverage`, if nobody has done it for a day. `now` in milliseconds since 1970. Throws `configuration` if the cache cannot be
 * written.
 */
export function sweepCoverage(
  configuration: Configuration,
  known: (dataset: string) => boolean,
  now: number,
): string[] {
  const umask = parseUmask(configuration.text('CACHE_UMASK'));
  const folder = ensureFolders(configuration.requiredPath('CACHE_ROOT'), [FOLDER], umask);
  const swept = statSync(join(folder, SWEPT), { throwIfNoEntry: false });
  if (swept !== undefined && Math.abs(now - swept.mtimeMs) < DAY_MS) return [];
  replaceFile(folder, SWEPT, Buffer.alloc(0), umask);
  return dropForeignCoverage(configuration, known);
}

/** Removes the coverage of sources that are not `known` any more; their names. */
function dropForeignCoverage(configuration: Configuration, known: (dataset: string) => boolean): string[] {
  const top = join(configuration.requiredPath('CACHE_ROOT'), FOLDER);
  const dropped: string[] = [];
  for (const dataset of keptDatasets(top, '')) {
    if (known(dataset)) continue;
    removeIfThere(join(top, `${dataset}.json`));
    removeIfThere(join(top, `${dataset}.d2s`));
    dropped.push(dataset);
  }
  return dropped;
}

function* keptDatasets(top: string, below: string): Generator<string> {
  let entries: Dirent[];
  try {
    entries = readdirSync(join(top, below), { withFileTypes: true });
  } catch {
    return;
  }
  for (const entry of entries) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) yield* keptDatasets(top, path);
    else if (entry.isFile() && path.endsWith('.json') && !entry.name.startsWith('.')) yield path.slice(0, -5);
  }
}
