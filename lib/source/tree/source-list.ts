/**
 * The list of all sources below DSDF_ROOT (server-protocol 3.1), from an index in STATE_ROOT that refreshes itself.
 *
 * Each call compares what is on disk with the index (one stat for each file and folder, 2 ms for a thousand) and reads again only what
 * differs. A folder's time tells of added, removed and renamed files, a file's own time, size and inode of edits. Processes do not lock
 * each other out: an index is written to a temporary file and renamed, and any of several concurrent results is right. Without
 * a writable STATE_ROOT the list is made for each request.
 */
import { lstatSync, statSync } from 'node:fs';
import { utf8Text } from '../../bytes.js';
import type { Configuration } from '../../conf/configuration.js';
import { shortHash } from '../../short-hash.js';
import { COMMIT, VERSION } from '../../version.js';
import type { IdRules } from '../definition/source-id.js';
import { IndexFile } from './index-file.js';
import type { PathRules } from './path-rules.js';
import {
  decodeIndex,
  encodeIndex,
  MARKS_PER_ROW,
  mustLookAgain,
  NUMBERS_PER_ROW,
  rowsByPath,
  type SourceIndex,
} from './source-index.js';

/** One line of the list. */
export interface ListRecord {
  /** Id of a source, or path of a folder with a slash at its end. */
  readonly path: string;
  readonly isFolder: boolean;
  readonly description?: string;
}

export interface SourceList {
  /** The answer to server=list: `path|description` or `path`, each line ended by CRLF, in order of code points. UTF-8. */
  readonly body: Uint8Array;
  /** The same as records. */
  readonly records: readonly ListRecord[];
  /** Changes whenever a definition or folder changes, also in ways the list does not show. */
  readonly version: string;
}

/** Most lines that one scan writes to the log. */
const WARNINGS = 50;

/** What is asked of the tree that is listed (source-tree.ts). */
export interface ListedTree {
  readonly root: string;
  readonly configuration: Configuration;
  readonly ids: IdRules;
  readonly paths: PathRules;
  /** Takes warnings, one line each. */
  readonly log: (line: string) => void;
  /** Throws `configuration` if there is no such folder. */
  requireRoot(): void;
}

/** Makes the lists of one tree. */
export class SourceLister {
  readonly #tree: ListedTree;
  /** What the content of the index depends on besides the tree. */
  #signature = '';
  #indexFile: IndexFile | undefined;
  #index: SourceIndex | undefined;

  constructor(tree: ListedTree) {
    this.#tree = tree;
  }

  /** The list as it is now. */
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

  async #freshIndex(): Promise<SourceIndex> {
    const known = this.#index ?? this.#load();
    if (known !== undefined && isCurrent(known, this.#tree)) {
      this.#index = known;
      return known;
    }
    this.#tree.requireRoot();
    // Mostly the index is current, and nothing of what reads definitions is needed.
    const { scanTree } = await import('./source-scan.js');
    let warnings = 0;
    const { rows, body } = scanTree({
      root: this.#tree.root,
      paths: this.#tree.paths,
      ids: this.#tree.ids,
      configuration: (key) => this.#tree.configuration.raw(key),
      warn: (line) => {
        if (++warnings <= WARNINGS) this.#tree.log(line);
      },
      known: known === undefined ? new Map() : rowsByPath(known),
      now: Date.now(),
    });
    if (warnings > WARNINGS) this.#tree.log(`and ${warnings - WARNINGS} more warnings about source definitions`);
    const bytes = encodeIndex(rows, body, this.#signature);
    const index = decodeIndex(bytes.buffer, this.#signature);
    if (index === undefined) throw new Error('an index that was just made must be readable');
    if (index.version !== known?.version) this.#indexFile?.write(bytes);
    this.#index = index;
    return index;
  }

  #load(): SourceIndex | undefined {
    const { configuration, root, log } = this.#tree;
    const stateRoot = configuration.path('STATE_ROOT');
    this.#signature ||= shortHash(`${VERSION} ${COMMIT} ${root} ${configuration.fingerprint()}`);
    if (stateRoot === undefined) return undefined;
    this.#indexFile ??= new IndexFile({
      folder: stateRoot,
      name: `source-index-${shortHash(root)}`,
      mayCreate: configuration.has('STATE_ROOT'),
      log,
    });
    const memory = this.#indexFile.read();
    return memory === undefined ? undefined : decodeIndex(memory, this.#signature);
  }
}

/**
 * True if everything on disk is as the index says. Looks at each row in place: a thousand calls of functions of our own would set the
 * compiler to work, which takes longer than they do.
 */
function isCurrent(index: SourceIndex, tree: ListedTree): boolean {
  const { marks, names, table } = index;
  if (names.length === 0 || mustLookAgain(index)) return false;
  try {
    return inFolder(tree.root, (prefix) => {
      for (let row = 0; row < names.length; row++) {
        const name = names[row] as string;
        const kind = marks[row * MARKS_PER_ROW];
        if (kind === 'x') {
          if (tree.paths.entry(name) !== undefined) return false;
          continue;
        }
        // What is not there throws: without options each of a thousand calls takes a little less.
        const stats = (kind === 'l' ? lstatSync : statSync)(prefix + name);
        const at = row * NUMBERS_PER_ROW;
        if (
          stats.mtimeMs !== table[at] ||
          stats.ctimeMs !== table[at + 1] ||
          stats.size !== table[at + 2] ||
          stats.ino !== table[at + 3]
        )
          return false;
      }
      return true;
    });
  } catch {
    // Gone, no right to look, a loop of links: not as it was.
    return false;
  }
}

/**
 * Does something short with the folder as the working directory, where the system finds names in two thirds of the time that it
 * needs for whole paths. `prefix` goes in front of names: nothing, or the folder if the process cannot go there and come back.
 */
function inFolder<Result>(folder: string, action: (prefix: string) => Result): Result {
  let before: string;
  try {
    before = process.cwd();
    process.chdir(before);
    process.chdir(folder);
  } catch {
    return action(`${folder}/`);
  }
  try {
    return action('');
  } finally {
    process.chdir(before);
  }
}

function parseRecords(body: Uint8Array): ListRecord[] {
  const lines = utf8Text(body).split('\r\n');
  lines.pop();
  return lines.map((line) => {
    const bar = line.indexOf('|');
    const path = bar < 0 ? line : line.slice(0, bar);
    return { path, isFolder: path.endsWith('/'), ...(bar >= 0 && { description: line.slice(bar + 1) }) };
  });
}
