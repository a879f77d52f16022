/**
 * Keywords and segments of series, as clients of a DRMS ask for them (browse-export 9.6), and their values for records.
 *
 * Contract: values are texts, as such clients expect. What is not known is `MISSING`; a keyword that there is not has `Invalid KeyLink` for each record.
 */
import type { FoundRecord } from '../find/found-records.js';
import { itemOf } from '../find/found-records.js';
import { DATA_FORM_WORDS, type DataForm, dataAddress } from '../forms/data-forms.js';
import { fileAddress, type Places } from '../forms/links.js';
import type { Series } from '../naming/series.js';
import { blockSeconds } from '../record/block.js';
import { type Epoch, epochTime } from '../record/epoch.js';
import { civilStart, type RecordGrid } from '../record/number.js';
import type { LeapTable } from '../time/leap-table.js';
import { civilOf, type Instant, isoText } from '../time/scales.js';

/** The one prime key: the time of a record, on the scale of its series. */
export const PRIME_KEY = 'T_REC';

const MISSING = 'MISSING';
const NO_SUCH_KEYWORD = 'Invalid KeyLink';

export interface ValueContext {
  readonly places: Places;
  readonly table: LeapTable;
}

export interface SegmentContext extends ValueContext {
  /** Forms that there are of the series. */
  readonly forms: readonly DataForm[];
}

interface Keyword {
  readonly name: string;
  readonly type: 'time' | 'string' | 'double' | 'int' | 'longlong';
  readonly recscope: 'variable' | 'constant' | 'index' | 'ts_slot';
  readonly units: string;
  readonly note: string;
  readonly value: (row: FoundRecord, context: ValueContext) => string;
}

/** A time as prime keys have it: `1999.10.09_06:00:00_TAI`, or `1999-10-09T06:00:00Z` of a series that is counted in UTC. */
export function primeTime(record: number, { block, epoch }: RecordGrid): string {
  return primeText({ ...epoch, civil: civilStart(record, { block, epoch }) });
}

function primeText(time: Epoch): string {
  return time.scale === 'UTC' ? isoText(time.civil, 'UTC') : epochTime(time);
}

const KEYWORDS: readonly Keyword[] = [
  {
    name: PRIME_KEY,
    type: 'time',
    recscope: 'ts_slot',
    units: 'time',
    note: 'Begin of the record',
    value: ({ record, series }) => primeTime(record, series.grid),
  },
  {
    name: 'T_REC_index',
    type: 'longlong',
    recscope: 'index',
    units: 'none',
    note: 'Record number, counted from the epoch',
    value: ({ record }) => String(record),
  },
  {
    name: 'T_REC_epoch',
    type: 'time',
    recscope: 'constant',
    units: 'time',
    note: 'Begin of record 0',
    value: ({ series }) => primeText(series.grid.epoch),
  },
  {
    name: 'T_REC_step',
    type: 'double',
    recscope: 'constant',
    units: 'none',
    note: 'Length of a record in T_REC_unit',
    value: ({ series }) => stepOf(series.grid).step,
  },
  {
    name: 'T_REC_unit',
    type: 'string',
    recscope: 'constant',
    units: 'none',
    note: 'Unit of T_REC_step',
    value: ({ series }) => stepOf(series.grid).unit,
  },
  {
    name: 'T_START',
    type: 'time',
    recscope: 'variable',
    units: 'time',
    note: 'Begin of the record in UTC',
    value: ({ start }, context) => utc(start, context),
  },
  {
    name: 'T_STOP',
    type: 'time',
    recscope: 'variable',
    units: 'time',
    note: 'End of the record in UTC, not a part of it',
    value: ({ stop }, context) => utc(stop, context),
  },
  {
    name: 'STATE',
    type: 'string',
    recscope: 'variable',
    units: 'none',
    note: 'present, partial, offline, assumed or restricted',
    value: ({ state }) => state,
  },
  {
    name: 'BYTES',
    type: 'longlong',
    recscope: 'variable',
    units: 'bytes',
    note: 'Size; of assumed records that of a mean one',
    value: ({ bytes }) => numberText(bytes),
  },
  {
    name: 'HAVE',
    type: 'longlong',
    recscope: 'variable',
    units: 'none',
    note: 'Images or rows in the record',
    value: ({ have }) => numberText(have),
  },
  {
    name: 'EXPECTED',
    type: 'longlong',
    recscope: 'variable',
    units: 'none',
    note: 'Images or rows of a whole record',
    value: ({ expected }) => numberText(expected),
  },
  {
    name: 'DIGEST',
    type: 'string',
    recscope: 'variable',
    units: 'none',
    note: 'Digest of the content',
    value: ({ digest }) => digest ?? MISSING,
  },
  {
    name: 'ITEM',
    type: 'string',
    recscope: 'variable',
    units: 'none',
    note: 'Name of the record on the pages of this server',
    value: itemOf,
  },
];

