/**
 * Finds the digests in a citation, whatever its form: text, BibTeX, RIS, CSL-JSON, DataCite, our own JSON, a list of those, or the manifest of a bag
 * (citation 12.2, 12.4).
 *
 * Contract: content digests are looked for by their prefix (`sha256-d2c1`, `sha256-q1`), so no grammar is needed and damaged files are no fault.
 * A citation in print may have the first 16 to 63 digits only: enough to find an entry, never a proof. Lines `64 DIGITS, blank, PATH` are bytes
 * of files, as sha256sum and bags write them.
 */

/** What a citation says about data. */
export interface CitedDigests {
  /** In lower case, each once: `sha256-d2c1:` or `sha256-q1:` and 16 to 64 digits. */
  readonly contents: readonly string[];
  /** SHA-256 of the bytes by file name. */
  readonly files: ReadonlyMap<string, string>;
}

const CONTENT = /\bsha256-(d2c1|q1)(?::|\s+)([0-9a-f]{16,64})\b/gi;
const FILE_LINE = /^([0-9a-f]{64}) [ *](.+)$/gim;

/** The digests that a text names. */
export function citedDigests(text: string): CitedDigests {
  const contents = new Set<string>();
  for (const [, form = '', digits = ''] of text.matchAll(CONTENT)) {
    contents.add(`sha256-${form.toLowerCase()}:${digits.toLowerCase()}`);
  }
  const files = new Map<string, string>();
  for (const [, digits = '', path = ''] of text.matchAll(FILE_LINE)) files.set(path.trim(), digits.toLowerCase());
  // A prefix says no more than the digest that it begins.
  const all = [...contents];
  return { contents: all.filter((one) => !all.some((other) => other !== one && other.startsWith(one))), files };
}

/** How well a digest agrees with a cited one: all digits, as far as it goes, or not. */
export function agreement(digest: string, cited: string): 'all' | 'prefix' | 'none' {
  if (digest === cited) return 'all';
  return digest.startsWith(cited) ? 'prefix' : 'none';
}
