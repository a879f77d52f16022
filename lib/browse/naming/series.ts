/**
 * A series: a product whose records can be found, with everything that its source definition says about it (browse-export 2).
 *
 * What a definition does not say is derived (2.1); a series known by a line of a naming table alone has its name and its records, and no words.
 */
import { type Block, blockNamed } from '../record/block.js';
import { type Epoch, epochText, parseEpoch } from '../record/epoch.js';
import { isKey, type Triad } from '../record/item-name.js';
import type { RecordGrid } from '../record/number.js';

/** A value with a readable name. */
export interface Choice {
  readonly key: string;
  readonly label: string;
}

/** What a record is: the answer to a data request, or files in a place that a template names. */
export type SeriesKind = 'stream' | 'files';

/** What only words are about. */
export interface SeriesWords {
  /** Short and readable. */
  readonly label: string;
  readonly description?: string;
  readonly observable?: Choice;
  readonly coverage?: Choice;
  /** SPASE values. */
  readonly regions: readonly string[];
  readonly instrumentType?: string;
  readonly measurementType?: string;
  readonly spacecraft?: string;
  readonly instrument?: string;
  /** As the definition writes it. */
  readonly cadence?: string;
  readonly imageSize?: string;
  readonly resolution?: string;
  /** What a record holds, and in which units: the `item_NN` of the definition. */
  readonly parameters?: string;
  readonly units?: string;
  /** Planes of a stream, those of `item_NN`, by their names. */
  readonly planes?: readonly Choice[];
  readonly groups: readonly Choice[];
}

export interface Series extends Triad, SeriesWords {
  readonly grid: RecordGrid;
  readonly kind: SeriesKind;
  /** The source behind it; undefined where only a line of a naming table is known. */
  readonly dataset?: string;
  /** Images or rows that a whole record has. */
  readonly expected?: number;
  /** As the definition writes it. */
  readonly validRange?: string;
  /** Seconds for readers that must be given an interval. */
  readonly interval?: string;
  /** Its line in the naming table was written by hand, and decides its block. */
  readonly isByHand?: true;
  /** HAPI clients have it as a table under the name of its source. */
  readonly hasTable?: true;
  /** The source has a rule of access. */
  readonly isRestricted: boolean;
  /** Template of the place of a record (`files`); a path of this host. */
  readonly recordPath?: string;
  /** Path of an inventory, or a bar and a command; of this host. */
  readonly recordInventory?: string;
}

/** A series as JSON for the side file of a naming table. */
export function seriesToJson({ grid, ...rest }: Series): unknown {
  return { ...rest, block: grid.block, epoch: epochText(grid.epoch) };
}

/** Members that are texts where they are there. */
const TEXTS = [
  'description',
  'instrumentType',
  'measurementType',
  'spacecraft',
  'instrument',
  'cadence',
  'imageSize',
  'resolution',
  'parameters',
  'units',
  'dataset',
  'validRange',
  'interval',
  'recordPath',
  'recordInventory',
] as const satisfies readonly (keyof Series)[];

/** What a side file says about a series; undefined if it is not of this form in every part. */
export function seriesFromJson(value: unknown): Series | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { block, epoch, ...rest } = value as Record<string, unknown>;
  const {
    prog,
    level,
    series,
    label,
    regions,
    groups,
    planes,
    observable,
    coverage,
    expected,
    kind,
    hasTable,
    isRestricted,
  } = rest;
  const known = typeof block === 'string' ? blockNamed(block) : undefined;
  const isGood =
    known !== undefined &&
    [prog, level, series].every((name) => typeof name === 'string' && isKey(name)) &&
    typeof label === 'string' &&
    TEXTS.every((name) => isTextOrNone(rest[name])) &&
    Array.isArray(regions) &&
    regions.every((region) => typeof region === 'string') &&
    Array.isArray(groups) &&
    groups.every(isChoice) &&
    (planes === undefined || (Array.isArray(planes) && planes.every(isChoice))) &&
    [observable, coverage].every((one) => one === undefined || isChoice(one)) &&
    (expected === undefined || typeof expected === 'number') &&
    (hasTable === undefined || hasTable === true) &&
    (kind === 'stream' || kind === 'files') &&
    typeof isRestricted === 'boolean';
  if (!isGood) return undefined;
  try {
    return {
      ...(rest as unknown as Omit<Series, 'grid'>),
      grid: { block: known, epoch: parseEpoch(String(epoch)) },
    };
  } catch {
    return undefined;
  }
}

function isTextOrNone(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function isChoice(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { key, label } = value as Record<string, unknown>;
  return typeof key === 'string' && typeof label === 'string';
}

/** A series of which nothing but its line in a naming table is known. */
export function namelessSeries(triad: Triad, block: Block, epoch: Epoch): Series {
  return {
    ...triad,
    grid: { block, epoch },
    kind: 'stream',
    label: triad.series,
    regions: [],
    groups: [],
    isRestricted: false,
  };
}
