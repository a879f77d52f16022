/**
 * The record of a DOI, as far as citations need it: who, when, what, where; from what registries send (citation 11).
 *
 * Contract: reads records of DataCite and CSL-JSON. Everything in them is text from elsewhere: it is made one line, cut, and limited in number. Text that is
 * no such record, or is nested too deeply, is undefined.
 */
import { type Agent, addressOf, clean, type License, licenseOf, optional, orcidOf, spdxId } from './values.js';

/** Parts of a record; those that it does not have are undefined. */
export interface DoiRecord {
  readonly creators: readonly Agent[];
  readonly publisher?: { readonly name: string; readonly ror?: string };
  readonly year?: string;
  readonly title?: string;
  readonly version?: string;
  readonly license?: License;
}

const DEEPEST = 32;
const LONGEST_TEXT = 1000;
const MOST_CREATORS = 500;

/** The record in a text; undefined if there is none. */
export function readDoiRecord(text: string): DoiRecord | undefined {
  if (isTooDeep(text)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const record = new Part(value);
  const found = record.get('titles').isList || record.get('creators').isList ? fromDatacite(record) : fromCsl(record);
  return found.title === undefined && found.creators.length === 0 ? undefined : found;
}

/** Whether brackets are nested deeper than records ever are. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let isText = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (isText) {
      if (character === '\\') i++;
      else if (character === '"') isText = false;
    } else if (character === '"') isText = true;
    else if (character === '[' || character === '{') {
      if (++depth > DEEPEST) return true;
    } else if (character === ']' || character === '}') depth--;
  }
  return false;
}

/** A value of unknown form, which is asked for what it may hold. */
class Part {
  constructor(private readonly value: unknown) {}

  get isList(): boolean {
    return Array.isArray(this.value);
  }

  get(name: string): Part {
    const { value } = this;
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return new Part(isObject && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined);
  }

  get items(): Part[] {
    return Array.isArray(this.value) ? this.value.slice(0, MOST_CREATORS).map((item) => new Part(item)) : [];
  }

  /** The first of a list, or the value itself. */
  get first(): Part {
    return Array.isArray(this.value) ? new Part(this.value[0]) : this;
  }

  /** Text in one line; undefined where there is none. */
  get text(): string | undefined {
    const { value } = this;
    const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '';
    return clean(text.slice(0, LONGEST_TEXT)) || undefined;
  }
}

function fromDatacite(record: Part): DoiRecord {
  const titles = record.get('titles').items;
  const main = titles.find((title) => title.get('titleType').text === undefined) ?? titles[0];
  const publisher = record.get('publisher');
  const rights = record.get('rightsList').first;
  return made({
    creators: record.get('creators').items.flatMap(dataciteAgent),
    publisher: publisher.text ?? publisher.get('name').text,
    ror: publisher.get('publisherIdentifier').text,
    year: record.get('publicationYear').text,
    title: main?.get('title').text,
    version: record.get('version').text,
    licenseId: rights.get('rightsIdentifier').text,
    licenseUrl: rights.get('rightsUri').text ?? rights.get('rightsURI').text,
  });
}

function fromCsl(record: Part): DoiRecord {
  return made({
    creators: record.get('author').items.flatMap(cslAgent),
    publisher: record.get('publisher').text,
    ror: undefined,
    year: record.get('issued').get('date-parts').first.first.text,
    title: record.get('title').first.text,
    version: record.get('version').text,
    licenseId: undefined,
    licenseUrl: record.get('license').first.get('URL').text,
  });
}

function made(found: {
  readonly creators: readonly Agent[];
  readonly publisher: string | undefined;
  readonly ror: string | undefined;
  readonly year: string | undefined;
  readonly title: string | undefined;
  readonly version: string | undefined;
  readonly licenseId: string | undefined;
  readonly licenseUrl: string | undefined;
}): DoiRecord {
  const { creators, publisher, title, version } = found;
  return {
    creators,
    ...optional({
      // DataCite writes `:unav` and the like for what nobody knows.
      publisher:
        publisher === undefined || isUnknown(publisher)
          ? undefined
          : { name: publisher, ...optional({ ror: addressOf(found.ror) }) },
      year: /^\d{4}$/.exec(found.year ?? '')?.[0],
      title: title === undefined || isUnknown(title) ? undefined : title,
      version,
      license: licenseOf(spdxId(found.licenseId), addressOf(found.licenseUrl)),
    }),
  };
}

function isUnknown(text: string): boolean {
  return /^[(:]?:?(?:unav|unkn|unas|none|null|tba|unal|unap|etal)\)?$/i.test(text);
}

function dataciteAgent(part: Part): Agent[] {
  const name = part.get('name').text;
  const [family, given] = [part.get('familyName').text, part.get('givenName').text];
  if (name === undefined && family === undefined) return [];
  if (name !== undefined && isUnknown(name)) return [];
  const ids = part.get('nameIdentifiers').items.flatMap((item) => item.get('nameIdentifier').text ?? []);
  const affiliation = part.get('affiliation').first;
  return [
    agent(name, family, given, {
      isOrganization: part.get('nameType').text === 'Organizational',
      orcid: ids.map(orcidOf).find((found) => found !== undefined),
      affiliation: affiliation.text ?? affiliation.get('name').text,
    }),
  ];
}

function cslAgent(part: Part): Agent[] {
  const literal = part.get('literal').text ?? part.get('name').text;
  const [family, given] = [part.get('family').text, part.get('given').text];
  if (literal === undefined && family === undefined) return [];
  return [
    agent(literal, family, given, {
      isOrganization: literal !== undefined,
      orcid: orcidOf(part.get('ORCID').text ?? ''),
      affiliation: part.get('affiliation').first.get('name').text,
    }),
  ];
}

function agent(
  name: string | undefined,
  family: string | undefined,
  given: string | undefined,
  {
    isOrganization,
    ...more
  }: {
    readonly isOrganization: boolean;
    readonly orcid: string | undefined;
    readonly affiliation: string | undefined;
  },
): Agent {
  if (isOrganization) return { name: name ?? family ?? '', isOrganization };
  // Family and given name are told apart by the comma where the record does not say them.
  const comma = name?.indexOf(',') ?? -1;
  const parts =
    family !== undefined
      ? { family, given }
      : comma > 0
        ? { family: name?.slice(0, comma).trim(), given: name?.slice(comma + 1).trim() }
        : {};
  const whole = name ?? [family, given].filter((part) => part !== undefined).join(', ');
  return { name: whole, isOrganization, ...optional({ ...parts, ...more }) };
}
