/**
 * Which files and folders below DSDF_ROOT may be used (server-internals 8.5).
 *
 * A symbolic link is followed if its target, all links resolved, lies in DSDF_ROOT or in a folder of DSDF_ALLOW_ROOTS, or if
 * link and target both belong to root or to the owner of DSDF_ROOT. Anything that everybody may write is refused: whoever can
 * write a definition can run commands here. What is refused counts as absent; `refused` is told why.
 */
import { lstatSync, realpathSync, type Stats, statSync } from 'node:fs';

export interface PathRulesOptions {
  /** DSDF_ROOT, absolute. */
  readonly root: string;
  readonly allowRoots: readonly string[];
  /** Told about refusals: path below the root, and the reason. */
  readonly refused: (path: string, reason: string) => void;
}

/** What a name below the root stands for. */
export interface Entry {
  /** Of the target if the name is a link. */
  readonly stats: Stats;
  /** Of the link itself, if the name is one. */
  readonly link?: Stats;
}

const WRITABLE_BY_ALL = 0o002;
/** For `statSync` and its kin: undefined for what is not there, which costs less than an exception. */
const NO_THROW = { throwIfNoEntry: false } as const;

/** The rules for one tree; what they refuse they say through `refused`. */
export class PathRules {
  readonly #options: PathRulesOptions;
  #allowed: readonly string[] | undefined;
  #owner: number | undefined;

  constructor(options: PathRulesOptions) {
    this.#options = options;
  }

  /** The root as a usable folder; undefined if it is missing or refused. */
  root(): Entry | undefined {
    const stats = statOf(this.#options.root, statSync);
    if (stats === undefined || !stats.isDirectory()) return undefined;
    return this.#notWritableByAll('', { stats });
  }

  /** What a path below the root stands for; undefined if there is nothing, or nothing that may be used. */
  entry(path: string): Entry | undefined {
    const full = `${this.#options.root}/${path}`;
    const stats = statOf(full, lstatSync);
    if (stats === undefined) return undefined;
    if (!stats.isSymbolicLink()) return this.#notWritableByAll(path, { stats });
    const target = statOf(full, statSync);
    if (target === undefined) {
      this.#options.refused(path, 'the symbolic link leads nowhere');
      return undefined;
    }
    if (!this.#mayFollow(full, stats, target)) {
      this.#options.refused(path, 'the symbolic link leads outside of DSDF_ROOT and DSDF_ALLOW_ROOTS');
      return undefined;
    }
    return this.#notWritableByAll(path, { stats: target, link: stats });
  }

  #notWritableByAll(path: string, entry: Entry): Entry | undefined {
    if ((entry.stats.mode & WRITABLE_BY_ALL) === 0) return entry;
    this.#options.refused(path, 'everybody may write it; take that right away (chmod o-w)');
    return undefined;
  }

  #mayFollow(full: string, link: Stats, target: Stats): boolean {
    const trusted = (uid: number): boolean => uid === 0 || uid === this.#rootOwner();
    if (trusted(link.uid) && trusted(target.uid)) return true;
    let real: string;
    try {
      real = realpathSync(full);
    } catch {
      return false;
    }
    return this.#allowedRoots().some((folder) => real === folder || real.startsWith(`${folder}/`));
  }

  #rootOwner(): number {
    this.#owner ??= statOf(this.#options.root, statSync)?.uid ?? 0;
    return this.#owner;
  }

  #allowedRoots(): readonly string[] {
    this.#allowed ??= [this.#options.root, ...this.#options.allowRoots].flatMap((folder) => {
      try {
        return [realpathSync(folder)];
      } catch {
        return [];
      }
    });
    return this.#allowed;
  }
}

/** Facts about a file; undefined for whatever reason there are none. */
export function statOf(path: string, stat: typeof statSync | typeof lstatSync): Stats | undefined {
  try {
    return stat(path, NO_THROW);
  } catch {
    // No right to look, a name too long, a loop of links: as if it were not there.
    return undefined;
  }
}
