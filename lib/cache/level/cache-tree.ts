/**
 * The blocks that lie in a cache, for people: walking the tree, and what each source and level has (server-internals 2.9, 2.7).
 *
 *   CACHE_ROOT/data/SOURCE…/PARAMS/LEVEL/…/BLOCK        LEVEL is `intrinsic` or begins with `bin-`
 *
 * Symbolic links are not followed. A folder that belongs to no level of a present definition is stale: nothing uses it.
 */
import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Das2Error } from '../../error.js';
import type { CachePeriod } from '../../source/cache-level.js';
import { compareTimes, parseTime, type TimePoint } from '../../stream/time.js';
import { blockBegin, countBlocks, nextBlockBegin } from '../block/block.js';

/** A folder of a level that is on disk. */
export interface LevelFolder {
  readonly dataset: string;
  /** Folder name of the parameters. */
  readonly params: string;
  /** `intrinsic`, `bin-60s`. */
  readonly directory: string;
  readonly path: string;
}

/** A block on disk. */
export interface BlockEntry {
  readonly folder: string;
  readonly name: string;
  readonly begin: TimePoint;
  readonly end: TimePoint;
  readonly period: CachePeriod;
  readonly bytes: number;
  /** Milliseconds since 1970: written, last read as far as the file system notes it. */
  readonly changedAt: number;
  readonly readAt: number;
}

const LEVEL_NAME = /^(?:intrinsic|bin-\d+(?:s|ms|us))$/;
const BLOCK_NAME = /^(\d{4}(?:-\d\d(?:-\d\d(?:T\d\d(?:-\d\d(?:-\d\d)?)?)?)?)?)_[^/]*\.(?:d2s|qds)$/;
const PERIODS: Readonly<Record<number, CachePeriod>> = {
  4: 'yearly',
  7: 'monthly',
  10: 'daily',
  13: 'hourly',
  16: 'perminute',
  19: 'persecond',
};

/**
 * The folders of levels below `CACHE_ROOT/data`, by name; those of one source, and of what lies below it in the tree, if it is named. `look`
 * says what is in a folder.
 */
export function* levelFolders(root: string, dataset?: string, look = entriesOf): Generator<LevelFolder> {
  const parts = dataset === undefined ? [] : dataset.split('/');
  yield* walkLevels(join(root, 'data', ...parts), parts, look);
}

function* walkLevels(folder: string, parts: readonly string[], look: typeof entriesOf): Generator<LevelFolder> {
  for (const entry of look(folder)) {
    if (!entry.isDirectory()) continue;
    const path = join(folder, entry.name);
    if (parts.length >= 2 && LEVEL_NAME.test(entry.name)) {
      const dataset = parts.slice(0, -1).join('/');
      yield { dataset, params: parts.at(-1) ?? '', directory: entry.name, path };
    } else yield* walkLevels(path, [...parts, entry.name], look);
  }
}

/** The blocks of a level's folder, in order of time. `look` says what is in a folder. */
export function* blocksIn(folder: string, look = entriesOf): Generator<BlockEntry> {
  for (const entry of look(folder)) {
    if (entry.isDirectory()) yield* blocksIn(join(folder, entry.name), look);
    else if (entry.isFile()) {
      const block = blockOf(folder, entry.name);
      if (block !== undefined) yield block;
    }
  }
}

/** Folders that hold files, the deepest first: for sweeping and for removing empty ones. */
export function* foldersBelow(folder: string): Generator<string> {
  for (const entry of entriesOf(folder)) if (entry.isDirectory()) yield* foldersBelow(join(folder, entry.name));
  yield folder;
}

function blockOf(folder: string, name: string): BlockEntry | undefined {
  const times = blockAt(name);
  if (times === undefined) return undefined;
  try {
    const { size, mtimeMs, atimeMs } = lstatSync(join(folder, name));
    return { folder, name, ...times, bytes: size, changedAt: mtimeMs, readAt: Math.max(atimeMs, mtimeMs) };
  } catch {
    // It has just gone.
    return undefined;
  }
}

/** The time of a block by the name of its file; undefined if it is no such name. */
export function blockAt(name: string): Pick<BlockEntry, 'begin' | 'end' | 'period'> | undefined {
  const prefix = BLOCK_NAME.exec(name)?.[1];
  const period = prefix === undefined ? undefined : PERIODS[prefix.length];
  if (prefix === undefined || period === undefined) return undefined;
  const [date = '', clock] = prefix.split('T');
  const day = `${date}-01-01`.slice(0, 10);
  const time = clock === undefined ? '' : `T${`${clock}-00-00`.slice(0, 8).replaceAll('-', ':')}`;
  try {
    const begin = parseTime(`${day}${time}`);
    return { begin, end: nextBlockBegin(begin, period), period };
  } catch {
    // No such date.
    return undefined;
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return allEntriesOf(folder);
  } catch {
    return [];
  }
}

/** What is in a folder, nothing if it has gone. Throws `configuration` if it cannot be read: for reports, which must not call that empty. */
export function allEntriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'ENOENT') return [];
    const data = { detail: `${folder} cannot be read (${code})` };
    throw new Das2Error('configuration', `a folder of the cache cannot be read (${code})`, { data, cause: error });
  }
}

/** Blocks that are missing between the first and the last of some in order of time. */
export function countHoles(blocks: readonly Pick<BlockEntry, 'begin' | 'end' | 'period'>[]): number {
  let holes = 0;
  let last: TimePoint | undefined;
  for (const { begin, end, period } of blocks) {
    if (last !== undefined && compareTimes(last, begin) < 0) {
      holes += countBlocks({ begin: last, end: blockBegin(begin, period) }, period);
    }
    last = end;
  }
  return holes;
}
