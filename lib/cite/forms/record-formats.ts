/**
 * Citations as records of registries and of the web: DataCite, schema.org, and our own JSON with everything that is known (citation 9.1).
 *
 * Contract: the subset is a resource of its own, a part of what the DOI names; the DOI is never claimed for it.
 */
import {
  type Citation,
  doiAddress,
  resolutionWords,
  selectionWords,
  subsetWords,
  wholeSeconds,
} from '../citation/citation.js';
import type { DatasetMetadata } from '../metadata/metadata.js';
import type { Agent } from '../metadata/values.js';
import { familyThenGiven, wholeName } from './text-styles.js';

const STREAM_TYPE = 'application/vnd.das2.das2stream';
const DOI_TYPE = 'DOI';

/** A record of DataCite kernel 4. */
export function dataciteJson(citation: Citation): object {
  const { metadata, address, request, state, warnings } = citation;
  const { doi, isVersionDoi, license, version, spaseId } = metadata;
  const alternate = [
    ...(state === undefined ? [] : [{ alternateIdentifier: state.digest, alternateIdentifierType: 'content digest' }]),
    ...(spaseId === undefined ? [] : [{ alternateIdentifier: spaseId, alternateIdentifierType: 'SPASE' }]),
  ];
  const related = [
    ...(doi === undefined
      ? []
      : [
          {
            relatedIdentifier: doi,
            relatedIdentifierType: DOI_TYPE,
            relationType: isVersionDoi ? 'IsVersionOf' : 'IsPartOf',
          },
        ]),
    ...metadata.related.map(({ relation, type, id }) => ({
      relatedIdentifier: id,
      relatedIdentifierType: type,
      relationType: relation,
    })),
  ];
  const descriptions = [
    ...(metadata.acknowledgement === undefined ? [] : [metadata.acknowledgement]),
    ...warnings.map(({ text }) => text),
  ].map((description) => ({ description, descriptionType: 'Other' }));
  return {
    schemaVersion: 'http://datacite.org/schema/kernel-4',
    types: { resourceTypeGeneral: 'Dataset', resourceType: 'das2 data request' },
    identifiers: [{ identifier: address, identifierType: 'URL' }],
    // The words of DataCite for what is not available.
    creators: metadata.creators.length === 0 ? [{ name: ':unav' }] : metadata.creators.map(dataciteName),
    titles: [
      { title: metadata.title },
      {
        title: `${request.begin} to ${request.end}, ${resolutionWords(citation)}${partWords(citation)}`,
        titleType: 'Subtitle',
      },
    ],
    publisher: {
      name: metadata.publisher.name,
      ...(metadata.publisher.ror !== undefined && {
        publisherIdentifier: metadata.publisher.ror,
        publisherIdentifierScheme: 'ROR',
      }),
    },
    publicationYear: metadata.year === undefined ? '0000' : Number(metadata.year),
    ...(version !== undefined && { version }),
    ...(metadata.contributors.length > 0 && {
      contributors: metadata.contributors.map(({ name, type, id }) => ({
        name,
        contributorType: type,
        ...(id !== undefined && { nameIdentifiers: [{ nameIdentifier: id, nameIdentifierScheme: 'other' }] }),
      })),
    }),
    dates: [
      { date: `${request.begin}Z/${request.end}Z`, dateType: 'Collected' },
      ...(state === undefined
        ? []
        : [{ date: wholeSeconds(state.time), dateType: 'Valid', dateInformation: 'content digest observed' }]),
      ...(metadata.versionDate === undefined ? [] : [{ date: metadata.versionDate, dateType: 'Updated' }]),
      ...metadata.changes.map(({ date, text }) => ({ date, dateType: 'Updated', dateInformation: text })),
    ],
    ...(metadata.subjects.length > 0 && {
      subjects: metadata.subjects.map(({ text, scheme }) => ({
        subject: text,
        ...(scheme !== undefined && { subjectScheme: scheme }),
      })),
    }),
    ...(related.length > 0 && { relatedIdentifiers: related }),
    ...(alternate.length > 0 && { alternateIdentifiers: alternate }),
    formats: [STREAM_TYPE],
    ...(state?.packets !== undefined && { sizes: [`${state.packets} packets`] }),
    ...(license !== undefined && { rightsList: [rightsOf(license)] }),
    ...(descriptions.length > 0 && { descriptions }),
    ...(metadata.funding.length > 0 && {
      fundingReferences: metadata.funding.map(({ funder, ror, award }) => ({
        funderName: funder,
        ...(ror !== undefined && { funderIdentifier: ror, funderIdentifierType: 'ROR' }),
        ...(award !== undefined && { awardNumber: award }),
      })),
    }),
  };
}

