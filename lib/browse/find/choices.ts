/**
 * The choices of each field of the form, with the number of series that each would leave (browse-export 6).
 */
import { compareCodePoints } from '../../code-points.js';
import type { SeriesGroup } from '../naming/groups-file.js';
import type { Series } from '../naming/series.js';
import { BLOCKS, blockWords } from '../record/block.js';
import { chooseSeries, keysOf, OTHER } from './choose-series.js';
import { type BrowseQuery, CHOICE_FIELDS, type ChoiceField } from './query.js';

export interface FieldChoice {
  readonly key: string;
  readonly label: string;
  readonly description?: string;
  /** Series that a question with this choice is about, the other fields being as they are. */
  readonly count: number;
  readonly isChosen: boolean;
  /** Steps to the right in an indented list (regions). */
  readonly depth: number;
}

/** The choices of all fields. What is chosen and unknown is a choice, too, so that nothing chosen gets lost. */
export function fieldChoices(
  all: readonly Series[],
  query: BrowseQuery,
  groups: readonly SeriesGroup[],
): ReadonlyMap<ChoiceField, readonly FieldChoice[]> {
  return new Map(CHOICE_FIELDS.map((field) => [field, choicesOf(field, all, query, groups)]));
}

function choicesOf(
  field: ChoiceField,
  all: readonly Series[],
  query: BrowseQuery,
  groups: readonly SeriesGroup[],
): FieldChoice[] {
  const labels = new Map<string, string>();
  for (const group of field === 'nick' ? groups : []) labels.set(group.key, group.label);
  for (const series of all)
    for (const key of keysOf(series, field)) if (!labels.has(key)) labels.set(key, labelOf(series, field, key));
  for (const key of query.choices[field]) if (!labels.has(key)) labels.set(key, key);
  const counts = new Map<string, number>();
  for (const series of chooseSeries(all, query, field)) {
    for (const key of new Set(keysOf(series, field))) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const blocks: readonly string[] = BLOCKS;
  const order = field === 'block' ? (key: string) => blocks.indexOf(key) : undefined;
  return [...labels]
    .sort(([a], [b]) => (order === undefined ? otherLast(a, b) || compareCodePoints(a, b) : order(a) - order(b)))
    .map(([key, label]) => {
      const description = field === 'nick' ? groups.find((group) => group.key === key)?.description : undefined;
      return {
        key,
        label,
        count: counts.get(key) ?? 0,
        isChosen: query.choices[field].includes(key),
        depth: field === 'region' ? key.split('.').length - 1 : 0,
        ...(description !== undefined && { description }),
      };
    });
}

function otherLast(a: string, b: string): number {
  return Number(a === OTHER) - Number(b === OTHER);
}

function labelOf(series: Series, field: ChoiceField, key: string): string {
  switch (field) {
    case 'nick':
      return series.groups.find((group) => group.key === key)?.label ?? key;
    case 'obs':
      return series.observable?.label ?? 'Other';
    case 'cover':
      return series.coverage?.label ?? key;
    case 'region':
      return key.slice(key.lastIndexOf('.') + 1).replace(/([a-z])([A-Z])/g, '$1 $2');
    case 'block':
      return blockWords(series.grid.block);
    default:
      return key;
  }
}
