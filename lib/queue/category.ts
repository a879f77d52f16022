/**
 * The kinds of background jobs and the fields that each has behind the seven common ones (server-internals 3.2).
 *
 * Categories of our own wait on a list of their own: an older worker takes what it does not know and loses it (3.3).
 */

/** What a field may hold; the checks are in field.ts. */
export type FieldKind =
  | 'dataset'
  /** A dataset, `ALL`, or empty for all. */
  | 'datasets'
  | 'time'
  /** A time, or empty. */
  | 'optionalTime'
  | 'level'
  /** Whole number. */
  | 'count'
  /** Positive decimal number, or empty. */
  | 'optionalNumber'
  /** Anything printable, possibly empty. */
  | 'text'
  /** A key of letters, digits and `._:+/-`. */
  | 'key';

export interface CategoryRule {
  /** Names and kinds of the fields from number 7 on. */
  readonly fields: readonly (readonly [name: string, kind: FieldKind])[];
  /** Unknown to older workers. */
  readonly own: boolean;
}

const DATASET = ['dataset', 'dataset'] as const;
const DATASETS = ['dataset', 'datasets'] as const;

export const CATEGORIES = {
  TASK_CACHE: { own: false, fields: [DATASET, ['begin', 'time'], ['end', 'time'], ['level', 'level']] },
  TASK_USAGE: {
    own: false,
    fields: [
      DATASETS,
      ['begin', 'optionalTime'],
      ['end', 'optionalTime'],
      ['params', 'text'],
      ['resolution', 'optionalNumber'],
      ['interval', 'optionalNumber'],
    ],
  },
  TASK_COVERAGE: { own: false, fields: [DATASETS, ['begin', 'optionalTime'], ['end', 'optionalTime']] },
  TASK_LIST: { own: false, fields: [] },
  HAPI_INFO_CACHE: {
    own: false,
    fields: [
      ['id', 'datasets'],
      ['parameters', 'text'],
    ],
  },
  TASK_EXPORT: {
    own: true,
    fields: [
      ['export', 'key'],
      ['items', 'count'],
      ['bytes', 'count'],
      ['method', 'text'],
      ['format', 'text'],
    ],
  },
  TASK_INVENTORY: { own: true, fields: [DATASETS, ['begin', 'optionalTime'], ['end', 'optionalTime']] },
  TASK_CITE_PROBE: { own: true, fields: [DATASETS] },
  TASK_CITE_HASH: { own: true, fields: [['request', 'key']] },
  TASK_CITE_SYNC: { own: true, fields: [['segment', 'key']] },
  TASK_CITE_DOI: { own: true, fields: [['doi', 'text']] },
} as const satisfies Record<string, CategoryRule>;

export type Category = keyof typeof CATEGORIES;

export const CATEGORY_NAMES = Object.keys(CATEGORIES) as readonly Category[];

/** True for the name of a category, in its own spelling. */
export function isCategory(name: string): name is Category {
  return Object.hasOwn(CATEGORIES, name);
}

/** The fields of a category and whether it is our own. */
export function categoryRule(category: Category): CategoryRule {
  return CATEGORIES[category];
}

/** The category that a person means: any case, with or without `TASK_`, hyphens for underscores (3.5). */
export function categoryByWord(word: string): Category | undefined {
  const name = word.toUpperCase().replaceAll('-', '_');
  if (name === 'HAPI_INFO') return 'HAPI_INFO_CACHE';
  return [name, `TASK_${name}`].find(isCategory);
}
