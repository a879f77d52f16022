/**
 * Which file may import which: the layers of docs/architecture.md as a table, and a check of a set of files against it.
 *
 * A file may import from its own folder and from folders of a lower layer; from another folder of its own layer only as long
 * as the folders of the layer do not lean on each other in a circle. Where a folder has rooms, those have an order, too. Test code is free.
 */
import ts from 'typescript';
import type { SourceFile } from './repository-files.js';

/** Lowest first. A name is a folder of lib or of the root, or a file of lib. */
const LAYERS: readonly (readonly string[])[] = [
  [
    'lib/error.ts',
    'lib/version.ts',
    'lib/runtime.ts',
    'lib/bytes.ts',
    'lib/code-points.ts',
    'lib/short-hash.ts',
    'lib/turns.ts',
  ],
  ['lib/stream'],
  // Leaves: anything above may use them.
  ['lib/request', 'lib/reply', 'lib/conf', 'lib/log', 'lib/files', 'lib/page', 'lib/command'],
  ['lib/filter', 'lib/queue'],
  ['lib/cache', 'lib/pipeline', 'lib/auth', 'lib/source'],
  ['lib/server', 'lib/data'],
  ['lib/hapi', 'lib/cite', 'lib/browse'],
  ['lib/routes'],
  ['lib/httpd', 'lib/worker', 'lib/check'],
  ['bin', 'cgi', 'conf/examples'],
];

/** Files that lie in a folder with rooms, but in none of them. */
const BESIDE = '.';

/** Folders with rooms, lowest first: a file may import from its own room and from those before it. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  'lib/source': ['definition', 'tree', BESIDE],
  'lib/auth': ['hash', BESIDE, 'tool'],
  'lib/browse': [
    BESIDE,
    'time',
    'record',
    'naming',
    'inventory',
    'find',
    'forms',
    'facts',
    'drms',
    'archive',
    'export',
  ],
  'lib/pipeline': ['process', 'slots', 'stage', 'running', BESIDE],
  'lib/cache': [BESIDE, 'block', 'level', 'failure', 'builder', 'answer', 'coverage', 'administration'],
  'lib/cite': [
    BESIDE,
    'digest',
    'log',
    'metadata',
    'doi',
    'citation',
    'central',
    'forms',
    'history',
    'delivery',
    'question',
    'making',
  ],
  'lib/worker': [BESIDE, 'usage', 'cite', 'metrics', 'task', 'arbiter', 'todo'],
};

export interface Violation {
  readonly file: string;
  readonly imported: string;
  readonly reason: string;
}

interface Import {
  readonly from: string;
  readonly specifier: string;
  /** Path from the root for a relative import, undefined for a package or built-in module. */
  readonly target: string | undefined;
}

/** Folder of the table that a path belongs to, or undefined for files outside of it. */
function unitOf(path: string): string | undefined {
  return LAYERS.flat().find((unit) => path === unit || path.startsWith(`${unit}/`));
}

function layerOf(unit: string): number {
  return LAYERS.findIndex((layer) => layer.includes(unit));
}

/** Place of a path among the rooms of its folder, 0 where there are none; undefined for a room that is not in the table. */
function roomOf(path: string, unit: string): number | undefined {
  const rooms = ROOMS[unit];
  if (rooms === undefined) return 0;
  const [name = '', ...rest] = path.slice(unit.length + 1).split('/');
  const place = rooms.indexOf(rest.length === 0 ? BESIDE : name);
  return place < 0 ? undefined : place;
}

/** `specifier` as seen from `file`, as a path from the root of the TypeScript source. */
function resolveImport(file: string, specifier: string): string {
  const parts = file.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/').replace(/\.js$/, '.ts');
}

/** All imports of a file, `import()` and `export from` included. Comments and strings are no imports. */
function importsOf(file: SourceFile): Import[] {
  return ts.preProcessFile(file.text, true, true).importedFiles.map(({ fileName }) => ({
    from: file.path,
    specifier: fileName,
    target: fileName.startsWith('.') ? resolveImport(file.path, fileName) : undefined,
  }));
}

function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/**
 * What breaks the rules in `files`.
 *
 * @param packages names of the npm packages that programs may use (`dependencies`, not `devDependencies`)
 */
export function violations(files: readonly SourceFile[], packages: ReadonlySet<string>): Violation[] {
  const found: Violation[] = [];
  const edges = new Map<string, Set<string>>();
  for (const { from, specifier, target } of files.flatMap(importsOf)) {
    const report = (reason: string) => found.push({ file: from, imported: specifier, reason });
    const unit = unitOf(from);
    if (unit === undefined) {
      report('this file lies in no folder of the table of layers');
    } else if (target === undefined) {
      if (specifier.startsWith('node:')) continue;
      if (!packages.has(packageOf(specifier)))
        report('not a dependency in package.json (built-in modules begin with node:)');
    } else {
      const targetUnit = unitOf(target);
      if (targetUnit === undefined) {
        report('leads out of the source folders');
      } else if (targetUnit === unit) {
        const [room, targetRoom] = [roomOf(from, unit), roomOf(target, unit)];
        if (room === undefined || targetRoom === undefined) report(`${unit} has no such room`);
        else if (targetRoom > room) report('leads to a room above');
      } else {
        if (layerOf(targetUnit) > layerOf(unit)) report(`${unit} lies below ${targetUnit}`);
        if (layerOf(targetUnit) === layerOf(unit)) edges.set(unit, (edges.get(unit) ?? new Set()).add(targetUnit));
      }
    }
  }
  for (const circle of circles(edges)) {
    found.push({ file: circle[0] ?? '', imported: circle[1] ?? '', reason: `a circle: ${circle.join(' -> ')}` });
  }
  return found;
}

/** Circles among folders, each once, as the row of its members. */
function circles(edges: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const found: string[][] = [];
  const visit = (row: readonly string[]) => {
    for (const next of edges.get(row.at(-1) ?? '') ?? []) {
      if (next === row[0]) found.push([...row, next]);
      // Start each circle at its first name, so it is found once.
      else if (!row.includes(next) && next > (row[0] ?? '')) visit([...row, next]);
    }
  };
  for (const unit of edges.keys()) visit([unit]);
  return found;
}

/** Files that import each other in a circle, types counted, and those between such circles. */
export function inCircles(files: readonly SourceFile[]): string[] {
  const imports = new Map(files.map((file) => [file.path, new Set(importsOf(file).map(({ target }) => target))]));
  // A file that imports nothing that is left, or that nothing left imports, is in no circle.
  for (let before = -1; before !== imports.size; ) {
    before = imports.size;
    const imported = new Set([...imports.values()].flatMap((targets) => [...targets]));
    for (const [path, targets] of imports) {
      if (!imported.has(path) || ![...targets].some((target) => target !== undefined && imports.has(target)))
        imports.delete(path);
    }
  }
  return [...imports.keys()].sort();
}

/** Files that no entry point reaches by any import. */
export function unreachable(files: readonly SourceFile[], entries: (path: string) => boolean): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const seen = new Set<string>();
  const queue = [...byPath.keys()].filter(entries);
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const file = byPath.get(path);
    if (file === undefined || seen.has(path)) continue;
    seen.add(path);
    for (const { target } of importsOf(file)) if (target !== undefined) queue.push(target);
  }
  return [...byPath.keys()].filter((path) => !seen.has(path));
}
