/**
 * What a source says about itself for citations, from the keywords of its definition, of the folders above it, and of the site (citation 10).
 *
 * Contract: the nearest layer that has a keyword wins; of a numbered one (`creator_01` …) the nearest layer has all. Contacts are never creators, and
 * the begin of the data never is the year. What is missing is told, not made up.
 */

import type { DoiRecord } from './doi-record.js';
import { KeywordLayers, type Origin } from './layers.js';
import { type Agent, addressOf, clean, doiOf, type License, licenseOfText, optional, orcidOf } from './values.js';

export interface DatasetMetadata {
  readonly creators: readonly Agent[];
  readonly contributors: readonly { readonly name: string; readonly type: string; readonly id?: string }[];
  readonly publisher: { readonly name: string; readonly ror?: string };
  readonly year?: string;
  readonly title: string;
  readonly version?: string;
  readonly versionDate?: string;
  /** Of exactly this version, where there is one, else of the dataset; bare. */
  readonly doi?: string;
  readonly isVersionDoi: boolean;
  readonly license?: License;
  readonly spaseId?: string;
  readonly landingPage?: string;
  readonly subjects: readonly { readonly text: string; readonly scheme?: string }[];
  readonly related: readonly { readonly relation: string; readonly type: string; readonly id: string }[];
  readonly funding: readonly { readonly funder: string; readonly ror?: string; readonly award?: string }[];
  readonly acknowledgement?: string;
  readonly citeAs?: string;
  readonly citable: boolean;
  readonly changes: readonly { readonly date: string; readonly text: string }[];
  /** Where parts come from, by keyword. */
  readonly origins: Readonly<Record<string, Origin>>;
  /** Parts of a good citation that nobody gave: creator, publisher, year, title. */
  readonly missing: readonly string[];
}

export interface MetadataFacts {
  readonly id: string;
  readonly source: ReadonlyMap<string, string>;
  /** Of the record that it names as `spaseFile`. */
  readonly spase?: ReadonlyMap<string, string> | undefined;
  /** Of the folders above, the nearest first. */
  readonly folders: readonly ReadonlyMap<string, string>[];
  /** `CITE_PUBLISHER`, `CITE_LICENSE`. */
  readonly sitePublisher?: string | undefined;
  readonly siteLicense?: string | undefined;
  readonly siteName: string;
  /** The record of its DOI, where that is known: it fills what neither the source nor a folder says. */
  readonly doiRecord?: ((doi: string) => DoiRecord | undefined) | undefined;
}

const DATE = /^\d{4}(?:-\d{2}(?:-\d{2})?)?/;

/** The metadata of a source. */
export function datasetMetadata(facts: MetadataFacts): DatasetMetadata {
  const layers = new KeywordLayers([
    ['source', facts.source],
    ...(facts.spase === undefined ? [] : [['spase', facts.spase] as const]),
    ...facts.folders.map((folder) => ['folder', folder] as const),
  ]);
  const { origins } = layers;
  const versionDoi = doiOf(layers.one('doiVersion'));
  const doi = versionDoi ?? doiOf(layers.one('doi'));
  const record = doi === undefined ? undefined : facts.doiRecord?.(doi);
  /** A part by its keyword: of the source or a folder, else of the DOI's record. */
  const filled = <Value>(key: string, own: Value | undefined, fromRecord: Value | undefined): Value | undefined => {
    if (own !== undefined || fromRecord === undefined) return own;
    origins[key] = 'doi';
    return fromRecord;
  };
  const ownCreators = layers.many('creator').map(agentOf);
  const creators = filled('creator', ownCreators[0] && ownCreators, record?.creators[0] && record.creators) ?? [];
  const publisher = publisherOf(layers.one('publisher'), record?.publisher, facts, origins);
  const year = filled('pubYear', /^\d{4}$/.exec(layers.one('pubYear') ?? '')?.[0], record?.year);
  const title = filled('citeTitle', layers.one('citeTitle') ?? layers.one('description'), record?.title);
  // The record of a DOI for all versions speaks of another one perhaps.
  const version = filled('version', layers.one('version'), versionDoi && record?.version);
  const ownLicense = filled('license', licenseOfText(layers.one('license') ?? ''), record?.license);
  const license = ownLicense ?? licenseOfText(facts.siteLicense ?? '');
  if (license !== undefined && ownLicense === undefined) origins.license = 'site';
  return {
    creators,
    publisher,
    title: title ?? facts.id,
    isVersionDoi: versionDoi !== undefined,
    ...furtherParts(layers),
    origins,
    missing: [
      ...(creators.length === 0 ? ['creator'] : []),
      ...(origins.publisher === 'derived' ? ['publisher'] : []),
      ...(year === undefined ? ['year'] : []),
      ...(title === undefined ? ['title'] : []),
    ],
    ...optional({ year, doi, version, license }),
  };
}

