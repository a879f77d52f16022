/**
 * What a DRMS client asks about series and records (browse-export 9.6): `show_series`, and the operations of `jsoc_info`.
 */
import { type FindSetOptions, recordsOfSet } from '../../../browse/drms/find-set.js';
import { nameFilter } from '../../../browse/drms/name-filter.js';
import { parseRecordSet, type RecordSet } from '../../../browse/drms/record-set.js';
import type { NamedSeries } from '../../../browse/drms/series-names.js';
import {
  keywordValues,
  PRIME_KEY,
  primeTime,
  segmentValues,
  seriesStruct,
} from '../../../browse/drms/series-struct.js';
import { keepDays } from '../../../browse/export/limits.js';
import { type BrowseFacts, browseAccess } from '../../../browse/facts/facts.js';
import { fieldError, shown } from '../../../browse/faults.js';
import type { FoundRecord } from '../../../browse/find/found-records.js';
import { formsOf } from '../../../browse/forms/data-forms.js';
import { UnreadableInventory } from '../../../browse/inventory/inventory.js';
import { Das2Error } from '../../../error.js';
import type { DrmsAnswer, DrmsQuestion } from './question.js';

/** The series, those of a filter only. */
export async function showSeries({ parameters, names }: DrmsQuestion): Promise<DrmsAnswer> {
  const isWanted = nameFilter(parameters.get('filter') ?? '');
  const found = [...names.all].filter(({ name }) => isWanted(name));
  return {
    status: 0,
    names: found.map(({ name, series }) => ({ name, primekeys: PRIME_KEY, note: series.description ?? series.label })),
    n: found.length,
  };
}

/** What a series is made of. */
export async function seriesStructure({ facts, parameters, names }: DrmsQuestion): Promise<DrmsAnswer> {
  const { series } = seriesOf(parseRecordSet(parameters.get('ds') ?? ''), names);
  const { configuration } = facts.context;
  return seriesStruct(series, formsOf(series, configuration), keepDays(configuration));
}

/** How many records a set has. */
export async function recordSummary(question: DrmsQuestion): Promise<DrmsAnswer> {
  return { status: 0, count: (await foundSet(question, 0)).rows.length };
}

/** Each has a value for each record, also those that there are not. */
const MOST_NAMES = 50;

/** Keywords and segments of the records of a set. */
export async function recordList(question: DrmsQuestion): Promise<DrmsAnswer> {
  const { facts, parameters } = question;
  const list = (name: string): string[] => {
    const words = (parameters.get(name) ?? '').split(',').flatMap((word) => word.trim() || []);
    if (words.length > MOST_NAMES) throw fieldError(name, `more than ${MOST_NAMES} names`);
    return words;
  };
  const { named, rows } = await foundSet(question, limitOf(parameters.get('n')));
  const forms = formsOf(named.series, facts.context.configuration);
  const context = { places: facts.places, table: facts.table, forms };
  const [keys, segments] = [list('key'), list('seg')];
  return {
    status: 0,
    count: rows.length,
    ...(keys.length > 0 && { keywords: keywordValues(keys, rows, context) }),
    ...(segments.length > 0 && { segments: segmentValues(segments, named.series, rows, context) }),
    ...(parameters.get('R') === '1' && { recinfo: rows.map(({ record }) => ({ name: recordName(named, record) })) }),
  };
}

/** A record set with its records. */
export interface FoundSet {
  readonly set: RecordSet;
  readonly named: NamedSeries;
  readonly rows: readonly FoundRecord[];
}

/** The records of the set that `ds` names; `limit` as `recordsOfSet` has it. */
export async function foundSet({ facts, parameters, names }: DrmsQuestion, limit: number): Promise<FoundSet> {
  const set = parseRecordSet(parameters.get('ds') ?? '');
  const named = seriesOf(set, names);
  try {
    return { set, named, rows: await recordsOfSet(set, named.series, limit, findOptions(facts)) };
  } catch (error) {
    if (!(error instanceof UnreadableInventory)) throw error;
    throw new Das2Error('overload', 'the inventory of this series cannot be read just now', { cause: error });
  }
}

function seriesOf({ name }: RecordSet, names: DrmsQuestion['names']): NamedSeries {
  const named = names.named(name);
  if (named === undefined) throw fieldError('ds', `there is no series '${shown(name)}'`);
  return named;
}

function findOptions(facts: BrowseFacts): FindSetOptions {
  const { configuration } = facts.context;
  const access = browseAccess(facts);
  return {
    table: facts.table,
    inventory: configuration.path('BROWSE_INV'),
    accessOf: (one) => access.of(one),
    now: facts.now,
    mostRecords: configuration.integer('BROWSE_MAX_BLOCKS') ?? 20_000,
  };
}

/** A number of records: of the first ones, or, negative, of the last ones; 0 for all. */
export function limitOf(text: string | undefined): number {
  if (text === undefined || text === '') return 0;
  if (/^-?\d{1,7}$/.test(text)) return Number(text);
  throw fieldError('n', `'${shown(text)}' is not a number of records`);
}

/** `prog.series[1999.10.09_06:00:00_TAI]`. */
export function recordName({ name, series }: NamedSeries, record: number): string {
  return `${name}[${primeTime(record, series.grid)}]`;
}
