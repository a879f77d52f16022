/**
 * A question about records, from the parameters of a request (browse-export 6).
 *
 * Contract: pure. Within one field choices are OR, between fields AND; a field without choice restricts nothing. Faults are `illegalArgument`
 * that name the field. Unknown parameters mean nothing.
 */
import { hasMoreBytesThan } from '../../bytes.js';
import { type Das2Error, isDas2Error } from '../../error.js';
import { encodeQueryValue } from '../../request/query-string.js';
import { fieldError, shown } from '../faults.js';
import { BLOCKS, type Block, blockNamed } from '../record/block.js';
import { type Edge, SCALE_CHOICES, type ScaleChoice } from '../record/interval.js';
import { isKey } from '../record/item-name.js';

/** Which records are listed. */
const SHOW_CHOICES = ['known', 'assumed', 'missing'] as const;
export type ShowChoice = (typeof SHOW_CHOICES)[number];

export const ORDERS = ['time', 'series'] as const;
export type Order = (typeof ORDERS)[number];

/** Whether pages show the names of series behind their labels. */
const RAW_CHOICES = ['on', 'off'] as const;
export type RawChoice = (typeof RAW_CHOICES)[number];

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
  readonly raw: RawChoice;
  /** Rows of an answer; undefined: as many as its form gives. */
  readonly limit: number | undefined;
  /** The item behind which the answer begins. */
  readonly after: string | undefined;
}

const FIELD_LIMIT = 2048;
const LARGEST_PAGE = 1000;

/** A question as far as it can be read, and everything that is wrong with it. */
export interface ReadQuery {
  readonly query: BrowseQuery;
  /** One for each value that could not be read; what it asks for is left out of the question. */
  readonly faults: readonly Das2Error[];
}

/** The question that these parameters ask. Throws the first of its faults. */
export function readBrowseQuery(pairs: readonly (readonly [string, string])[]): BrowseQuery {
  const { query, faults } = readQueryLeniently(pairs);
  if (faults[0] !== undefined) throw faults[0];
  return query;
}

/** The question that these parameters ask, for a form that shows all faults at once. */
export function readQueryLeniently(pairs: readonly (readonly [string, string])[]): ReadQuery {
  const faults: Das2Error[] = [];
  const attempt = <Value>(read: () => Value, otherwise: Value): Value => {
    try {
      return read();
    } catch (error) {
      if (!isDas2Error(error)) throw error;
      faults.push(error);
      return otherwise;
    }
  };
  const values = valuesByField(pairs);
  const all = (field: string): string[] =>
    [...(values.get(field) ?? [])].filter((value) =>
      attempt(() => {
        if (hasMoreBytesThan(value, FIELD_LIMIT)) throw fieldError(field, `is longer than ${FIELD_LIMIT} bytes`);
        return true;
      }, false),
    );
  const one = (field: string): string => {
    const [value = '', another] = all(field);
    return attempt(() => {
      if (another !== undefined) throw fieldError(field, 'is given twice with different values');
      return value;
    }, '');
  };
  const oneOf = <Value extends string>(field: string, values: readonly Value[], otherwise: Value): Value => {
    const text = one(field);
    return attempt(() => {
      const found = text === '' ? otherwise : values.find((value) => value.toLowerCase() === text.toLowerCase());
      if (found === undefined) throw fieldError(field, `'${shown(text)}' is none of ${values.join(', ')}`);
      return found;
    }, otherwise);
  };
  const choicesOf = (field: ChoiceField): string[] =>
    all(field).flatMap((value) => attempt(() => [checked(field, value)], []));
  const query: BrowseQuery = {
    start: one('start'),
    stop: one('stop'),
    scale: oneOf('scale', SCALE_CHOICES, 'UTC'),
    choices: Object.fromEntries(CHOICE_FIELDS.map((field) => [field, choicesOf(field)])) as unknown as Record<
      ChoiceField,
      readonly string[]
    >,
    series: one('series'),
    order: oneOf('order', ORDERS, 'time'),
    show: oneOf('show', SHOW_CHOICES, 'assumed'),
    edge: attempt(() => edgeOf(one('edge')), 'auto'),
    raw: oneOf('raw', RAW_CHOICES, 'on'),
    limit: attempt(() => limitOf(one('limit')), undefined),
    after: one('after') || undefined,
  };
  return { query, faults };
}

/** Different values of each field, without blanks around them; empty ones are none. */
function valuesByField(pairs: readonly (readonly [string, string])[]): ReadonlyMap<string, ReadonlySet<string>> {
  const values = new Map<string, Set<string>>();
  for (const [field, text] of pairs) {
    const value = text.trim();
    if (value === '') continue;
    const known = values.get(field);
    if (known === undefined) values.set(field, new Set([value]));
    else known.add(value);
  }
  return values;
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
    ['raw', query.raw === 'on' ? '' : query.raw],
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
