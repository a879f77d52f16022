/**
 * What a record of the SPASE model says, as keywords for citations (citation 10): the JSON form of SPASE, of which version 2.3.0 and later know publications.
 *
 *     ResourceID → spaseId    ResourceName → citeTitle    DOI → doi    PublicationInfo: Authors → creator_NN, PublicationDate → pubYear,
 *     PublishedBy → publisher, LandingPageURL → landingPage    ObservedRegion → region_NN    MeasurementType, InstrumentType → the same
 *
 * Contract: what is not there, or of another form, gives no keyword. Text that is no such record is undefined.
 */
import { clean } from './values.js';

const MOST_VALUES = 500;
/** Descriptions of data may stand beside those of people and instruments. */
const KINDS = ['NumericalData', 'DisplayData', 'Catalog', 'Collection'] as const;

/** The keywords of a record. */
export function readSpase(text: string): ReadonlyMap<string, string> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const spase = part(value, 'Spase') ?? value;
  const resource = KINDS.map((kind) => first(part(spase, kind))).find((found) => found !== undefined);
  if (resource === undefined) return undefined;
  const header = first(part(resource, 'ResourceHeader'));
  const publication = first(part(header, 'PublicationInfo'));
  const found = new Map<string, string>();
  const put = (key: string, ...values: readonly string[]): void => {
    const good = values.map((one) => clean(one.replaceAll('|', ' '))).filter((one) => one !== '');
    for (const [at, one] of good.slice(0, MOST_VALUES).entries())
      found.set(values.length === 1 ? key : `${key}_${String(at + 1).padStart(2, '0')}`, one);
  };
  put('spaseId', ...texts(part(resource, 'ResourceID')).slice(0, 1));
  put('citeTitle', ...texts(part(header, 'ResourceName')).slice(0, 1));
  put('doi', ...texts(part(header, 'DOI')).slice(0, 1));
  // A name that began with @ would be that of an organisation.
  const authors = texts(part(publication, 'Authors')).flatMap((one) => one.split(';'));
  put(
    'creator',
    ...authors.map((one) =>
      one
        .trim()
        .replace(/^@+/, '')
        .replace(/^and\s+/i, ''),
    ),
  );
  put(
    'pubYear',
    ...texts(part(publication, 'PublicationDate'))
      .map((one) => /^\d{4}/.exec(one)?.[0] ?? '')
      .slice(0, 1),
  );
  put('publisher', ...texts(part(publication, 'PublishedBy')).slice(0, 1));
  put('landingPage', ...texts(part(publication, 'LandingPageURL')).slice(0, 1));
  put('region', ...texts(part(resource, 'ObservedRegion')));
  put('measurementType', texts(part(resource, 'MeasurementType')).join('; '));
  put('instrumentType', texts(part(resource, 'InstrumentType')).join('; '));
  return found;
}

function part(value: unknown, name: string): unknown {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

/** The first of a list, or the value itself. */
function first(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value;
}

/** Texts of a value that may be one or a list. */
function texts(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string');
}
