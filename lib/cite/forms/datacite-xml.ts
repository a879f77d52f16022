/**
 * The record of a citation as an XML document of DataCite kernel 4, for registration elsewhere (citation 14.3). It says what the JSON form says
 * (datacite.ts).
 */
import { xmlText } from '../../page/xml-text.js';
import type { Citation } from '../citation/citation.js';
import { dataciteJson } from './datacite.js';

/** A part of the JSON form: texts, numbers, objects and lists of them. */
type Part = Readonly<Record<string, unknown>>;

const NAMESPACE = 'http://datacite.org/schema/kernel-4';

/** The document. */
export function dataciteXml(citation: Citation): string {
  const record = dataciteJson(citation) as Part;
  const types = record.types as Part;
  const one = (name: string): string[] => (record[name] === undefined ? [] : [element(name, {}, record[name])]);
  const parts = [
    ...listOf(record.identifiers).map((part) => withText('identifier', part, 'identifier', ['identifierType'])),
    list('creators', record.creators, (part) => person('creator', part)),
    list('titles', record.titles, (part) => withText('title', part, 'title', ['titleType'])),
    withText('publisher', withSchemeURI(record.publisher as Part), 'name', [
      'publisherIdentifier',
      'publisherIdentifierScheme',
      'schemeURI',
    ]),
    ...one('publicationYear'),
    withText('resourceType', types, 'resourceType', ['resourceTypeGeneral']),
    list('subjects', record.subjects, (part) => withText('subject', part, 'subject', ['subjectScheme'])),
    list('contributors', record.contributors, (part) => person('contributor', part)),
    list('dates', record.dates, (part) => withText('date', part, 'date', ['dateType', 'dateInformation'])),
    list('alternateIdentifiers', record.alternateIdentifiers, (part) =>
      withText('alternateIdentifier', part, 'alternateIdentifier', ['alternateIdentifierType']),
    ),
    list('relatedIdentifiers', record.relatedIdentifiers, (part) =>
      withText('relatedIdentifier', part, 'relatedIdentifier', ['relatedIdentifierType', 'relationType']),
    ),
    texts('sizes', 'size', record.sizes),
    texts('formats', 'format', record.formats),
    ...one('version'),
    list('rightsList', record.rightsList, (part) =>
      withText('rights', { ...part, rightsURI: part.rightsUri }, 'rights', [
        'rightsURI',
        'rightsIdentifier',
        'rightsIdentifierScheme',
      ]),
    ),
    list('descriptions', record.descriptions, (part) =>
      withText('description', part, 'description', ['descriptionType']),
    ),
    list('fundingReferences', record.fundingReferences, funding),
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>
<resource xmlns="${NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:schemaLocation="${NAMESPACE} https://schema.datacite.org/meta/kernel-4/metadata.xsd">
${parts.filter((part) => part !== '').join('\n')}
</resource>
`;
}

function listOf(value: unknown): readonly Part[] {
  return Array.isArray(value) ? (value as Part[]) : [];
}

/** An element with text; attributes without a value are left out. */
function element(name: string, attributes: Part, text: unknown): string {
  return wrapped(name, attributes, xmlText(String(text ?? '')));
}

function wrapped(name: string, attributes: Part, markup: string): string {
  const written = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${xmlText(String(value))}"`],
  );
  return `<${name}${written.join('')}>${markup}</${name}>`;
}

/** An element with the text of a key, and attributes of others. */
function withText(name: string, part: Part, key: string, attributes: readonly string[]): string {
  return element(name, Object.fromEntries(attributes.map((attribute) => [attribute, part[attribute]])), part[key]);
}

/** The part with the address of a scheme as XML spells its name. */
function withSchemeURI(part: Part): Part {
  return { ...part, schemeURI: part.schemeUri };
}

/** A list in an element; nothing for an empty one. */
function list(name: string, value: unknown, write: (part: Part) => string): string {
  const items = listOf(value).map(write);
  return items.length === 0 ? '' : wrapped(name, {}, items.join('\n'));
}

function texts(name: string, item: string, value: unknown): string {
  const items = Array.isArray(value) ? value.map((text) => element(item, {}, text)) : [];
  return items.length === 0 ? '' : wrapped(name, {}, items.join('\n'));
}

function person(kind: 'creator' | 'contributor', part: Part): string {
  const optional = (name: string): string[] => (part[name] === undefined ? [] : [element(name, {}, part[name])]);
  const parts = [
    withText(`${kind}Name`, part, 'name', ['nameType']),
    ...optional('givenName'),
    ...optional('familyName'),
    ...listOf(part.nameIdentifiers).map((id) =>
      withText('nameIdentifier', withSchemeURI(id), 'nameIdentifier', ['nameIdentifierScheme', 'schemeURI']),
    ),
    ...listOf(part.affiliation).map((affiliation) =>
      withText('affiliation', withSchemeURI(affiliation), 'name', [
        'affiliationIdentifier',
        'affiliationIdentifierScheme',
        'schemeURI',
      ]),
    ),
  ];
  return wrapped(kind, kind === 'contributor' ? { contributorType: part.contributorType } : {}, parts.join('\n'));
}

function funding(part: Part): string {
  const parts = [
    element('funderName', {}, part.funderName),
    ...(part.funderIdentifier === undefined
      ? []
      : [withText('funderIdentifier', part, 'funderIdentifier', ['funderIdentifierType'])]),
    ...(part.awardNumber === undefined ? [] : [element('awardNumber', {}, part.awardNumber)]),
  ];
  return wrapped('fundingReference', {}, parts.join('\n'));
}