/** What is asked for like a keyword, and is about the record as a thing that is stored. */
const ABOUT_RECORD: Readonly<Record<string, Keyword['value']>> = {
  '*recnum*': ({ record }) => String(record),
  '*sunum*': ({ record }) => String(record),
  '*size*': ({ bytes }) => numberText(bytes),
  '*online*': ({ state }) => (state === 'present' || state === 'partial' ? 'Y' : state === 'offline' ? 'N' : '?'),
  '*archive*': () => '0',
};

/** Keywords by the names that a client gives; `**ALL**` are all of them, `**NONE**` none. */
export function keywordValues(
  names: readonly string[],
  rows: readonly FoundRecord[],
  context: ValueContext,
): { readonly name: string; readonly values: readonly string[] }[] {
  const wanted = names.flatMap((name) =>
    name === '**ALL**' ? KEYWORDS.map((keyword) => keyword.name) : name === '**NONE**' ? [] : [name],
  );
  return [...new Set(wanted)].map((name) => {
    const value =
      KEYWORDS.find((keyword) => keyword.name.toLowerCase() === name.toLowerCase())?.value ?? ABOUT_RECORD[name];
    return { name, values: rows.map((row) => value?.(row, context) ?? NO_SUCH_KEYWORD) };
  });
}

/** Segments by the names that a client gives, `**ALL**` for all: addresses of the data. */
export function segmentValues(
  names: readonly string[],
  series: Series,
  rows: readonly FoundRecord[],
  context: SegmentContext,
): { readonly name: string; readonly values: readonly string[] }[] {
  const known = segmentsOf(series, context.forms).map(({ name }) => name);
  const wanted = names.flatMap((name) => (name === '**ALL**' ? known : name === '**NONE**' ? [] : [name]));
  return [...new Set(wanted)].map((name) => ({
    name,
    values: rows.map((row) => (known.includes(name) ? addressOf(row, name, context) : 'Invalid SegLink')),
  }));
}

function addressOf(row: FoundRecord, segment: string, { places, table, forms }: SegmentContext): string {
  if (row.state === 'restricted') return '';
  if (row.series.kind === 'files') return fileAddress(row.series, row.record, places);
  const form = forms.find((one) => one === segment);
  return (form === undefined ? undefined : dataAddress(row, form, places, table)) ?? '';
}

/** The segments of a series: forms of a stream, or the files of a record. */
function segmentsOf(
  { kind, dataset, units }: Series,
  forms: readonly DataForm[],
): {
  readonly name: string;
  readonly type: string;
  readonly units: string;
  readonly protocol: string;
  readonly dims: string;
  readonly note: string;
}[] {
  if (dataset === undefined) return [];
  const common = { type: 'variable', units: units ?? 'none', dims: '' };
  if (kind === 'files')
    return [{ name: 'files', protocol: 'generic', note: 'List of the files of the record', ...common }];
  return forms.map((name) => ({ name, protocol: 'generic', note: DATA_FORM_WORDS[name], ...common }));
}

/** What a series is made of. `forms`: those that there are of it; `keepDays`: how long exports are kept. */
export function seriesStruct(series: Series, forms: readonly DataForm[], keepDays: number): Record<string, unknown> {
  const constants: Readonly<Record<string, string>> = {
    T_REC_epoch: primeText(series.grid.epoch),
    T_REC_step: stepOf(series.grid).step,
    T_REC_unit: stepOf(series.grid).unit,
  };
  return {
    status: 0,
    note: series.description ?? series.label,
    retention: keepDays,
    unitsize: 1,
    archive: 0,
    tapegroup: 0,
    primekeys: [PRIME_KEY],
    dbindex: [PRIME_KEY],
    keywords: KEYWORDS.map(({ name, type, recscope, units, note }) => ({
      name,
      type,
      recscope,
      defval: constants[name] ?? '',
      units,
      note,
      linkinfo: null,
    })),
    links: [],
    segments: segmentsOf(series, forms),
  };
}

function stepOf({ block }: RecordGrid): { readonly step: string; readonly unit: string } {
  if (block === '1month') return { step: '1', unit: 'months' };
  if (block === '1year') return { step: '1', unit: 'years' };
  return { step: String(blockSeconds(block)), unit: 'secs' };
}

function utc(instant: Instant, { table }: ValueContext): string {
  return isoText(civilOf(instant, 'UTC', table), 'UTC');
}

function numberText(value: number | undefined): string {
  return value === undefined ? MISSING : String(value);
}
