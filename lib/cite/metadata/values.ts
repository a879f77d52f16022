/**
 * Values of citation keywords: names, DOIs, addresses (citation 10, 11).
 */

/** Who has made something: a person, or an organisation. */
export interface Agent {
  /** Whole name of an organisation, or of somebody without known parts. */
  readonly name: string;
  readonly family?: string;
  readonly given?: string;
  readonly isOrganization: boolean;
  readonly orcid?: string;
  readonly affiliation?: string;
  readonly ror?: string;
}

const DOI = /^10\.[0-9]{4,9}\/[!-~]{1,200}$/;

/** The bare DOI that a text means, written with a resolver or without; undefined if it is none. */
export function doiOf(text: string | undefined): string | undefined {
  const bare = (text ?? '').trim().replace(/^(?:https?:\/\/(?:dx\.)?doi\.org\/|doi:)/i, '');
  return DOI.test(bare) && !bare.split('/').some((part) => part === '..' || part === '.') ? bare : undefined;
}

/** An address on the web, as it is; undefined for anything else. */
export function addressOf(text: string | undefined): string | undefined {
  return text !== undefined && /^https?:\/\/[!-~]+$/i.test(text) && !/[<>"]/.test(text) ? text : undefined;
}

/** The ORCID that a text ends with, bare; undefined if there is none. */
export function orcidOf(text: string | undefined): string | undefined {
  return /\d{4}-\d{4}-\d{4}-\d{3}[\dX]$/i.exec(text ?? '')?.[0];
}

/** Terms of use: an id of the SPDX list, their address, or both. */
export interface License {
  readonly id?: string;
  readonly url?: string;
}

/** The license of an SPDX id and an address; the address follows from the id where it is not given. Undefined for neither. */
export function licenseOf(id: string | undefined, url: string | undefined): License | undefined {
  if (id === undefined) return url === undefined ? undefined : { url };
  return { id, url: url ?? creativeCommonsAddress(id) ?? `https://spdx.org/licenses/${id}.html` };
}

/** The license that the keyword means: `SPDX id`, `address`, or both. Creative Commons writes its names with blanks. */
export function licenseOfText(text: string): License | undefined {
  const address = /https?:\/\/[^\s|]+/i.exec(text)?.[0];
  const rest = clean(text.replace(address ?? '', '').replaceAll('|', ' '));
  const name = /^CC0?\b/i.test(rest) ? rest.replaceAll(' ', '-').replace(/^CC0$/i, 'CC0-1.0') : rest;
  return licenseOf(spdxId(name), addressOf(address));
}

/** The text as an id of the SPDX list; undefined for what cannot be one. */
export function spdxId(text: string | undefined): string | undefined {
  return /^[A-Za-z0-9][A-Za-z0-9.+-]*$/.exec(text ?? '')?.[0];
}

function creativeCommonsAddress(id: string): string | undefined {
  if (/^CC0-1\.0$/i.test(id)) return 'https://creativecommons.org/publicdomain/zero/1.0/';
  const [, terms, version] = /^CC-(BY(?:-NC)?(?:-ND|-SA)?)-([1-4]\.[05])$/i.exec(id) ?? [];
  return terms && `https://creativecommons.org/licenses/${terms.toLowerCase()}/${version}/`;
}

/** Text in one line, without control characters. */
export function clean(text: string): string {
  return text.replace(/[\0-\x1f\x7f-\x9f\s]+/g, ' ').trim();
}

/** The object without what is undefined. */
export function optional<Value extends object>(
  value: Value,
): { [Key in keyof Value]?: Exclude<Value[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as {
    [Key in keyof Value]?: Exclude<Value[Key], undefined>;
  };
}
