/**
 * The tree of source definitions below DSDF_ROOT: the file of one source by its id, or the list of all (server-protocol 3.1, 4.2).
 * What stands in the files is for source-definitions.ts.
 *
 * `find` looks at the names on the way to one file and never at the rest of the tree. `list` keeps an index in STATE_ROOT
 * that refreshes itself: each call compares what is on disk with the index (one stat for each file and folder, 3 ms for a
 * thousand) and reads again only what differs. A folder's time tells of added, removed and renamed files, a file's own time,
 * size and inode of edits. Processes do not lock each other out: an index is written to a temporary file and renamed, and
 * any of several concurrent results is right. Without a writable STATE_ROOT the list is made for each request.
 *
 * Throws `configuration` if DSDF_ROOT is missing.
 */
import { lstatSync, statSync } from 'node:fs';
import type { Configuration } from '../conf/configuration.js';
import { configurationError } from '../conf/configuration-error.js';
import { shortHash } from '../conf/short-hash.js';
import { Das2Error } from '../error.js';
import { COMMIT, VERSION } from '../version.js';
import { isFirstToday } from './daily-note.js';
import { IndexFile } from './index-file.js';
import { type Entry, PathRules, statOf } from './path-rules.js';
import { type IdRules, idRules, normalizeId, SUFFIX } from './source-id.js';
import { decodeIndex, encodeIndex, NUMBERS_PER_ROW, rowsByPath, type SourceIndex } from './source-index.js';

/** A definition file that exists. */
export interface SourceFile {
  readonly id: string;
  /** Absolute path. */
  readonly file: string;
  readonly mtimeMs: number;
  readonly size: number;
}

/** One line of the list. */
export interface ListRecord {
  /** Id of a source, or path of a folder with a slash at its end. */
  readonly path: string;
  readonly isFolder: boolean;
  readonly description?: string;
}

export interface SourceList {
  /** The answer to server=list: `path|description` or `path`, each line ended by CRLF, in order of code points. UTF-8. */
  readonly body: Buffer;
  /** The same as records. */
  readonly records: readonly ListRecord[];
  /** Changes whenever a definition or folder changes, also in ways the list does not show. */
  readonly version: string;
}

/** Most lines that one scan writes to the log. */
const WARNINGS = 50;

export class SourceTree {
  readonly root: string;
  readonly configuration: Configuration;
  /** Takes warnings, one line each. */
  readonly log: (line: string) => void;
  readonly #stateRoot: string | undefined;
  readonly #ids: IdRules;
  readonly #paths: PathRules;
  /** What the content of the index depends on besides the tree; made when a list is asked for. */
  #signature = '';
  #indexFile: IndexFile | undefined;
  #index: SourceIndex | undefined;

  /** `log` receives warnings, one line each. */
  constructor(configuration: Configuration, log: (line: string) => void = () => {}) {
    this.root = configuration.requiredPath('DSDF_ROOT');
    this.configuration = configuration;
    this.log = log;
    this.#stateRoot = configuration.path('STATE_ROOT');
    this.#ids = idRules(configuration.text('ID_EXTRA_CHARS'));
    this.#paths = new PathRules({
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
    if (!this.#ids.isId(id)) return undefined;
    const segments = id.split('/');
    const name = segments.pop() ?? '';
    const folder = this.#folder(segments);
    if (folder === undefined) return undefined;
    // A file called X.DSDF is listed and addressed under its whole name.
    const isOtherCase = name.toLowerCase().endsWith(SUFFIX) && !name.endsWith(SUFFIX);
    const names = isOtherCase ? [name + SUFFIX, name] : [name + SUFFIX];
    for (const candidate of names) {
      const path = [...segments, candidate].join('/');
      const entry = this.#paths.entry(path);
      if (entry?.stats.isFile()) {
        return { id, file: `${this.root}/${path}`, mtimeMs: entry.stats.mtimeMs, size: entry.stats.size };
      }
    }
    return undefined;
  }

  /** As `find`, with a `noSuchSource` error where there is none. */
  get(id: string): SourceFile {
    const found = this.find(id);
    if (found === undefined) throw new Das2Error('noSuchSource', 'there is no such data source on this server');
    return found;
  }

  /** All listed sources and the folders above them. */
  async list(): Promise<SourceList> {
    const index = await this.#freshIndex();
    let records: readonly ListRecord[] | undefined;
    return {
      body: index.body,
      version: index.version,
      get records() {
        records ??= parseRecords(index.body);
        return records;
      },
    };
  }

  /** The file of a name in a folder (`Examples`, '' for the root), whatever the name; undefined if there is none or it must not be used. */
  fileIn(folder: string, name: string): string | undefined {
    const segments = folder.split('/').filter((segment) => segment !== '');
    if (!segments.every((segment) => this.#ids.isSegment(segment)) || this.#folder(segments) === undefined) {
      return undefined;
    }
    const path = [...segments, name].join('/');
    return this.#paths.entry(path)?.stats.isFile() ? path : undefined;
  }

  /** The folder with these names below the root, as long as all on the way may be used and none leads back. */
  #folder(segments: readonly string[]): Entry | undefined {
    const root = this.#paths.root();
    if (root === undefined) this.#requireRoot();
    let entry = root;
    let path = '';
    const seen = new Set<string>();
    for (const segment of segments) {
      if (entry === undefined) return undefined;
      seen.add(`${entry.stats.dev}:${entry.stats.ino}`);
      path = path === '' ? segment : `${path}/${segment}`;
      entry = this.#paths.entry(path);
      if (entry === undefined || !entry.stats.isDirectory()) return undefined;
      if (entry.link !== undefined && seen.has(`${entry.stats.dev}:${entry.stats.ino}`)) return undefined;
    }
    return entry;
  }

  #requireRoot(): void {
    const stats = statOf(this.root, statSync);
    if (stats?.isDirectory()) return;
    throw configurationError(`DSDF_ROOT ${this.root} is not a folder that can be read`);
  }

