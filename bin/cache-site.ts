/**
 * What all actions of das2_srv_cache work with: options, the configuration and the tree of sources, words for people.
 */
import { writeSync } from 'node:fs';
import type { FoundLevel } from '../lib/cache/administration/levels-on-disk.js';
import type { Configuration } from '../lib/conf/configuration.js';
import { Das2Error, isDas2Error } from '../lib/error.js';
import { writeFully } from '../lib/reply/write-fully.js';
import type { TimeRange } from '../lib/source/time-range.js';
import type { SourceTree } from '../lib/source/tree/source-tree.js';

/** Exit statuses. */
export const STATUS = { done: 0, faults: 1, usage: 13, refused: 15, configuration: 17, interrupted: 130 } as const;

/** As the command line parser gives them. */
export interface Options {
  readonly json?: true;
  readonly dryRun?: true;
  readonly config?: string;
  readonly quiet?: true;
  readonly force?: true;
  readonly level?: string;
  readonly olderThan?: string;
  readonly maxSize?: string;
  readonly orphans?: true;
  readonly yes?: true;
}

/** What every action works with. */
export interface Site {
  readonly configuration: Configuration;
  readonly tree: SourceTree;
  readonly options: Options;
}

/** Gets the words behind the name of the action; resolves with the exit status. */
export type Action = (site: Site, words: readonly string[]) => Promise<number>;

/** Reads the configuration; a site without CACHE_ROOT is an error. From here on root is the owner of the cache. */
export async function openSite(options: Options): Promise<Site> {
  const [{ loadConfiguration }, { SourceTree }] = await Promise.all([
    import('../lib/conf/configuration.js'),
    import('../lib/source/tree/source-tree.js'),
  ]);
  const configuration = loadConfiguration({ file: options.config });
  const root = configuration.requiredPath('CACHE_ROOT');
  if (process.getuid?.() === 0) await workAsOwner(root);
  await refuseUnusable(root);
  return { configuration, tree: new SourceTree(configuration, say), options };
}

/**
 * Root works as the account of the worker, which owns the cache: folders that root made there the worker could not write to, and readers are
 * not to run as root.
 */
async function workAsOwner(root: string): Promise<void> {
  const { ownerOf, takeOn } = await import('../lib/check/account.js');
  const owner = ownerOf(root);
  if (owner !== undefined && owner.uid !== 0) takeOn(owner);
}

/**
 * A cache that cannot be entered would look like an empty one. (One that is not there yet is empty.) Throws `configuration`: the
 * wrong account, mostly.
 */
async function refuseUnusable(root: string): Promise<void> {
  const [{ accessSync, constants }, { configurationError }] = await Promise.all([
    import('node:fs'),
    import('../lib/conf/configuration-error.js'),
  ]);
  try {
    accessSync(`${root}/.`, constants.R_OK | constants.X_OK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return;
    const advice = code === 'ENOTDIR' ? 'it is no folder' : 'run this as the account of the worker';
    throw configurationError(`CACHE_ROOT ${root} cannot be used (${code}): ${advice}`);
  }
}

/** The folders of levels in the cache: all of them, or those of a source. */
export async function levelsOnDisk({ configuration, tree }: Site, dataset: string | undefined): Promise<FoundLevel[]> {
  const { findLevels } = await import('../lib/cache/administration/levels-on-disk.js');
  return findLevels(configuration, tree, dataset?.replace(/^\/+|\/+$/g, '').replace(/\.dsdf$/, ''));
}

/**
 * As `levelsOnDisk`, for questions about a source: a misspelt name must not look like an empty cache. Throws `noSuchSource` if neither the
 * tree nor the cache has it; the cache may hold blocks of sources that are no longer defined.
 */
export async function levelsAskedFor(site: Site, dataset: string | undefined): Promise<FoundLevel[]> {
  const found = await levelsOnDisk(site, dataset);
  if (dataset === undefined || found.length > 0) return found;
  const { sourceOf } = await import('../lib/source/source-definitions.js');
  try {
    sourceOf(site.tree, dataset);
  } catch (error) {
    if (!isDas2Error(error)) throw error;
    // A definition with an error is one.
    if (error.code !== 'noSuchSource') return found;
    throw new Das2Error('noSuchSource', `neither the data sources nor the cache have '${dataset}'`);
  }
  return found;
}

/** The range that two words say. Throws `usage`. */
export async function rangeOf(begin: string, end: string): Promise<TimeRange> {
  const { compareTimes, parseTime } = await import('../lib/stream/time.js');
  const time = (text: string, name: string) => {
    try {
      return parseTime(text);
    } catch (error) {
      if (!isDas2Error(error)) throw error;
      throw usage(`${name}: '${text.slice(0, 80)}' is no time`);
    }
  };
  const range = { begin: time(begin, 'BEGIN'), end: time(end, 'END') };
  if (compareTimes(range.begin, range.end) >= 0) throw usage('END must be later than BEGIN');
  return range;
}

/** Wrong words of the caller. */
export function usage(text: string): Das2Error {
  return new Das2Error('usage', `${text}; see --help`);
}

/** One document on standard output. */
export function printJson(value: unknown): void {
  print(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** Text on standard output. */
export function print(text: string): void {
  writeFully(1, Buffer.from(text));
}

/** One line to people. */
export function say(text: string): void {
  try {
    writeSync(2, `${text}\n`);
  } catch {
    // Nobody listens.
  }
}
