/**
 * A question about records, from the parameters of a request (browse-export 6).
 *
 * Contract: pure. Within one field choices are OR, between fields AND; a field without choice restricts nothing. Throws `illegalArgument` that
 * names the field. Unknown parameters mean nothing.
 */
import { hasMoreBytesThan } from '../bytes.js';
import { encodeQueryValue } from '../request/query-string.js';
import { BLOCKS, type Block, blockNamed } from './block.js';
import { fieldError, shown } from './field-error.js';
import { type Edge, SCALE_CHOICES, type ScaleChoice } from './interval.js';
import { isKey } from './item-name.js';

/** Which records are listed. */
export const SHOW_CHOICES = ['known', 'assumed', 'missing'] as const;
export type ShowChoice = (typeof SHOW_CHOICES)[number];

export const ORDERS = ['time', 'series'] as const;
export type Order = (typeof ORDERS)[number];

/** Fields with any number of choices, in canonical order. */
export const CHOICE_FIELDS = ['nick', 'prog', 'level', 'obs', 'cover', 'region', 'block'] as const;
export type ChoiceField = (typeof CHOICE_FIELDS)[number];

export interface BrowseQuery {
  /** As typed; '' if it is not given. */
  readonly start: string;
  readonly stop: string;
  readonly scale: ScaleChoice;
  readonly choices: Readonly<Record<ChoiceField, readonly string[]>>;
  /** Names or patterns, separated by blanks or commas. */
  readonly series: string;
  readonly order: Order;
  readonly show: ShowChoice;
  readonly edge: Edge;
  /** Rows of an answer; undefined: as many as its form gives. */
  readonly limit: number | undefined;
  /** The item behind which the answer begins. */
  readonly after: string | undefined;
}

const FIELD_LIMIT = 2048;
const LARGEST_PAGE = 1000;

/** The question that these parameters ask. */
export function readBrowseQuery(pairs: readonly (readonly [string, string])[]): BrowseQuery {
  const all = (field: string): string[] => {
    const values = pairs.filter(([key]) => key === field).map(([, value]) => value.trim());
    for (const value of values) {
      if (hasMoreBytesThan(value, FIELD_LIMIT)) throw fieldError(field, `is longer than ${FIELD_LIMIT} bytes`);
    }
    return [...new Set(values.filter((value) => value !== ''))];
  };
  const one = (field: string): string => {
    const values = all(field);
    if (values.length > 1) throw fieldError(field, 'is given twice with different values');
    return values[0] ?? '';
  };
  const oneOf = <Value extends string>(field: string, values: readonly Value[], otherwise: Value): Value => {
    const text = one(field);
    const found = text === '' ? otherwise : values.find((value) => value.toLowerCase() === text.toLowerCase());
    if (found === undefined) throw fieldError(field, `'${shown(text)}' is none of ${values.join(', ')}`);
    return found;
  };
  const choices = Object.fromEntries(
    CHOICE_FIELDS.map((field) => [field, all(field).map((value) => checked(field, value))]),
  );
  return {
    start: one('start'),
    stop: one('stop'),
    scale: oneOf('scale', SCALE_CHOICES, 'UTC'),
    choices: choices as unknown as Record<ChoiceField, readonly string[]>,
    series: one('series'),
    order: oneOf('order', ORDERS, 'time'),
    show: oneOf('show', SHOW_CHOICES, 'assumed'),
    edge: edgeOf(one('edge')),
    limit: limitOf(one('limit')),
    after: one('after') || undefined,
  };
}

function checked(field: ChoiceField, value: string): string {
  if (field === 'block' ? blockNamed(value) !== undefined : isKey(value)) return value;
  throw fieldError(field, `'${shown(value)}' is ${field === 'block' ? `none of ${BLOCKS.join(', ')}` : 'not a key'}`);
}

function edgeOf(text: string): Edge {
  if (text === '' || text === 'auto') return 'auto';
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw fieldError('edge', `'${shown(text)}' is neither auto nor a number of seconds`);
}

function limitOf(text: string): number | undefined {
  if (text === '') return undefined;
  if (/^[1-9]\d{0,5}$/.test(text)) return Math.min(Number(text), LARGEST_PAGE);
  throw fieldError('limit', `'${shown(text)}' is not a number of rows`);
}

/** The parameters of a question in canonical order, defaults left out; `changes` replace single ones, undefined leaves one out. */
export function queryPairs(
  query: BrowseQuery,
  changes: Readonly<Record<string, string | undefined>> = {},
): [string, string][] {
  const pairs: [string, string | undefined][] = [
    ['start', query.start],
    ['stop', query.stop],
    ['scale', query.scale === 'UTC' ? '' : query.scale],
    ...CHOICE_FIELDS.flatMap((field) =>
      [...query.choices[field]].sort().map((value): [string, string] => [field, value]),
    ),
    ['series', query.series],
    ['order', query.order === 'time' ? '' : query.order],
    ['show', query.show === 'assumed' ? '' : query.show],
    ['edge', query.edge === 'auto' ? '' : String(query.edge)],
    ['limit', query.limit === undefined ? '' : String(query.limit)],
    ['after', query.after],
  ];
  const kept = pairs.filter(([key]) => !Object.hasOwn(changes, key));
  return [...kept, ...Object.entries(changes)].filter((pair): pair is [string, string] => (pair[1] ?? '') !== '');
}

/** The same as the text behind the `?` of an address. */
export function queryText(query: BrowseQuery, changes?: Readonly<Record<string, string | undefined>>): string {
  return queryPairs(query, changes)
    .map(([key, value]) => `${key}=${encodeQueryValue(value)}`)
    .join('&');
}

/** True if the block is among the choices of a question. */
export function wantsBlock(query: BrowseQuery, block: Block): boolean {
  return query.choices.block.length === 0 || query.choices.block.includes(block);
}
