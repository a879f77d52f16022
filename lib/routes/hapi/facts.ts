/**
 * What the info document of a dataset says besides its parameters (server-internals 6.4), in the form of the version that is announced.
 *
 * Contract: nothing of the request but the server's own address, so that the document is the same for everybody and for every selection of
 * parameters. Dates that depend on the present change at midnight UTC.
 */
import { licenseOfText } from '../../cite/metadata/values.js';
import { versionsAddress } from '../../cite/versions-address.js';
import type { Configuration } from '../../conf/configuration.js';
import { type HapiInfo, hapiInfo } from '../../filter/hapi/info.js';
import type { HapiParameter } from '../../filter/hapi/parameters.js';
import type { OpenPart } from '../../hapi/access.js';
import { readHeader, tableId } from '../../hapi/header.js';
import type { KnownTable } from '../../hapi/known.js';
import type { HapiDataset, HapiTable, RelatedDataset } from '../../hapi/model.js';
import { hapiVersion, isSince } from '../../hapi/offer.js';
import { hapiDuration, hapiTimeText } from '../../hapi/time-text.js';
import { encodeQueryValue } from '../../request/query-string.js';
import type { Request } from '../../request/request.js';
import type { Source } from '../../source/source.js';
import { addNanoseconds, compareTimes } from '../../stream/time.js';

/** When what is told of the table was last made: milliseconds since 1970. */
export function modifiedAt({ dataset, record }: Pick<KnownTable, 'dataset' | 'record'>): number {
  return Math.max(Math.floor(dataset.file.mtimeMs), record.builtAt);
}

/**
 * When the info document last changed, as far as its own dates tell: one with an end that depends on the present changes at every midnight
 * UTC. `now` in milliseconds since 1970.
 */
export function documentChangedAt(known: KnownTable, now: number): number {
  const { entries, readAccess } = known.dataset.source;
  const isMoving = /\bnow\b/i.test(entries.get('validRange') ?? '') || /\bAGE\b/i.test(readAccess ?? '');
  return isMoving ? Math.max(modifiedAt(known), now - (now % 86_400_000)) : modifiedAt(known);
}

/** The info document for a selection of parameters; all without it. */
export function infoDocument(
  configuration: Configuration,
  request: Pick<Request, 'baseUrl'>,
  known: KnownTable,
  options: Parameters<typeof hapiInfo>[1] & {
    readonly parameters?: readonly HapiParameter[];
    /** When the data were last seen to have changed, in milliseconds since 1970. */
    readonly dataChangedAt?: number;
  } = {},
): HapiInfo {
  const { parameters = known.table.parameters, dataChangedAt = 0, ...rest } = options;
  return hapiInfo(
    parameters.map((parameter) => inVersion(configuration, parameter)),
    {
      version: hapiVersion(configuration),
      facts: infoFacts(configuration, request, { ...known, dataChangedAt }),
      ...rest,
    },
  );
}

/** Labels came with version 2.1. */
function inVersion(configuration: Configuration, parameter: HapiParameter): HapiParameter {
  if (parameter.label === undefined || isSince(configuration, '2.1')) return parameter;
  const { label: _label, ...rest } = parameter;
  return rest;
}

