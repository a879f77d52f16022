/**
 * das2_digest --verify: compares data files with a citation, or a bag with its manifest, without a server (citation 12.4).
 *
 * Contract: a file that the manifest names is compared by its bytes, any other by its values. A digest of which the citation has the first digits
 * only is no proof. Files and digests that nothing answers to are told. Status as for the program.
 */
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { DigestRecord } from '../lib/cite/digest/record.js';
import { agreement, type CitedDigests, citedDigests } from '../lib/cite/forms/cited-digests.js';
import { Das2Error } from '../lib/error.js';
import { readingFault } from './standard-streams.js';

const MANIFEST = 'manifest-sha256.txt';
/** A citation is text of people's size; a list of many may be long. */
const LONGEST_CITATION = 64 * 1024 * 1024;

type Verdict = 'unchanged' | 'prefix' | 'changed' | 'unknown' | 'unreadable';

/** Compares `files`, or all that the manifest names; prints one line for each. Throws `usage` for a citation without digests. */
export function verify(
  citation: string,
  files: readonly string[],
  recordOf: (file: string) => DigestRecord | string,
  print: (text: string) => void,
): number {
  const path = isFolder(citation) ? join(citation, MANIFEST) : citation;
  const cited = citedDigests(readText(path));
  if (cited.contents.length === 0 && cited.files.size === 0) {
    throw new Das2Error('usage', `${path}: there is no digest in it`);
  }
  const byPath = new Map([...cited.files].map(([name, raw]) => [resolve(dirname(path), name), raw]));
  const wanted = files.length > 0 ? files : [...cited.files.keys()].map((name) => join(dirname(path), name));
  if (wanted.length === 0) throw new Das2Error('usage', 'FILE is missing: a citation names no files');
  const met = new Set<string>();
  let status = 0;
  for (const file of wanted) {
    const record = recordOf(file);
    const raw = byPath.get(resolve(file));
    const verdict =
      typeof record === 'string' ? 'unreadable' : raw ? byBytes(record, raw) : byValues(record, cited, met);
    if (verdict === 'unreadable') status = 100;
    else if (verdict !== 'unchanged') status = Math.max(status, 1);
    print(`${file}: ${wordsFor(verdict, record)}\n`);
  }
  for (const digest of cited.contents) {
    if (met.has(digest)) continue;
    print(`${digest}: no file here has this content\n`);
    status = Math.max(status, 1);
  }
  return status;
}

function byBytes(record: DigestRecord, raw: string): Verdict {
  return record.raw === raw ? 'unchanged' : 'changed';
}

function byValues({ digest }: DigestRecord, { contents }: CitedDigests, met: Set<string>): Verdict {
  if (digest === undefined) return 'unknown';
  let best: Verdict = 'changed';
  for (const cited of contents) {
    const found = agreement(digest, cited);
    if (found === 'none') continue;
    met.add(cited);
    if (found === 'all') return 'unchanged';
    best = 'prefix';
  }
  return best;
}

function wordsFor(verdict: Verdict, record: DigestRecord | string): string {
  if (typeof record === 'string') return `cannot be read: ${record}`;
  switch (verdict) {
    case 'unchanged':
      return 'unchanged';
    case 'prefix':
      return 'agrees as far as the citation goes; only all 64 digits are a proof';
    case 'unknown':
      return `has no content digest: ${record.reason ?? record.state}`;
    default:
      return `changed: it is ${record.digest ?? `other bytes, SHA-256 ${record.raw}`}`;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function readText(path: string): string {
  try {
    if (statSync(path).size > LONGEST_CITATION) throw new Das2Error('usage', `${path}: too long for a citation`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Das2Error) throw error;
    throw new Das2Error('usage', `${path}: ${readingFault(error)}`, { cause: error });
  }
}
