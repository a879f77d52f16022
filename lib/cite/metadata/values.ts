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
