/**
 * Walks the tree below DSDF_ROOT and says what is there: rows for the index, and the body of server=list
 * (server-protocol 3.1). Definitions whose facts have not changed since an earlier scan are not read again.
 *
 * One bad file never hides the others: what cannot be read or parsed is listed without description, names that are no ids are
 * skipped, loops and folders deeper than 20 are cut off; each gets one warning. Names that begin with a dot, those of version control and
 * editors, are passed over in silence.
 */
import { readdirSync, type Stats, statSync } from 'node:fs';
import { sortByCodePoints } from '../../code-points.js';
import { errorDetail } from '../../conf/configuration-error.js';
import { isDas2Error } from '../../error.js';
import { expectLongWork } from '../../runtime.js';
import { readDefinition } from '../definition/definition-file.js';
import { hides } from '../definition/definition-keys.js';
import type { Dsdf } from '../definition/dsdf.js';
import { MacroExpander } from '../definition/macros.js';
import { DIRECTORY_INFO, type IdRules, SUFFIX } from '../definition/source-id.js';
import { type PathRules, statOf } from './path-rules.js';
import type { Row, RowState } from './source-index.js';

export interface ScanOptions {
  /** DSDF_ROOT, absolute. */
  readonly root: string;
  readonly paths: PathRules;
  readonly ids: IdRules;
  readonly configuration: (key: string) => string | undefined;
  readonly warn: (line: string) => void;
  /** Rows of an earlier scan. */
  readonly known: ReadonlyMap<string, Row>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface ScanResult {
  readonly rows: readonly Row[];
  /** Lines `path|description`, ended by CRLF. */
  readonly body: string;
}

/** Folders below folders below the root … this many. */
const DEEPEST = 20;

/**
 * A file system may stamp two changes with one time (ticks of up to 10 ms here, 2 s on old network file systems). What was
 * changed more recently than this before the scan is looked at again by the next one.
 */
const TICK_MS = 2000;

/** Scans the whole tree. */
export function scanTree(options: ScanOptions): ScanResult {
  expectLongWork();
  return new Scan(options).run();
}

class Scan {
  readonly #options: ScanOptions;
  readonly #rows: Row[] = [];
  readonly #descriptions = new Map<string, string>();
  readonly #listed: string[] = [];
  readonly #ancestors: string[] = [];

  constructor(options: ScanOptions) {
    this.#options = options;
  }

