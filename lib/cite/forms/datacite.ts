/**
 * A citation as a record of DataCite, kernel 4, as its registry takes and gives it in JSON (citation 9.1). datacite-xml.ts writes the same as XML.
 *
 * Contract: the subset is a resource of its own, a part of what the DOI names; the DOI is never claimed for it. What is not known is left out, except where
 * the kernel demands it: then DataCite's own words for that stand there.
 */
import { type Citation, resolutionWords, selectionWords, wholeSeconds } from '../citation/citation.js';
import type { DatasetMetadata } from '../metadata/metadata.js';
import { type Agent, optional, orcidOf } from '../metadata/values.js';
import { familyThenGiven } from './text-styles.js';

const STREAM_TYPE = 'application/vnd.das2.das2stream';
const UNAVAILABLE = ':unav';
const NO_YEAR = '0000';
const ROR = { scheme: 'ROR', address: 'https://ror.org' };
/** Days, months or years, as ISO 8601 has them: all that a record may say of a date here. */
const DATE = /^\d{4}(?:-\d{2}(?:-\d{2}(?:T[\d:.]+Z?)?)?)?$/;

/** The record. */
export function dataciteJson(citation: Citation): object {
  const { metadata, address, state } = citation;
  const { creators, license, year } = metadata;
  return optional({
    schemaVersion: 'http://datacite.org/schema/kernel-4',
    types: { resourceTypeGeneral: 'Dataset', resourceType: 'das2 data request' },
    identifiers: [{ identifier: address, identifierType: 'URL' }],
    creators: creators.length === 0 ? [{ name: UNAVAILABLE }] : creators.map(creator),
    titles: titles(citation),
    publisher: publisher(metadata.publisher),
    publicationYear: year === undefined ? NO_YEAR : Number(year),
    version: metadata.version,
    contributors: some(metadata.contributors.map(contributor)),
    dates: dates(citation),
    subjects: some(metadata.subjects.map(({ text, scheme }) => optional({ subject: text, subjectScheme: scheme }))),
    relatedIdentifiers: some(relatedIdentifiers(metadata)),
    alternateIdentifiers: some(alternateIdentifiers(citation)),
    formats: [STREAM_TYPE],
    sizes: state?.packets === undefined ? undefined : [`${state.packets} packets`],
    rightsList: license && [rights(license)],
    descriptions: some(descriptions(citation)),
    fundingReferences: some(metadata.funding.map(funding)),
  });
}

/** A list that says something; undefined for an empty one. */
function some<Value>(values: readonly Value[]): readonly Value[] | undefined {
  return values.length === 0 ? undefined : values;
}

function creator(agent: Agent): object {
  const { family, given, isOrganization, orcid, affiliation, ror } = agent;
  const ids = [...(orcid === undefined ? [] : [orcid]), ...(ror !== undefined && isOrganization ? [ror] : [])];
  return optional({
    name: familyThenGiven(agent),
    nameType: isOrganization ? 'Organizational' : 'Personal',
    givenName: given || undefined,
    familyName: family,
    nameIdentifiers: some(ids.map((id) => nameIdentifier(id, isOrganization))),
    affiliation: affiliation === undefined ? undefined : [{ name: affiliation, ...(ror && affiliationId(ror)) }],
  });
}

function affiliationId(ror: string): object {
  return { affiliationIdentifier: ror, affiliationIdentifierScheme: ROR.scheme, schemeUri: ROR.address };
}

function contributor({ name, type, id }: DatasetMetadata['contributors'][number]): object {
  return optional({
    name,
    contributorType: type,
    nameIdentifiers: id === undefined ? undefined : [nameIdentifier(id)],
  });
}

/** An id of somebody: of a person by ORCID, of an organisation by ROR, or of another kind. */
function nameIdentifier(id: string, isRor = id.startsWith(ROR.address)): object {
  const orcid = orcidOf(id);
  if (orcid !== undefined)
    return {
      nameIdentifier: `https://orcid.org/${orcid}`,
      nameIdentifierScheme: 'ORCID',
      schemeUri: 'https://orcid.org',
    };
  if (isRor) return { nameIdentifier: id, nameIdentifierScheme: ROR.scheme, schemeUri: ROR.address };
  return { nameIdentifier: id, nameIdentifierScheme: 'other' };
}

/** The title of the dataset, and which part of it this is. */
function titles(citation: Citation): object[] {
  const { metadata, request } = citation;
  const selection = selectionWords(citation);
  const part = selection === 'all parameters' ? '' : `, ${selection}`;
  const subtitle = `${request.begin} to ${request.end}, ${resolutionWords(citation)}${part}`;
  return [{ title: metadata.title }, { title: subtitle, titleType: 'Subtitle' }];
}

function publisher({ name, ror }: DatasetMetadata['publisher']): object {
  if (ror === undefined) return { name };
  return { name, publisherIdentifier: ror, publisherIdentifierScheme: ROR.scheme, schemeUri: ROR.address };
}

function dates({ metadata, request, state }: Citation): object[] {
  const { versionDate, changes } = metadata;
  const updates = [...(versionDate === undefined ? [] : [{ date: versionDate, text: undefined }]), ...changes];
  return [
    { date: `${request.begin}Z/${request.end}Z`, dateType: 'Collected' },
    ...(state === undefined
      ? []
      : [{ date: wholeSeconds(state.time), dateType: 'Valid', dateInformation: 'content digest observed' }]),
    ...updates
      .filter(({ date }) => DATE.test(date))
      .map(({ date, text }) => optional({ date, dateType: 'Updated', dateInformation: text })),
  ];
}

function relatedIdentifiers({ doi, isVersionDoi, related }: DatasetMetadata): object[] {
  const dataset = { relation: isVersionDoi ? 'IsVersionOf' : 'IsPartOf', type: 'DOI', id: doi };
  return [...(doi === undefined ? [] : [dataset]), ...related].map(({ relation, type, id }) => ({
    relatedIdentifier: id,
    relatedIdentifierType: type,
    relationType: relation,
  }));
}

function alternateIdentifiers({ metadata: { spaseId }, state }: Citation): object[] {
  return [
    ...(state === undefined ? [] : [{ alternateIdentifier: state.digest, alternateIdentifierType: 'content digest' }]),
    ...(spaseId === undefined ? [] : [{ alternateIdentifier: spaseId, alternateIdentifierType: 'SPASE' }]),
  ];
}

function rights({ id, url }: NonNullable<DatasetMetadata['license']>): object {
  return optional({
    rights: id ?? url,
    rightsUri: url,
    rightsIdentifier: id,
    rightsIdentifierScheme: id === undefined ? undefined : 'SPDX',
  });
}

function descriptions({ metadata: { acknowledgement }, warnings }: Citation): object[] {
  const texts = [...(acknowledgement === undefined ? [] : [acknowledgement]), ...warnings.map(({ text }) => text)];
  return texts.map((description) => ({ description, descriptionType: 'Other' }));
}

function funding({ funder, ror, award }: DatasetMetadata['funding'][number]): object {
  return optional({
    funderName: funder,
    funderIdentifier: ror,
    funderIdentifierType: ror === undefined ? undefined : ROR.scheme,
    awardNumber: award,
  });
}
