/**
 * The folder with the cache files of the naming table (browse-export 4.2): reading all or some of them, and replacing them as a whole.
 *
 * Beside each file lies one with `.json` behind its name: the words of each series that was made from a definition. A line without words was
 * written by hand; it stays when the table is made anew. `.table.json` says from what the table was made, and when.
 */
import { join } from 'node:path';
import { namesIfAny, textIfAny } from '../../files/files-if-any.js';
import { ensureFolder, removeFile, writeWhole } from '../../queue/spool/files.js';
import type { Block } from '../record/block.js';
import { type Triad, triadName } from '../record/item-name.js';
import {
  type NamesFile,
  type NamingLine,
  namesFileName,
  namingText,
  parseNamesFileName,
  parseNamingText,
} from './lines.js';
import { namelessSeries, type Series, seriesFromJson, seriesToJson } from './series.js';

/** From what a table was made. */
export interface TableState {
  /** Version of the tree of sources. */
  readonly version: string;
  /** Of program and configuration. */
  readonly signature: string;
  /** Milliseconds. */
  readonly made: number;
  /** Names of its files. */
  readonly files: readonly string[];
  readonly complaints: readonly string[];
}

/** One cache file with its side file. */
export interface NamesGroup extends NamesFile {
  readonly lines: readonly NamingLine[];
  /** Lines that we cannot use. */
  readonly foreign: readonly string[];
  /** By name of the series. */
  readonly words: ReadonlyMap<string, Series>;
  /** Series whose lines were ours once, and go with the next writing. */
  readonly former: ReadonlySet<string>;
}

export type NamesFilter = (file: NamesFile) => boolean;

const STATE_FILE = '.table.json';

/** What the present table was made from; undefined if there is none. */
export function readTableState(folder: string): TableState | undefined {
  const value = readJson(join(folder, STATE_FILE));
  const { version, signature, made, files, complaints } = (value ?? {}) as Partial<TableState>;
  if (typeof version !== 'string' || typeof signature !== 'string' || typeof made !== 'number') return undefined;
  return { version, signature, made, files: textsOf(files), complaints: textsOf(complaints) };
}

/** The files of the folder that pass the filter. `skipped` is told about lines that cannot be used. */
export function readNamesFolder(folder: string, filter: NamesFilter, skipped: (reason: string) => void): NamesGroup[] {
  return namesIfAny(folder).flatMap((name) => {
    const file = parseNamesFileName(name);
    if (file === undefined || !filter(file)) return [];
    const text = textIfAny(join(folder, name));
    return text === undefined ? [] : [{ ...file, ...parseNamingText(text, file, skipped), ...readSide(folder, name) }];
  });
}

/** The series of a group: each line, with its words where there are any. */
export function seriesOfGroup({ prog, level, block, lines, words }: NamesGroup): Series[] {
  return lines.map(({ triad: { series }, epoch }) => {
    const known = words.get(series);
    if (known === undefined) return namelessSeries({ prog, level, series }, block, epoch);
    // The line alone decides what records there are.
    return { ...known, prog, level, series, grid: { block, epoch } };
  });
}

/** Lines that somebody wrote by hand: block and epoch by triad. */
export function handWritten(
  groups: readonly NamesGroup[],
): Map<string, { readonly block: Block; readonly line: NamingLine }> {
  const found = new Map<string, { block: Block; line: NamingLine }>();
  for (const { block, lines, words, former } of groups) {
    for (const line of lines) {
      const { series } = line.triad;
      const isOurs = (words.has(series) && words.get(series)?.isByHand !== true) || former.has(series);
      if (!isOurs) found.set(triadName(line.triad), { block, line });
    }
  }
  return found;
}

/** Replaces the table. `present`: what is there now. */
export function writeNamesFolder(
  folder: string,
  present: readonly NamesGroup[],
  series: readonly Series[],
  kept: readonly { readonly block: Block; readonly line: NamingLine }[],
  state: Omit<TableState, 'files'>,
): void {
  ensureFolder(folder);
  const groups = new Map<string, { lines: NamingLine[]; words: Series[] }>();
  const groupOf = (triad: Triad, block: Block) => {
    const name = namesFileName({ prog: triad.prog, level: triad.level, block });
    const group = groups.get(name) ?? { lines: [], words: [] };
    groups.set(name, group);
    return group;
  };
  for (const one of series) {
    const group = groupOf(one, one.grid.block);
    group.lines.push({ triad: { prog: one.prog, level: one.level, series: one.series }, epoch: one.grid.epoch });
    group.words.push(one);
  }
  for (const { block, line } of kept) groupOf(line.triad, block).lines.push(line);
  for (const group of present) {
    const name = namesFileName(group);
    const next = groups.get(name);
    if (next === undefined && group.foreign.length > 0) {
      groups.set(name, { lines: [], words: [] });
    } else if (next === undefined) {
      removeFile(join(folder, name));
      removeFile(join(folder, `${name}.json`));
    }
  }
  for (const [name, { lines, words }] of groups) {
    const now = new Set(lines.map(({ triad }) => triad.series));
    const before = present.find((group) => namesFileName(group) === name);
    const former = (before?.lines ?? []).map(({ triad }) => triad.series).filter((one) => !now.has(one));
    // Words first: a line that is ours must never be taken for one written by hand.
    writeWhole(join(folder, `${name}.json`), `${JSON.stringify({ series: words.map(seriesToJson), former })}\n`);
    writeWhole(join(folder, name), namingText(lines, before?.foreign ?? []));
  }
  writeWhole(join(folder, STATE_FILE), `${JSON.stringify({ ...state, files: [...groups.keys()] })}\n`);
}

function readSide(folder: string, name: string): Pick<NamesGroup, 'words' | 'former'> {
  const side = (readJson(join(folder, `${name}.json`)) ?? {}) as { series?: unknown; former?: unknown };
  const words = new Map<string, Series>();
  for (const value of Array.isArray(side.series) ? side.series : []) {
    const series = seriesFromJson(value);
    if (series !== undefined) words.set(series.series, series);
  }
  return { words, former: new Set(textsOf(side.former)) };
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(textIfAny(file) ?? '');
  } catch {
    return undefined;
  }
}
