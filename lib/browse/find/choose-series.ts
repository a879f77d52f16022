/**
 * Which series a question is about (browse-export 5.1, 6).
 */

import { matchesPattern } from '../naming/pattern.js';
import type { Series } from '../naming/series.js';
import { triadName } from '../record/item-name.js';
import { type BrowseQuery, CHOICE_FIELDS, type ChoiceField } from './query.js';

/** The key of sources that do not say what they observe. */
export const OTHER = 'other';

/** What a series offers for a field: the keys by which it is found. A region is found by each of the wider ones around it, too. */
export function keysOf(series: Series, field: ChoiceField): readonly string[] {
  switch (field) {
    case 'nick':
      return series.groups.map(({ key }) => key);
    case 'prog':
      return [series.prog];
    case 'level':
      return [series.level];
    case 'obs':
      return [series.observable?.key ?? OTHER];
    case 'cover':
      return series.coverage === undefined ? [] : [series.coverage.key];
    case 'region':
      return series.regions.flatMap((region) => {
        const parts = region.split('.');
        return parts.map((_part, i) => parts.slice(0, i + 1).join('.'));
      });
    case 'block':
      return [series.grid.block];
  }
}

/** The series that a question is about. `except`: a field that is not looked at. */
export function chooseSeries(all: readonly Series[], query: BrowseQuery, except?: ChoiceField): Series[] {
  const words = query.series.split(/[\s,]+/).filter((word) => word !== '');
  return all.filter((series) => {
    for (const field of CHOICE_FIELDS) {
      const wanted = query.choices[field];
      if (wanted.length === 0 || field === except) continue;
      const keys = keysOf(series, field);
      if (!wanted.some((key) => keys.includes(key))) return false;
    }
    return words.length === 0 || words.some((word) => isMeant(series, word));
  });
}

function isMeant(series: Series, word: string): boolean {
  if (matchesPattern(word, series.series, triadName(series))) return true;
  const sameWord = (text: string | undefined): boolean => text?.toLowerCase() === word.toLowerCase();
  const { spacecraft, instrument, instrumentType, measurementType } = series;
  return [spacecraft, instrument, instrumentType, measurementType].some(sameWord);
}
