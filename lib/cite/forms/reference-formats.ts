/**
 * Citations as records of reference managers: BibTeX, RIS, CSL-JSON (citation 9.1, 9.3).
 *
 * Contract: all text comes from definitions and requests and is hostile: BibTeX characters are escaped, RIS values are one line that cannot be mistaken for
 * a tag.
 */
import {
  type Citation,
  datasetAddress,
  oneLine,
  resolutionWords,
  selectionWords,
  shortName,
  wholeSeconds,
} from '../citation/citation.js';
import type { Agent } from '../metadata/values.js';
import { familyThenGiven } from './text-styles.js';

/** One entry; `@misc`, or `@dataset` of biblatex. */
export function bibtex(citation: Citation, entry: 'misc' | 'dataset' = 'misc'): string {
  const { metadata, address, warnings } = citation;
  const authors = metadata.creators.map(texName);
  const note = [`Data set; subset ${subset(citation)}`, ...digestOf(citation), ...warnings.map(({ text }) => text)];
  const fields: (readonly [string, string | undefined])[] = [
    ['author', authors.length === 0 ? undefined : authors.join(' and ')],
    ['title', `{${tex(metadata.title)}}`],
    ['year', metadata.year ?? 'n.d.'],
    ['publisher', tex(metadata.publisher.name)],
    ['version', metadata.version && tex(metadata.version)],
    ['doi', metadata.doi && verbatim(metadata.doi)],
    ['url', verbatim(address)],
    ['urldate', dayOf(citation)],
    ['note', tex(note.join('; '))],
  ];
  const lines = fields.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name.padEnd(9)} = {${value}}`]));
  return `@${entry}{${shortName(citation)},\n${lines.join(',\n')}\n}\n`;
}

/** A name of the list, which `and` joins; in braces where its words or commas could be mistaken for those between and within names. */
function texName(agent: Agent): string {
  const name = tex(familyThenGiven(agent));
  return agent.isOrganization || /\sand\s/i.test(name) || /,.*,.*,/.test(name) ? `{${name}}` : name;
}

/** One record of type DATA. */
export function ris(citation: Citation): string {
  const { metadata, address, warnings } = citation;
  const lines: (readonly [string, string | undefined])[] = [
    ['TY', 'DATA'],
    ...metadata.creators.map((agent) => ['AU', familyThenGiven(agent)] as const),
    ['TI', metadata.title],
    ['PY', metadata.year],
    ['PB', metadata.publisher.name],
    ['ET', metadata.version],
    ['DO', metadata.doi],
    ['UR', address],
    ['Y2', dayOf(citation).replaceAll('-', '/')],
    ['N1', `Subset ${subset(citation)}`],
    ...digestOf(citation).map((digest) => ['N1', digest] as const),
    ...warnings.map(({ text }) => ['N1', text] as const),
    ['ER', ''],
  ];
  return lines.flatMap(([tag, value]) => (value === undefined ? [] : [`${tag}  - ${oneLine(value)}\r\n`])).join('');
}

/** One item of CSL-JSON. */
export function cslJson(citation: Citation): object {
  const { metadata, address, request, warnings } = citation;
  const note = [...digestOf(citation), ...warnings.map(({ text }) => text)].join('; ');
  const [year, month, day] = dayOf(citation).split('-').map(Number);
  return {
    id: shortName(citation),
    type: 'dataset',
    title: metadata.title,
    ...(metadata.creators.length > 0 && { author: metadata.creators.map(cslName) }),
    ...(metadata.year !== undefined && { issued: { 'date-parts': [[Number(metadata.year)]] } }),
    accessed: { 'date-parts': [[year, month, day]] },
    publisher: metadata.publisher.name,
    ...(metadata.version !== undefined && { version: metadata.version }),
    ...(metadata.doi !== undefined && { DOI: metadata.doi }),
    URL: address,
    dimensions: `${request.begin}/${request.end}`,
    ...(note !== '' && { note }),
    ...(metadata.subjects.length > 0 && { keyword: metadata.subjects.map(({ text }) => text).join(', ') }),
    ...(metadata.doi === undefined && datasetAddress(metadata) !== undefined && { source: datasetAddress(metadata) }),
  };
}

function cslName({ name, family, given }: Agent): object {
  if (family === undefined) return { literal: name };
  return { family, ...(given !== undefined && given !== '' && { given }) };
}

function subset(citation: Citation): string {
  const { begin, end } = citation.request;
  const selection = selectionWords(citation);
  return `${begin}/${end}, ${resolutionWords(citation)}${selection === 'all parameters' ? '' : `, ${selection}`}`;
}

function digestOf({ state }: Citation): string[] {
  if (state === undefined) return [];
  return [state.packets === 0 ? `${state.digest} (no data in this interval)` : state.digest];
}

/** The day of the state, or of the citation. */
function dayOf({ state, madeAt }: Citation): string {
  return wholeSeconds(state?.time ?? madeAt).slice(0, 10);
}

const TEX: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
};

function tex(text: string): string {
  return oneLine(text).replace(/[\\{}%&#$_~^]/g, (character) => TEX[character] ?? `\\${character}`);
}

/** An address: what would end the field or begin a comment is percent-encoded. */
function verbatim(text: string): string {
  return oneLine(text).replace(/[\\{}\s%]/g, (character) =>
    character === '%' ? '\\%' : encodeURIComponent(character),
  );
}
