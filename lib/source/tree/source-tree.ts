/**
 * The tree of source definitions below DSDF_ROOT: the file of one source by its id (server-protocol 4.2). The list of all is the work
 * of source-list.ts, what stands in the files that of source-definitions.ts.
 *
 * `find` looks at the names on the way to one file and never at the rest of the tree.
 *
 * Throws `configuration` if DSDF_ROOT is missing.
 */
import { statSync } from 'node:fs';
import type { Configuration } from '../../conf/configuration.js';
import { configurationError } from '../../conf/configuration-error.js';
import { Das2Error } from '../../error.js';
import { isFirstToday } from '../../log/rare-lines.js';
import { type IdRules, idRules, normalizeId, SUFFIX } from '../definition/source-id.js';
import { type Entry, PathRules, statOf } from './path-rules.js';
import type { SourceList, SourceLister } from './source-list.js';

/** A definition file that exists. */
export interface SourceFile {
  readonly id: string;
  /** Absolute path. */
  readonly file: string;
  readonly mtimeMs: number;
  readonly size: number;
}

/** One tree of definitions. */
export class SourceTree {
  readonly root: string;
  readonly configuration: Configuration;
  /** Takes warnings, one line each. */
  readonly log: (line: string) => void;
  readonly ids: IdRules;
  readonly paths: PathRules;
  readonly #stateRoot: string | undefined;
  #lister: SourceLister | undefined;

  /** Throws `configuration` if DSDF_ROOT is not set. */
  constructor(configuration: Configuration, log: (line: string) => void = () => {}) {
    this.root = configuration.requiredPath('DSDF_ROOT');
    this.configuration = configuration;
    this.log = log;
    this.#stateRoot = configuration.path('STATE_ROOT');
    this.ids = idRules(configuration.text('ID_EXTRA_CHARS'));
    this.paths = new PathRules({
      root: this.root,
      allowRoots: configuration.paths('DSDF_ALLOW_ROOTS'),
      refused: (path, reason) => this.logOnceADay(`${path === '' ? 'DSDF_ROOT' : path}: ${reason}`),
    });
  }

  /**
   * The definition file of a source; undefined if there is none, and just so for ids that are not allowed. Takes the id as a
   * client writes it: slashes around it and one `.dsdf` are dropped.
   */
  find(text: string): SourceFile | undefined {
    const id = normalizeId(text);
    if (!this.ids.isId(id)) return undefined;
    const segments = id.split('/');
    const name = segments.pop() ?? '';
    const folder = this.#folder(segments);
    if (folder === undefined) return undefined;
    // A file called X.DSDF is listed and addressed under its whole name.
    const isOtherCase = name.toLowerCase().endsWith(SUFFIX) && !name.endsWith(SUFFIX);
    const names = isOtherCase ? [name + SUFFIX, name] : [name + SUFFIX];
    for (const candidate of names) {
      const path = [...segments, candidate].join('/');
      const entry = this.paths.entry(path);
      if (entry?.stats.isFile()) {
        return { id, file: `${this.root}/${path}`, mtimeMs: entry.stats.mtimeMs, size: entry.stats.size };
      }
    }
    return undefined;
  }

  /** As `find`, with a `noSuchSource` error where there is none. */
  get(id: string): SourceFile {
    const found = this.find(id);
    if (found === undefined)
      throw new Das2Error('noSuchSource', 'there is no such data source on this server; server=list names all of them');
    return found;
  }

  /** All listed sources and the folders above them. */
  async list(): Promise<SourceList> {
    // Most requests are for one source.
    this.#lister ??= new (await import('./source-list.js')).SourceLister(this);
    return this.#lister.list();
  }

  /** The file of a name in a folder (`Examples`, '' for the root), whatever the name; undefined if there is none or it must not be used. */
  fileIn(folder: string, name: string): string | undefined {
    const segments = folder.split('/').filter((segment) => segment !== '');
    if (!segments.every((segment) => this.ids.isSegment(segment)) || this.#folder(segments) === undefined) {
      return undefined;
    }
    const path = [...segments, name].join('/');
    return this.paths.entry(path)?.stats.isFile() ? path : undefined;
  }

  /** The folder with these names below the root, as long as all on the way may be used and none leads back. */
  #folder(segments: readonly string[]): Entry | undefined {
    const root = this.paths.root();
    if (root === undefined) this.requireRoot();
    let entry = root;
    let path = '';
    const seen = new Set<string>();
    for (const segment of segments) {
      if (entry === undefined) return undefined;
      seen.add(`${entry.stats.dev}:${entry.stats.ino}`);
      path = path === '' ? segment : `${path}/${segment}`;
      entry = this.paths.entry(path);
      if (entry === undefined || !entry.stats.isDirectory()) return undefined;
      if (entry.link !== undefined && seen.has(`${entry.stats.dev}:${entry.stats.ino}`)) return undefined;
    }
    return entry;
  }

  /** Throws `configuration` if there is no such folder. */
  requireRoot(): void {
    const stats = statOf(this.root, statSync);
    if (stats?.isDirectory()) return;
    throw configurationError(`DSDF_ROOT ${this.root} is not a folder that can be read`);
  }

  /** As `log`, but one line comes once a day at most, as far as STATE_ROOT can be written. */
  logOnceADay(line: string): void {
    if (this.#stateRoot === undefined || isFirstToday(this.#stateRoot, line)) this.log(line);
  }
}
