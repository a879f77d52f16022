/**
 * What is wrong with the citation keywords of a definition: values that will be left out, or read as something else (citation 10).
 */
import { addressOf, doiOf, licenseOfText } from './values.js';

/** Keywords for citations, without their numbers. */
export const CITATION_KEYWORDS: readonly string[] = [
  'acknowledgement',
  'change',
  'citable',
  'citeAs',
  'citeTitle',
  'contributor',
  'creator',
  'doi',
  'doiVersion',
  'funding',
  'instrumentType',
  'landingPage',
  'license',
  'measurementType',
  'pubYear',
  'publisher',
  'region',
  'relatedId',
  'spaseFile',
  'spaseId',
  'subject',
  'version',
  'versionDate',
];

const RULES: Readonly<Record<string, readonly [isGood: (value: string) => boolean, form: string]>> = {
  doi: [(value) => doiOf(value) !== undefined, 'a DOI such as 10.5072/abc'],
  doiVersion: [(value) => doiOf(value) !== undefined, 'a DOI such as 10.5072/abc'],
  pubYear: [(value) => /^\d{4}$/.test(value), 'a year of four digits'],
  versionDate: [(value) => /^\d{4}(?:-\d\d){0,2}/.test(value), 'a date such as 2026-01-31'],
  landingPage: [(value) => addressOf(value) !== undefined, 'an address that begins with http:// or https://'],
  license: [
    (value) => licenseOfText(value) !== undefined,
    'an id of the SPDX list such as CC-BY-4.0, an address, or both',
  ],
  spaseId: [(value) => /^spase:\/\/\S+$/i.test(value), 'an id that begins with spase://'],
  citable: [(value) => /^(?:[01]|yes|no|true|false|on|off)$/i.test(value), '0 or 1'],
  creator: [
    (value) => /^@?[^|\s]/.test(value),
    "'Family, Given | ORCID | affiliation | ROR', or '@Organisation | ROR'",
  ],
  relatedId: [
    (value) => value.split('|').filter((part) => part.trim() !== '').length >= 3,
    "'RelationType | type | id'",
  ],
  change: [(value) => /^[\d-]+(?:T[\d:.]+Z?)?\s*:/.test(value), "'DATE: text'"],
};

/** A line for each value that is not of its form. */
export function metadataFaults(entries: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  for (const [key, text] of entries) {
    const base = key.replace(/_\d+$/, '');
    const rule = Object.hasOwn(RULES, base) ? RULES[base] : undefined;
    const value = text.trim();
    if (rule === undefined || value === '') continue;
    const [isGood, form] = rule;
    if (!isGood(value)) found.push(`${key} is not ${form}`);
  }
  return found;
}
