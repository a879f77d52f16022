/**
 * The file that `spaseFile` of a definition names: a record of SPASE in JSON, relative to the folder of the definition (citation 10).
 *
 * Contract: never throws. A file is read again when it has changed; one that cannot be read, or is no such record, says nothing.
 */
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Source } from '../../source/source.js';
import { readSpase } from './spase.js';

const LONGEST = 4 * 1024 * 1024;
/** So many records are remembered by a server that goes on running. */
const MOST_KEPT = 200;

interface KeptRecord {
  /** Size and time of the file. */
  readonly mark: string;
  readonly keywords: ReadonlyMap<string, string> | undefined;
}

const kept = new Map<string, KeptRecord>();

/** The keywords of the record that a source names; undefined if it names none, or it cannot be read. */
export function spaseKeywords({
  file,
  entries,
}: Pick<Source, 'file' | 'entries'>): ReadonlyMap<string, string> | undefined {
  const name = entries.get('spaseFile')?.trim();
  if (!name) return undefined;
  const path = resolve(dirname(file), name);
  try {
    const found = statSync(path);
    if (!found.isFile() || found.size > LONGEST) return undefined;
    const mark = `${found.size} ${found.mtimeMs}`;
    const known = kept.get(path);
    if (known?.mark === mark) return known.keywords;
    const keywords = readSpase(readFileSync(path, 'utf8'));
    if (kept.size >= MOST_KEPT) kept.clear();
    kept.set(path, { mark, keywords });
    return keywords;
  } catch {
    return undefined;
  }
}