/** What the keywords alone say, and no record of a DOI. */
function furtherParts(
  layers: KeywordLayers,
): Pick<DatasetMetadata, 'contributors' | 'subjects' | 'related' | 'funding' | 'citable' | 'changes'> &
  Partial<DatasetMetadata> {
  return {
    contributors: layers.many('contributor').map(contributorOf),
    subjects: subjectsOf(layers),
    related: layers.many('relatedId').flatMap(relatedOf),
    funding: layers.many('funding').map(fundingOf),
    citable: !/^(?:0|no|false|off)$/i.test(layers.one('citable') ?? '1'),
    changes: layers.many('change').map(changeOf),
    ...optional({
      versionDate: DATE.exec(layers.one('versionDate') ?? '')?.[0],
      spaseId: layers.one('spaseId'),
      landingPage: addressOf(layers.one('landingPage')),
      acknowledgement: layers.one('acknowledgement'),
      citeAs: layers.one('citeAs'),
    }),
  };
}

function publisherOf(
  own: string | undefined,
  recorded: DatasetMetadata['publisher'] | undefined,
  { sitePublisher, siteName }: MetadataFacts,
  origins: Record<string, Origin>,
): DatasetMetadata['publisher'] {
  if (own === undefined && recorded !== undefined) {
    origins.publisher = 'doi';
    return recorded;
  }
  const text = own ?? (sitePublisher === undefined ? undefined : clean(sitePublisher));
  if (own === undefined) origins.publisher = text === undefined ? 'derived' : 'site';
  const [name = '', ror] = parts(text ?? siteName);
  return { name, ...optional({ ror }) };
}

/** `Family, Given | ORCID | affiliation | ROR`, or `@Organisation | ROR`. */
function agentOf(text: string): Agent {
  const [name = '', second, affiliation, ror] = parts(text);
  if (name.startsWith('@')) return { name: name.slice(1).trim(), isOrganization: true, ...optional({ ror: second }) };
  const comma = name.indexOf(',');
  const names = comma < 0 ? {} : { family: name.slice(0, comma).trim(), given: name.slice(comma + 1).trim() };
  return { name, ...names, isOrganization: false, ...optional({ orcid: orcidOf(second), affiliation, ror }) };
}

function contributorOf(text: string): DatasetMetadata['contributors'][number] {
  const [name = '', type = 'Other', id] = parts(text);
  return { name, type, ...optional({ id }) };
}

function subjectsOf(layers: KeywordLayers): DatasetMetadata['subjects'] {
  const named = (values: readonly (string | undefined)[], scheme?: string): { text: string; scheme?: string }[] =>
    values.flatMap((text) => (text === undefined ? [] : [{ text, ...optional({ scheme }) }]));
  const split = (text: string | undefined): string[] => (text ?? '').split(/[;,]/).map(clean).filter(Boolean);
  return [
    ...named(layers.many('subject')),
    ...named(layers.many('region'), 'SPASE ObservedRegion'),
    ...named(split(layers.one('measurementType')), 'SPASE MeasurementType'),
    ...named(split(layers.one('instrumentType')), 'SPASE InstrumentType'),
  ];
}

function relatedOf(text: string): DatasetMetadata['related'] {
  const [relation = '', type = '', id = ''] = parts(text);
  return id === '' ? [] : [{ relation, type, id }];
}

function fundingOf(text: string): DatasetMetadata['funding'][number] {
  const [funder = '', ror, award] = parts(text);
  return { funder, ...optional({ ror, award }) };
}

/** `DATE: text`. */
function changeOf(text: string): DatasetMetadata['changes'][number] {
  const [, date = '', words = text] = /^([\d-]+(?:T[\d:.]+Z?)?)\s*:\s*(.*)$/.exec(text) ?? [];
  return { date, text: words };
}

/** Parts of a value between bars; empty ones are undefined. */
function parts(text: string): (string | undefined)[] {
  return text.split('|').map((part) => part.trim() || undefined);
}
