/**
 * The version of a dataset as the log has it: the keyword `version`, and a fingerprint of everything else that makes its data (citation 13.1).
 *
 *     dsver = [version "+"] first 8 digits of SHA-256 (definition without comments, output of readerVersion, reducer, d2c/1)
 *
 * So a change of a reader's command shows even where nobody has raised `version`.
 */
import { createHash } from 'node:crypto';
import { VERSION } from '../version.js';

export interface VersionFacts {
  /** Assignments of the definition as they are written, in order. */
  readonly entries: ReadonlyMap<string, string>;
  /** What the command `readerVersion` prints, where there is one. */
  readonly readerVersion?: string | undefined;
  /** Command of the reducer. */
  readonly reducer: string | undefined;
}

const LONGEST_VERSION = 60;

/** The version of a dataset. */
export function datasetVersion({ entries, readerVersion = '', reducer = '' }: VersionFacts): string {
  const hash = createHash('sha256');
  for (const [key, value] of entries) hash.update(`${key}=${value}\n`);
  hash.update(`\nreaderVersion=${readerVersion}\nreducer=${reducer} ${VERSION}\nd2c/1\n`);
  const fingerprint = hash.digest('hex').slice(0, 8);
  const version = entries.get('version')?.replace(/\s+/g, ' ').trim().slice(0, LONGEST_VERSION) ?? '';
  return version === '' ? fingerprint : `${version}+${fingerprint}`;
}