  run(): ScanResult {
    const root = this.#options.paths.root();
    if (root !== undefined) {
      this.#row('d', '', root.stats);
      this.#folder('', root.stats, false);
    }
    const paths = new Set<string>();
    for (const id of this.#listed) {
      paths.add(id);
      for (let slash = id.indexOf('/'); slash >= 0; slash = id.indexOf('/', slash + 1))
        paths.add(id.slice(0, slash + 1));
    }
    let body = '';
    for (const path of sortByCodePoints([...paths])) {
      const description = this.#descriptions.get(path);
      body += description ? `${path}|${description}\r\n` : `${path}\r\n`;
    }
    return { rows: this.#rows, body };
  }

  /** Scans a folder; true if it holds a listed source, directly or deeper. `path` is '' or ends without slash. */
  #folder(path: string, stats: Stats, hidden: boolean): void {
    const { warn, root } = this.#options;
    const identity = `${stats.dev}:${stats.ino}`;
    if (this.#ancestors.includes(identity)) {
      warn(`${path}: leads back to a folder above it; left out`);
      return;
    }
    if (this.#ancestors.length > DEEPEST) {
      warn(`${path}: more than ${DEEPEST} folders deep; left out`);
      return;
    }
    let names: string[];
    try {
      names = readdirSync(path === '' ? root : `${root}/${path}`);
    } catch (error) {
      warn(`${path === '' ? 'DSDF_ROOT' : path}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`);
      return;
    }
    this.#ancestors.push(identity);
    const prefix = path === '' ? '' : `${path}/`;
    const isHidden = (names.includes(DIRECTORY_INFO + SUFFIX) && this.#directoryInfo(prefix)) || hidden;
    const sources = new Set<string>();
    const folders: string[] = [];
    for (const name of names.sort()) {
      if (name === DIRECTORY_INFO + SUFFIX) continue;
      const folder = this.#name(prefix, name, isHidden, sources);
      if (folder !== undefined) folders.push(folder);
    }
    for (const folder of folders) {
      if (sources.has(folder)) warn(`${prefix}${folder}: is a source and a folder; clients cannot show both`);
    }
    this.#ancestors.pop();
  }

  /** Takes in one name of a folder; answers the name if it is a folder that was entered. */
  #name(prefix: string, name: string, hidden: boolean, sources: Set<string>): string | undefined {
    const { ids, paths, warn } = this.#options;
    if (name.startsWith('.')) return undefined;
    const path = prefix + name;
    const isDefinition = name.toLowerCase().endsWith(SUFFIX);
    // Most other names are read-me files and the like: looked at only if they could be folders.
    const base = name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : name;
    const legal = isDefinition ? ids.isSegment(base) : ids.isSegment(name);
    if (!legal) {
      if (isDefinition || statOf(`${this.#options.root}/${path}`, statSync)?.isDirectory()) {
        warn(`${prefix}${printable(name)}: is not a legal name for a source or folder; skipped`);
      }
      return undefined;
    }
    const entry = paths.entry(path);
    if (entry === undefined) {
      this.#push({
        kind: 'x',
        state: '-',
        recheck: false,
        path,
        description: '',
        mtime: 0,
        ctime: 0,
        size: 0,
        inode: 0,
      });
      return undefined;
    }
    if (entry.stats.isDirectory()) {
      if (!ids.isSegment(name) || !ids.isId(path)) {
        warn(`${path}: is not a legal name for a folder, or too long; skipped`);
        return undefined;
      }
      if (entry.link) this.#row('l', path, entry.link);
      this.#row('d', path, entry.stats);
      this.#folder(path, entry.stats, hidden);
      return name;
    }
    if (!isDefinition) return undefined;
    const id = prefix + base;
    if (!entry.stats.isFile() || !ids.isId(id)) {
      warn(`${path}: is not a plain file, or its id is too long; skipped`);
      return undefined;
    }
    if (entry.link) this.#row('l', path, entry.link);
    const row = this.#definition(path, id, entry.stats);
    sources.add(base);
    if (!hidden && (row.state === 'L' || row.state === 'B')) {
      this.#listed.push(id);
      this.#descriptions.set(id, row.description);
    }
    return undefined;
  }

  /** Takes in the `_dirinfo_` of a folder; true if it hides the folder. */
  #directoryInfo(prefix: string): boolean {
    const path = prefix + DIRECTORY_INFO + SUFFIX;
    const entry = this.#options.paths.entry(path);
    if (entry === undefined || !entry.stats.isFile()) return false;
    if (entry.link) this.#row('l', path, entry.link);
    const row = this.#definition(path, prefix + DIRECTORY_INFO, entry.stats);
    if (prefix !== '') this.#descriptions.set(prefix, row.description);
    return row.state === 'J';
  }

  /** The row of a definition file, from the earlier scan if nothing has changed. */
  #definition(path: string, id: string, stats: Stats): Row {
    const known = this.#options.known.get(path);
    if (known !== undefined && known.kind === 'f' && !known.recheck && isSame(known, stats)) return this.#push(known);
    const facts = this.#read(path, id);
    return this.#row('f', path, stats, facts);
  }

  #read(path: string, id: string): { state: RowState; description: string; recheck: boolean } {
    const { warn, root, configuration } = this.#options;
    const isInfo = path.endsWith(DIRECTORY_INFO + SUFFIX);
    let definition: Dsdf;
    try {
      definition = readDefinition(`${root}/${path}`, `${id}${SUFFIX}`, warn);
    } catch (error) {
      warn(errorDetail(error));
      // A fault of the text stays until the file changes; any other may be gone by the next request.
      const lasting = isDas2Error(error) && error.cause === undefined;
      return { state: isInfo ? 'I' : 'B', description: '', recheck: !lasting };
    }
    const macros = new MacroExpander(definition, { name: `${id}${SUFFIX}`, file: `${root}/${path}`, configuration });
    const value = (key: string): string | undefined => {
      try {
        return macros.text(key);
      } catch (error) {
        warn(errorDetail(error));
        return undefined;
      }
    };
    const description = oneLine(value('description') ?? '');
    const hidden = hides(value('hidden'));
    if (isInfo) return { state: hidden ? 'J' : 'I', description, recheck: false };
    const renamed = (value('rename') ?? '').trim() !== '';
    return { state: renamed ? 'R' : hidden ? 'H' : 'L', description, recheck: false };
  }

  #row(
    kind: Row['kind'],
    path: string,
    stats: Stats,
    facts: { state: RowState; description: string; recheck: boolean } = { state: '-', description: '', recheck: false },
  ): Row {
    return this.#push({
      kind,
      path,
      state: facts.state,
      description: facts.description,
      recheck: facts.recheck || stats.ctimeMs > this.#options.now - TICK_MS,
      mtime: stats.mtimeMs,
      ctime: stats.ctimeMs,
      size: stats.size,
      inode: stats.ino,
    });
  }

  #push(row: Row): Row {
    this.#rows.push(row);
    return row;
  }
}

/** True if the facts of a file are those of its row. */
export function isSame(row: Pick<Row, 'mtime' | 'ctime' | 'size' | 'inode'>, stats: Stats): boolean {
  return (
    stats.mtimeMs === row.mtime && stats.ctimeMs === row.ctime && stats.size === row.size && stats.ino === row.inode
  );
}

/** The text on one line, without control characters and blanks around it. */
function oneLine(text: string): string {
  return text
    .replace(/[\r\n\t\v\f\u0085\u2028\u2029]+/g, ' ')
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, '')
    .trim();
}

/** A file name for the log. */
function printable(name: string): string {
  return name.slice(0, 100).replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
}