  async #freshIndex(): Promise<SourceIndex> {
    const known = this.#index ?? this.#load();
    if (known !== undefined && this.#isCurrent(known)) {
      this.#index = known;
      return known;
    }
    this.#requireRoot();
    // Mostly the index is current, and nothing of what reads definitions is needed.
    const { scanTree } = await import('./source-scan.js');
    let warnings = 0;
    const { rows, body } = scanTree({
      root: this.root,
      paths: this.#paths,
      ids: this.#ids,
      configuration: (key) => this.configuration.raw(key),
      warn: (line) => {
        if (++warnings <= WARNINGS) this.log(line);
      },
      known: known === undefined ? new Map() : rowsByPath(known),
      now: Date.now(),
    });
    if (warnings > WARNINGS) this.log(`and ${warnings - WARNINGS} more warnings about source definitions`);
    const bytes = encodeIndex(rows, body, this.#signature);
    const index = decodeIndex(exactMemory(bytes), this.#signature);
    if (index === undefined) throw new Error('an index that was just made must be readable');
    if (index.version !== known?.version) this.#indexFile?.write(bytes);
    this.#index = index;
    return index;
  }

  #load(): SourceIndex | undefined {
    const configuration = this.configuration;
    this.#signature ||= shortHash(`${VERSION} ${COMMIT} ${this.root} ${configuration.fingerprint()}`);
    if (this.#stateRoot === undefined) return undefined;
    this.#indexFile ??= new IndexFile({
      folder: this.#stateRoot,
      name: `source-index-${shortHash(this.root)}`,
      mayCreate: configuration.has('STATE_ROOT'),
      log: this.log,
    });
    const memory = this.#indexFile.read();
    return memory === undefined ? undefined : decodeIndex(memory, this.#signature);
  }

  /** True if everything on disk is as the index says. */
  #isCurrent(index: SourceIndex): boolean {
    const { names, table } = index;
    if (names.length === 0) return false;
    for (let i = 0; i < names.length; i++) {
      const name = names[i] ?? '';
      const path = name.slice(3);
      const kind = name[0];
      if (name[2] === '!') return false;
      if (kind === 'x') {
        if (this.#paths.entry(path) !== undefined) return false;
        continue;
      }
      const stats = statOf(`${this.root}/${path}`, kind === 'l' ? lstatSync : statSync);
      const at = i * NUMBERS_PER_ROW;
      if (
        stats === undefined ||
        stats.mtimeMs !== table[at] ||
        stats.ctimeMs !== table[at + 1] ||
        stats.size !== table[at + 2] ||
        stats.ino !== table[at + 3]
      ) {
        return false;
      }
    }
    return true;
  }

  /** As `log`, but one line comes once a day at most, as far as STATE_ROOT can be written. */
  logOnceADay(line: string): void {
    if (this.#stateRoot === undefined || isFirstToday(this.#stateRoot, line, Date.now())) this.log(line);
  }
}

function parseRecords(body: Buffer): ListRecord[] {
  const lines = body.toString('utf8').split('\r\n');
  lines.pop();
  return lines.map((line) => {
    const bar = line.indexOf('|');
    const path = bar < 0 ? line : line.slice(0, bar);
    return { path, isFolder: path.endsWith('/'), ...(bar >= 0 && { description: line.slice(bar + 1) }) };
  });
}

/** The bytes in memory of their own, which tables of doubles need. */
function exactMemory(bytes: Buffer): ArrayBuffer {
  const memory = new ArrayBuffer(bytes.length);
  new Uint8Array(memory).set(bytes);
  return memory;
}
