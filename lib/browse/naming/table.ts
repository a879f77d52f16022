/**
 * The naming table as it is now (browse-export 4): cache files that look after themselves.
 *
 * Contract: a table that is missing, old, or made from another tree of sources is made anew by one process, under a lock, while others go on
 * with the old one. If that fails the old one stays in use and `problem` says so. Where the folder cannot be written the table is made in
 * memory, which is slower and right.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { errorDetail } from '../../conf/configuration-error.js';
import { isDas2Error } from '../../error.js';
import { takeLock } from '../../files/lock-file.js';
import { ensureFolder } from '../../queue/spool/files.js';
import { shortHash } from '../../short-hash.js';
import type { SourceTree } from '../../source/tree/source-tree.js';
import { COMMIT, VERSION } from '../../version.js';
import { triadName } from '../record/item-name.js';
import type { BuiltNames } from './build.js';
import {
  handWritten,
  type NamesFilter,
  readNamesFolder,
  readTableState,
  seriesOfGroup,
  type TableState,
  writeNamesFolder,
} from './folder.js';
import type { Series } from './series.js';

export interface NamingTable {
  readonly series: readonly Series[];
  /** When it was made, in milliseconds. */
  readonly asOf: number;
  /** Why it is not as new as it should be; for the log. */
  readonly problem: string | undefined;
  /** It is in BROWSE_CACHE; false where it was made for this answer alone. */
  readonly isStored: boolean;
  readonly complaints: readonly string[];
}

export interface TableOptions {
  /** Files that are wanted; default: all. */
  readonly filter?: NamesFilter;
  /** Make it anew whatever its age. */
  readonly force?: boolean;
  readonly now: number;
}

/** The lock is held for a second or two; who has none of the old files waits so long. */
const WAIT_MS = 15_000;
const STALE_MS = 600_000;

/** The table. Throws `configuration` where there is neither a table nor a tree to make one from. */
export async function namingTable(tree: SourceTree, options: TableOptions): Promise<NamingTable> {
  const folder = tree.configuration.path('BROWSE_CACHE');
  if (folder === undefined) return inMemory(tree, options);
  const state = readTableState(folder);
  let problem: string | undefined;
  if (options.force === true || state === undefined || !(await isFresh(tree, folder, state, options.now))) {
    problem = await renew(tree, folder, state, options);
    if (problem === UNWRITABLE) {
      tree.logOnceADay('BROWSE_CACHE cannot be written: the naming table is made for each request');
      return inMemory(tree, options);
    }
  }
  const groups = readNamesFolder(folder, options.filter ?? (() => true), (line) => tree.logOnceADay(line));
  const now = readTableState(folder);
  return {
    series: groups.flatMap(seriesOfGroup),
    asOf: now?.made ?? options.now,
    problem,
    isStored: true,
    complaints: now?.complaints ?? [],
  };
}

const UNWRITABLE = 'the folder cannot be written';

async function isFresh(tree: SourceTree, folder: string, state: TableState, now: number): Promise<boolean> {
  const { configuration } = tree;
  const age = now - state.made;
  if (state.signature !== signatureOf(tree) || age < -60_000) return false;
  if (age > (configuration.seconds('BROWSE_CACHE_MAXAGE') ?? 86_400) * 1000) return false;
  const files = state.files.flatMap((name) => [name, `${name}.json`]);
  if (files.some((name) => statSync(join(folder, name), { throwIfNoEntry: false }) === undefined)) return false;
  try {
    return (await tree.list()).version === state.version;
  } catch (error) {
    if (isDas2Error(error, 'configuration')) return false;
    throw error;
  }
}

/** Makes the table anew, unless somebody else does; why it could not be done, if so. */
async function renew(
  tree: SourceTree,
  folder: string,
  before: TableState | undefined,
  options: TableOptions,
): Promise<string | undefined> {
  let unlock: (() => void) | undefined;
  try {
    ensureFolder(folder);
    const waitMs = before === undefined || options.force === true ? WAIT_MS : 0;
    unlock = takeLock(join(folder, '.lock'), { waitMs, staleMs: STALE_MS });
  } catch {
    return UNWRITABLE;
  }
  if (unlock === undefined) return undefined;
  try {
    const state = readTableState(folder);
    // Somebody has made it while we waited.
    const isNew = state !== undefined && state.made !== before?.made;
    if (isNew && options.force !== true && (await isFresh(tree, folder, state, options.now))) return undefined;
    await write(tree, folder, options.now);
    return undefined;
  } catch (error) {
    const reason = errorDetail(error);
    tree.logOnceADay(`the naming table could not be made anew: ${reason}`);
    if (before === undefined) throw error;
    return reason;
  } finally {
    unlock();
  }
}

async function write(tree: SourceTree, folder: string, now: number): Promise<void> {
  const { buildNames } = await import('./build.js');
  const present = readNamesFolder(
    folder,
    () => true,
    (line) => tree.logOnceADay(line),
  );
  const written = handWritten(present);
  const built = await buildNames(tree, (triad) => {
    const found = written.get(triadName(triad));
    return found === undefined ? undefined : { block: found.block, epoch: found.line.epoch };
  });
  const defined = new Set(built.series.map(triadName));
  const kept = [...written].filter(([name]) => !defined.has(name)).map(([, line]) => line);
  tellComplaints(tree, built, readTableState(folder)?.complaints ?? []);
  writeNamesFolder(folder, present, built.series, kept, {
    version: built.version,
    signature: signatureOf(tree),
    made: now,
    complaints: built.complaints,
  });
}

/** Each complaint once, until it has gone. */
function tellComplaints(tree: SourceTree, { complaints }: BuiltNames, known: readonly string[]): void {
  for (const line of complaints) if (!known.includes(line)) tree.log(`browse: ${line}`);
}

async function inMemory(tree: SourceTree, options: TableOptions): Promise<NamingTable> {
  const { buildNames } = await import('./build.js');
  const { series, complaints } = await buildNames(tree, () => undefined);
  const filter = options.filter ?? (() => true);
  return {
    series: series.filter(({ prog, level, grid }) => filter({ prog, level, block: grid.block })),
    asOf: options.now,
    problem: undefined,
    isStored: false,
    complaints,
  };
}

function signatureOf({ root, configuration }: SourceTree): string {
  return shortHash(`${VERSION} ${COMMIT} ${root} ${configuration.fingerprint()}`);
}
