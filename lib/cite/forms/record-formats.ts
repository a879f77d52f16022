/**
 * Citations as records of the web: schema.org, and our own JSON with everything that is known (citation 9.1). datacite.ts has those of registries.
 *
 * Contract: the subset is a resource of its own, a part of what the DOI names; the DOI is never claimed for it.
 */
import { type Citation, doiAddress, subsetWords } from '../citation/citation.js';
import type { DatasetMetadata } from '../metadata/metadata.js';
import { type Agent, addressOf, optional } from '../metadata/values.js';
import { wholeName } from './text-styles.js';

const STREAM_TYPE = 'application/vnd.das2.das2stream';

/** A `Dataset` of schema.org. */
export function jsonLd(citation: Citation): object {
  const { metadata, address, dataAddress, request, state, warnings } = citation;
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
      creator: metadata.creators.map(schemaAgent),
    }),
    publisher: organization(metadata.publisher),
    ...(metadata.doi !== undefined && { isPartOf: { '@type': 'Dataset', '@id': doiAddress(metadata.doi) } }),
    ...(state !== undefined && {
      identifier: [
        { '@type': 'PropertyValue', propertyID: state.digest.split(':')[0], value: state.digest.split(':')[1] },
      ],
    }),
    ...(metadata.license !== undefined && { license: terms(metadata.license) }),
    ...(metadata.subjects.length > 0 && { keywords: metadata.subjects.map(({ text }) => text) }),
    distribution: [{ '@type': 'DataDownload', encodingFormat: STREAM_TYPE, contentUrl: dataAddress }],
    ...(warnings.length > 0 && { comment: warnings.map(({ text }) => text) }),
  };
}

function schemaAgent(agent: Agent): object {
  if (agent.isOrganization) return organization({ ...agent, name: wholeName(agent) });
  const { orcid, affiliation, ror } = agent;
  return optional({
    '@type': 'Person',
    name: wholeName(agent),
    '@id': orcid === undefined ? undefined : `https://orcid.org/${orcid}`,
    affiliation: affiliation === undefined ? undefined : organization({ name: affiliation, ...optional({ ror }) }),
  });
}

function organization({ name, ror }: DatasetMetadata['publisher']): object {
  return optional({ '@type': 'Organization', name, '@id': addressOf(ror) });
}

/** Terms of use: an address, or a work of that name. */
function terms({ id, url }: NonNullable<DatasetMetadata['license']>): string | object {
  return url ?? { '@type': 'CreativeWork', name: id };
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
