/**
 * Citations as text, in nine styles (citation 9). A style arranges names, year, title, version and publisher; which part, which state and where to
 * check stand behind, the same in all.
 */
import { type Citation, datasetAddress, oneLine, stateWords, subsetWords } from '../citation/citation.js';
import type { DatasetMetadata } from '../metadata/metadata.js';
import type { Agent } from '../metadata/values.js';

interface Parts {
  readonly creators: readonly Agent[];
  readonly year: string;
  readonly title: string;
  readonly version: string | undefined;
  readonly publisher: string;
  /** Address of the DOI or landing page of the dataset. */
  readonly link: string | undefined;
  readonly doi: string | undefined;
}

const NO_DATE = 'n.d.';

const STYLES: Readonly<Record<string, (parts: Parts) => string>> = {
  default: (p) =>
    `${front(list(p.creators, familyFirst, ', ', ', & '), ` (${p.year}). `, p.title, ` (${p.year})`)}${inBrackets(p.version)} [Data set]. ${sentence(p.publisher)}${link(p)}`,
  datacite: (p) =>
    `${front(list(p.creators, familyThenGiven, '; ', '; '), ` (${p.year}): `, p.title, ` (${p.year})`)}. ${p.version === undefined ? '' : `Version ${p.version}. `}${sentence(p.publisher)} Dataset.${link(p)}`,
  apa: (p) =>
    `${front(list(p.creators, familyFirst, ', ', ', & '), `. (${p.year}). `, `${p.title}${inBrackets(p.version)} [Data set]`, `. (${p.year})`)}. ${sentence(p.publisher)}${link(p)}`,
  agu: (p) =>
    `${front(list(p.creators, familyFirst, ', ', ', & '), ` (${p.year}). `, p.title, ` (${p.year})`)}${inBrackets(p.version)} [Dataset]. ${sentence(p.publisher)}${link(p)}`,
  copernicus: (p) =>
    `${p.creators.length === 0 ? '' : `${list(p.creators, familyFirst, ', ', ', and ')}: `}${p.title}${inBrackets(p.version)}, ${p.publisher} [data set], ${p.link === undefined ? '' : `${p.link}, `}${sentence(p.year)}`,
  aas: (p) =>
    `${front(list(p.creators, familyFirst, ', ', ', & '), ` ${p.year}, `, p.title, ` ${p.year}`)}${p.version === undefined ? '' : `, ${p.version}`}, ${p.publisher}${p.doi === undefined ? (p.link === undefined ? '' : `, ${p.link}`) : `, doi:${p.doi}`}.`,
  nature: (p) =>
    `${p.creators.length === 0 ? '' : `${sentence(list(p.creators, familyFirst, ', ', ' & '))} `}${p.title}${inBrackets(p.version)}. ${p.publisher}${p.link === undefined ? '' : ` ${p.link}`} (${p.year}).`,
  'chicago-author-date': (p) =>
    `${p.creators.length === 0 ? '' : `${sentence(chicagoNames(p.creators))} ${sentence(p.year)} `}“${p.title}.” ${p.creators.length === 0 ? `${sentence(p.year)} ` : ''}${p.version === undefined ? '' : `Version ${p.version}. `}${sentence(p.publisher)} Data set.${link(p)}`,
  ieee: (p) =>
    `${p.creators.length === 0 ? '' : `${list(p.creators, givenFirst, ', ', ', and ')}, `}“${p.title},” ${p.version === undefined ? '' : `version ${p.version}, `}${p.publisher}, ${sentence(p.year)} [Data set].${p.link === undefined ? '' : ` Available: ${p.link}.`}`,
};

/** Names of the styles. */
export const TEXT_STYLES: readonly string[] = Object.keys(STYLES);

/** The citation in a style, one line and, for warnings, another one each; undefined if there is no such style. */
export function textCitation(citation: Citation, style: string): string | undefined {
  const arrange = Object.hasOwn(STYLES, style) ? STYLES[style] : undefined;
  if (arrange === undefined) return undefined;
  return wholeCitation(citation, arrange(partsOf(citation.metadata)));
}

/** The words of a style for the dataset, or those that its provider wants, and behind them part, state and address; a further line for each warning. */
export function wholeCitation(citation: Citation, styled: string): string {
  const { metadata, warnings, address } = citation;
  const dataset = sentence(metadata.citeAs ?? styled);
  const state = stateWords(citation);
  const text = `${dataset} Subset: ${subsetWords(citation)}.${state === undefined ? '' : ` ${state}.`} ${address}`;
  return [oneLine(text), ...warnings.map((warning) => oneLine(`Note: ${warning.text}`))].join('\n');
}

/** The words for the dataset as a whole, in our own style or as its provider wants them. */
export function datasetCitation(metadata: DatasetMetadata): string {
  return oneLine(sentence(metadata.citeAs ?? STYLES.default?.(partsOf(metadata)) ?? metadata.title));
}

function partsOf(metadata: DatasetMetadata): Parts {
  return {
    creators: metadata.creators,
    year: metadata.year ?? NO_DATE,
    title: metadata.title.replace(/\.+$/, ''),
    version: metadata.version,
    publisher: metadata.publisher.name,
    link: datasetAddress(metadata),
    doi: metadata.doi,
  };
}

/** Names, year, title; without names the title goes first. */
function front(names: string, behindNames: string, title: string, behindTitle: string): string {
  if (names !== '') return `${behindNames.startsWith('.') ? names.replace(/\.$/, '') : names}${behindNames}${title}`;
  return `${title}${behindTitle}`;
}

function inBrackets(version: string | undefined): string {
  return version === undefined ? '' : ` (Version ${version})`;
}

function link({ link: address }: Parts): string {
  return address === undefined ? '' : ` ${address}.`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function list(agents: readonly Agent[], form: (agent: Agent) => string, between: string, last: string): string {
  const names = agents.map(form);
  if (names.length < 2) return names.join('');
  // Two names have no comma in front of the last word, except in front of an ampersand.
  const joint = names.length === 2 && last === ', and ' ? ' and ' : last;
  return `${names.slice(0, -1).join(between)}${joint}${names.at(-1)}`;
}

/** `Doe, J.` */
function familyFirst(agent: Agent): string {
  return agent.family === undefined ? agent.name : `${agent.family}, ${initials(agent.given)}`.replace(/, $/, '');
}

/** `Doe, Jane` */
export function familyThenGiven({ name, family, given }: Agent): string {
  return family === undefined ? name : given ? `${family}, ${given}` : family;
}

/** `J. Doe` */
function givenFirst(agent: Agent): string {
  return agent.family === undefined ? agent.name : `${initials(agent.given)} ${agent.family}`.trim();
}

/** `Jane Doe` */
export function wholeName({ name, family, given }: Agent): string {
  return family === undefined ? name : `${given ?? ''} ${family}`.trim();
}

function chicagoNames(agents: readonly Agent[]): string {
  const names = agents.map((agent, at) => (at === 0 ? familyThenGiven(agent) : wholeName(agent)));
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')}, and ${names.at(-1)}`;
}

function initials(given: string | undefined): string {
  const words = (given ?? '').split(/\s+/).filter(Boolean);
  return words
    .map((word) =>
      word
        .split('-')
        .map((part) => `${[...part][0] ?? ''}.`)
        .join('-'),
    )
    .join(' ');
}
