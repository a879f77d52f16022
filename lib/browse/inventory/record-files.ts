/**
 * The files of a record of kind `files` (browse-export 2.1, 10): what `recordPath` of its series leads to, a folder with files in it or a single file.
 *
 * Contract: looks and reads, and changes nothing. The place is made of keys, numbers and the template of the definition; what lies outside of the folder
 * in which the template begins to vary, behind a link or otherwise, is not there. Paths of the host stay inside the server.
 */
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import type { Series } from '../naming/series.js';
import { recordLabel } from '../record/label.js';
import type { Part } from '../record/part.js';

/** One file of a record. */
export interface RecordFile {
  readonly name: string;
  /** On this host. */
  readonly path: string;
  readonly bytes: number;
  /** When it was changed, in milliseconds. */
  readonly changedAt: number;
}

/** Files that a record may have; more are a fault of the archive. */
const MOST_FILES = 20_000;
/** A date and a time of day in the name of a file: 20260101T120130, 2026-01-01_12:01 and the like. */
const TIME_IN_NAME = /(?:^|\D)\d{4}[-._]?\d\d[-._]?\d\d[T_.-]?([01]\d|2[0-3]):?([0-5]\d)(?::?([0-5]\d))?(?!\d)/;

/** Where a record lies; undefined for a series that has no files. */
export function recordPlace(series: Series, record: number): string | undefined {
  const { recordPath, prog, level, series: name, grid } = series;
  if (series.kind !== 'files' || recordPath === undefined) return undefined;
  const values: Readonly<Record<string, string>> = {
    PROG: prog,
    LEVEL: level,
    SERIES: name,
    REC: String(record),
    LABEL: recordLabel(record, grid),
  };
  return recordPath.replace(/\$\(([A-Z]+)\)/g, (all, key: string) => values[key] ?? all);
}

/**
 * The files of a record in order of their names, hidden ones left out; undefined where there is nothing. `folder`: those of a folder inside of that of the
 * record.
 */
export function recordFiles(series: Series, record: number, folder?: string): readonly RecordFile[] | undefined {
  const whole = recordPlace(series, record);
  if (whole === undefined) return undefined;
  const place = folder === undefined ? whole : join(whole, folder);
  try {
    const root = realpathSync(fixedPart(series.recordPath ?? ''));
    const real = realpathSync(place);
    if (!isBelow(real, root)) return undefined;
    if (!statSync(real).isDirectory())
      return folder !== undefined ? undefined : filesAt([basename(place)], dirname(place), root);
    return filesAt(
      readdirSync(place)
        .filter((name) => !name.startsWith('.'))
        .sort()
        .slice(0, MOST_FILES),
      place,
      root,
    );
  } catch {
    return undefined;
  }
}

/** The folder in which a template begins to vary. */
function fixedPart(template: string): string {
  const at = template.indexOf('$(');
  return at < 0 ? dirname(template) : template.slice(0, template.lastIndexOf('/', at) + 1);
}

function isBelow(path: string, root: string): boolean {
  return path.startsWith(root.endsWith(sep) ? root : root + sep);
}

function filesAt(names: readonly string[], folder: string, root: string): RecordFile[] {
  return names.flatMap((name) => {
    try {
      const path = realpathSync(join(folder, name));
      const stats = statSync(path);
      return stats.isFile() && isBelow(path, root) ? [{ name, path, bytes: stats.size, changedAt: stats.mtimeMs }] : [];
    } catch {
      return [];
    }
  });
}

/**
 * The files that a part means, in their own order; names that mean none are listed as `missing`. Of a slice those whose names hold a date and a
 * time of day within it.
 */
export function filesOfPart(
  files: readonly RecordFile[],
  part: Part,
): { readonly files: readonly RecordFile[]; readonly missing: readonly string[] } {
  if (part.kind === 'slice') {
    const within = files.filter(({ name }) => {
      const second = secondInName(name);
      return second !== undefined && second >= part.begin && second < part.end;
    });
    return { files: within, missing: [] };
  }
  const chosen = new Set<RecordFile>();
  const missing: string[] = [];
  for (const name of part.names) {
    const file =
      files.find((one) => one.name === name) ??
      files.find((one) => stemOf(one.name) === name) ??
      (/^\d{1,6}$/.test(name) ? files[Number(name)] : undefined);
    if (file === undefined) missing.push(name);
    else chosen.add(file);
  }
  return { files: files.filter((file) => chosen.has(file)), missing };
}

/** The time of day in the name of a file, in seconds; undefined without one. */
export function secondInName(name: string): number | undefined {
  const [, hour, minute, second = '0'] = TIME_IN_NAME.exec(name) ?? [];
  return hour === undefined ? undefined : Number(hour) * 3600 + Number(minute) * 60 + Number(second);
}

/** A name without its ending. */
export function stemOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(0, dot) : name;
}

/** The word by which a file is a member of an item: its name, or its position where the name has other characters, in a form that names no other file. */
export function memberWord(file: RecordFile, all: readonly RecordFile[]): string {
  if (isPlain(file.name)) return file.name;
  const position = String(all.indexOf(file));
  const forms = [4, 5, 6, 3, 2, 1].map((width) => position.padStart(width, '0'));
  // Names go before positions.
  const free = forms.find((form) => !all.some(({ name }) => name === form || stemOf(name) === form));
  return free ?? position;
}

/**
 * The names that files of a record have where only letters, digits and `. _ -` may stand, each its own: plain names as they are, in others `_` for what may not stand
 * there, behind the position of the file where another one has that name.
 */
export function plainNames(all: readonly RecordFile[]): ReadonlyMap<RecordFile, string> {
  const names = new Map(all.filter(({ name }) => isPlain(name)).map((file) => [file, file.name]));
  const taken = new Set(names.values());
  for (const [i, file] of all.entries()) {
    if (names.has(file)) continue;
    let name = file.name.replace(/[^A-Za-z0-9._-]/g, '_');
    while (taken.has(name)) name = `${String(i).padStart(4, '0')}_${name}`;
    taken.add(name);
    names.set(file, name);
  }
  return names;
}

function isPlain(name: string): boolean {
  return /^[A-Za-z0-9._-]+$/.test(name);
}