function infoFacts(
  configuration: Configuration,
  request: Pick<Request, 'baseUrl'>,
  known: KnownTable & { readonly dataChangedAt: number },
): Readonly<Record<string, unknown>> {
  const { dataset, table, open } = known;
  const { source } = dataset;
  const text = (...keys: string[]): string | undefined => {
    for (const key of keys) {
      const value = source.entries.get(key)?.trim();
      if (value) return value;
    }
    return undefined;
  };
  const since = (version: Parameters<typeof isSince>[1], value: unknown): unknown =>
    isSince(configuration, version) ? value : undefined;
  const doi = text('doiVersion', 'doi')?.replace(/^(?:https?:\/\/(?:dx\.)?doi\.org\/|doi:)/i, '');
  const longest = configuration.seconds('HAPI_MAX_SPAN');
  const related = relatedIds(configuration, known);
  const facts: Record<string, unknown> = {
    startDate: hapiTimeText(open.range.begin),
    // The cut of finer parts must not leave the last record outside.
    stopDate: hapiTimeText(laterMillisecond(open.range.end)),
    timeStampLocation: timeStampLocation(configuration, dataset, text('hapi_timeStampLocation')),
    cadence: table.cadence === undefined ? undefined : hapiDuration(table.cadence),
    ...(isInside(table, open) ? { sampleStartDate: table.sampleStart, sampleStopDate: table.sampleStop } : {}),
    description: text('summary', 'description'),
    resourceURL: text('landingPage') ?? `${request.baseUrl}/source/${encodeQueryValue(source.id)}.html`,
    resourceID: text('spaseId'),
    contact: text('sciContact', 'techContact'),
    modificationDate: new Date(Math.max(modifiedAt(known), known.dataChangedAt)).toISOString(),
    maxRequestDuration: longest === undefined ? undefined : since('3.1', hapiDuration(longest, true)),
    datasetCitation: since('3.3', text('citeAs') ?? (doi === undefined ? undefined : `https://doi.org/${doi}`)),
    licenseURL: since('3.3', licenseOfText(text('license') ?? configuration.text('CITE_LICENSE') ?? '')?.url),
    provenance: since(
      '3.3',
      configuration.flag('CITE_ENABLE') ? versionsAddress(request.baseUrl, source.id) : undefined,
    ),
    x_das2: {
      dataset: source.id,
      query: `${request.baseUrl}?server=dataset&dataset=${encodeQueryValue(source.id)}`,
      description: `${request.baseUrl}?server=dsdf&dataset=${encodeQueryValue(source.id)}`,
    },
    ...(dataset.coverage === undefined ? {} : coverageFacts(request, source)),
    x_related: related.length === 0 ? undefined : related,
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

/** What differs for counts: they are not the data that are cited, registered and licensed. */
function coverageFacts(request: Pick<Request, 'baseUrl'>, { id, description }: Source): Record<string, unknown> {
  return {
    description: `How many records there are on each day of: ${description ?? id}`,
    resourceID: undefined,
    datasetCitation: undefined,
    licenseURL: undefined,
    provenance: undefined,
    x_das2: { dataset: id, query: `${request.baseUrl}/coverage/${encodeQueryValue(id)}` },
  };
}

/** The related datasets by their full ids. */
function relatedIds(configuration: Configuration, { dataset, table }: KnownTable): RelatedDataset[] {
  return dataset.related.flatMap(({ relation, dataset: id }): RelatedDataset | RelatedDataset[] => {
    if (relation === 'coverage') return { relation, dataset: id };
    // Reduced data have the packet types of those that they are made of.
    if (relation !== 'coverageOf') return { relation, dataset: tableId({ id }, table) };
    const base = dataset.coverage?.of.find((item) => item.id === id);
    const tables = base === undefined ? [] : (readHeader(configuration, base)?.tables ?? []);
    return tables.map((item) => ({ relation, dataset: tableId({ id }, item) }));
  });
}

function laterMillisecond(time: OpenPart['range']['end']): OpenPart['range']['end'] {
  const rest = time.nanosecond % 1e6;
  return rest === 0 ? time : addNanoseconds(time, 1e6 - rest);
}

/** Reducers stamp the middle of a bin, counts the begin of a day. Version 2.0 writes capitals. */
function timeStampLocation(
  configuration: Configuration,
  { steps, coverage }: HapiDataset,
  own: string | undefined,
): string | undefined {
  const word = coverage !== undefined ? 'begin' : steps.resolution !== undefined ? 'center' : own?.toLowerCase();
  if (word === undefined || !/^(?:begin|center|end|other)$/.test(word)) return undefined;
  return isSince(configuration, '2.1') ? word : word.toUpperCase();
}

/** A sample was taken from what was open then; the definition may have changed what is open now. */
function isInside({ sampleStart, sampleStop }: HapiTable, { range }: OpenPart): boolean {
  // Texts of one form compare as the times they mean, but for decimals at the end.
  const begin = hapiTimeText(range.begin, 9);
  const end = hapiTimeText(range.end, 9);
  const filled = (text: string): string => `${text.slice(0, -1).padEnd(29, '0')}Z`;
  return filled(sampleStart) >= begin && filled(sampleStop) <= end && compareTimes(range.begin, range.end) < 0;
}

/** A title for the catalog: 40 characters at most, cut between words. */
export function shortTitle(title: string): string {
  const bare = title.replace(/\s+/g, ' ').trim();
  if ([...bare].length <= TITLE_LENGTH) return bare;
  const part = [...bare].slice(0, TITLE_LENGTH + 1).join('');
  const blank = part.lastIndexOf(' ');
  return (blank > 0 ? part.slice(0, blank) : [...bare].slice(0, TITLE_LENGTH).join('')).replace(/[\s,;:(–-]+$/, '');
}

const TITLE_LENGTH = 40;
