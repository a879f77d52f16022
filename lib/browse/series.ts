/**
 * A series: a product whose records can be found, with everything that its source definition says about it (browse-export 2).
 *
 * What a definition does not say is derived (2.1); a series known by a line of a naming table alone has its name and its records, and no words.
 */
import type { Block } from './block.js';
import { type Epoch, epochText, parseEpoch } from './epoch.js';
import { isKey, type Triad } from './item-name.js';
import type { RecordGrid } from './record-number.js';

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

/** What a side file says about a series; undefined if it is not of this form. */
export function seriesFromJson(value: unknown): Series | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { block, epoch, ...rest } = value as Record<string, unknown>;
  const { prog, level, series, label, regions, groups } = rest;
  const isName = [prog, level, series].every((name) => typeof name === 'string' && isKey(name));
  if (!isName || typeof label !== 'string' || !Array.isArray(regions) || !Array.isArray(groups)) return undefined;
  try {
    return {
      ...(rest as unknown as Omit<Series, 'grid'>),
      grid: { block: block as Block, epoch: parseEpoch(String(epoch)) },
    };
  } catch {
    return undefined;
  }
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
