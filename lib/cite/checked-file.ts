/**
 * Files below CITE_ROOT that remember what could be found out again: values as lines of JSON, each behind a hash of it.
 *
 *     HASH SPACE JSON LF …
 *
 * Contract: a file is replaced as a whole, so that nobody sees half of it, however many write it. What is damaged, or was not written in this way by this form of the program, is not there.
 */
import { renameSync, rmSync } from 'node:fs';
import { textIfAny } from '../files/files-if-any.js';
import { shortHash } from '../short-hash.js';
import { writePrivate } from './private-files.js';

/** Goes into the hashes: files of another form are not read. To be changed with what any of them holds. */
const FORM = 'checked/1';
const HASH_LENGTH = 16;

/** The first values of a file, at most `most`; undefined if one of them is damaged, or there is none. */
export function readChecked(file: string, most = Number.POSITIVE_INFINITY): unknown[] | undefined {
  const text = textIfAny(file) ?? '';
  const values: unknown[] = [];
  for (let from = 0; from < text.length && values.length < most; ) {
    const end = text.indexOf('\n', from);
    const json = text.slice(from + HASH_LENGTH + 1, end);
    if (end < 0 || text.slice(from, from + HASH_LENGTH + 1) !== `${shortHash(FORM + json)} `) return undefined;
    values.push(JSON.parse(json));
    from = end + 1;
  }
  return values.length === 0 ? undefined : values;
}

/** Writes values in the place of those that were there, in a folder that is there. Throws what the system throws. */
export function writeChecked(file: string, ...values: readonly object[]): void {
  const lines = values.map((value) => {
    const json = JSON.stringify(value);
    return `${shortHash(FORM + json)} ${json}\n`;
  });
  // Writers of other machines may have the same number.
  const aside = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}.new`;
  try {
    writePrivate(aside, lines.join(''));
    renameSync(aside, file);
  } finally {
    rmSync(aside, { force: true });
  }
}