function partWords(citation: Citation): string {
  const selection = selectionWords(citation);
  return selection === 'all parameters' ? '' : `, ${selection}`;
}

function dataciteName(agent: Agent): object {
  const { family, given, isOrganization, orcid, affiliation, ror } = agent;
  const ids = [
    ...(orcid === undefined
      ? []
      : [
          {
            nameIdentifier: `https://orcid.org/${orcid}`,
            nameIdentifierScheme: 'ORCID',
            schemeUri: 'https://orcid.org',
          },
        ]),
    ...(ror !== undefined && isOrganization
      ? [{ nameIdentifier: ror, nameIdentifierScheme: 'ROR', schemeUri: 'https://ror.org' }]
      : []),
  ];
  return {
    name: familyThenGiven(agent),
    nameType: isOrganization ? 'Organizational' : 'Personal',
    ...(given !== undefined && given !== '' && { givenName: given }),
    ...(family !== undefined && { familyName: family }),
    ...(ids.length > 0 && { nameIdentifiers: ids }),
    ...(affiliation !== undefined && { affiliation: [{ name: affiliation }] }),
  };
}

function rightsOf({ id, url }: NonNullable<DatasetMetadata['license']>): object {
  return {
    rights: id ?? url,
    ...(url !== undefined && { rightsUri: url }),
    ...(id !== undefined && { rightsIdentifier: id, rightsIdentifierScheme: 'SPDX' }),
  };
}

/** A `Dataset` of schema.org. */
export function jsonLd(citation: Citation): object {
  const { metadata, address, dataAddress, request, state, warnings } = citation;
  const license = metadata.license?.url ?? metadata.license?.id;
  return {
    '@context': 'https://schema.org/',
    '@type': 'Dataset',
    '@id': address,
    name: metadata.title,
    description: `${metadata.title}: ${subsetWords(citation)}`,
    ...(metadata.version !== undefined && { version: metadata.version }),
    ...(metadata.year !== undefined && { datePublished: metadata.year }),
    temporalCoverage: `${request.begin}Z/${request.end}Z`,
    ...(metadata.creators.length > 0 && {
      creator: metadata.creators.map((agent) => ({
        '@type': agent.isOrganization ? 'Organization' : 'Person',
        name: wholeName(agent),
        ...(agent.orcid !== undefined && { '@id': `https://orcid.org/${agent.orcid}` }),
      })),
    }),
    publisher: { '@type': 'Organization', name: metadata.publisher.name },
    ...(metadata.doi !== undefined && { isPartOf: { '@type': 'Dataset', '@id': doiAddress(metadata.doi) } }),
    ...(state !== undefined && {
      identifier: [
        { '@type': 'PropertyValue', propertyID: state.digest.split(':')[0], value: state.digest.split(':')[1] },
      ],
    }),
    ...(license !== undefined && { license }),
    ...(metadata.subjects.length > 0 && { keywords: metadata.subjects.map(({ text }) => text) }),
    distribution: [{ '@type': 'DataDownload', encodingFormat: STREAM_TYPE, contentUrl: dataAddress }],
    ...(warnings.length > 0 && { comment: warnings.map(({ text }) => text) }),
  };
}

/** Everything that is known; `versions` is the address of the history of the source. */
export function fullJson(citation: Citation, versions: string): object {
  const { id, address, dataAddress, nativeAddress, request, rk, metadata, state, warnings, madeAt, server } = citation;
  return {
    ...(id !== undefined && { id }),
    rk,
    request,
    dataset: metadata,
    subset: subsetWords(citation),
    ...(state !== undefined && { state }),
    warnings,
    links: {
      cite: address,
      data: dataAddress,
      ...(nativeAddress !== undefined && { recommended: nativeAddress }),
      ...(id !== undefined && { verify: `${address}/verify` }),
      versions,
    },
    madeAt,
    server: { ...server, digest: 'd2c/1' },
  };
}
