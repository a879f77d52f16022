/**
 * Source ids: slash-separated names of files below DSDF_ROOT without their suffix (server-protocol 4.2, server-internals 8.2).
 *
 * Grammar: segments `[A-Za-z0-9_][A-Za-z0-9_.+-]*` joined by `/`, at most 255 bytes in all, none `_dirinfo_`; ID_EXTRA_CHARS
 * adds characters, though never one that has a meaning in paths, lists or lines. Since no segment begins with a point, `.`
 * and `..` are no segments. Ids are case-sensitive.
 */
import { hasMoreBytesThan } from '../../bytes.js';

/** The file that describes its directory; never a source. */
export const DIRECTORY_INFO = '_dirinfo_';

/** Suffix of definition files. */
export const SUFFIX = '.dsdf';

const LONGEST_ID = 255;

export interface IdRules {
  /** True if the name may be a segment of an id. */
  isSegment(name: string): boolean;
  /** True if the text is an id. */
  isId(text: string): boolean;
}

/** The rules for ids of a site. `extraCharacters`: value of ID_EXTRA_CHARS. */
export function idRules(extraCharacters = ''): IdRules {
  const segment = extraCharacters === '' ? SEGMENT : segmentWith(extraCharacters);
  const isSegment = (name: string): boolean => name !== DIRECTORY_INFO && segment.test(name);
  return {
    isSegment,
    isId: (text) => !hasMoreBytesThan(text, LONGEST_ID) && text.split('/').every(isSegment),
  };
}

const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/;

function segmentWith(extraCharacters: string): RegExp {
  const extra = [...extraCharacters]
    .filter((character) => !/[\s/\\|\u0000-\u001f\u007f-\u009f\ufffd]/.test(character))
    .map((character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
    .join('');
  // A point listed as extra must still not begin a name.
  return new RegExp(`^(?!\\.)[A-Za-z0-9_${extra}][A-Za-z0-9_.+\\-${extra}]*$`, 'u');
}

/** The id that a client means: blanks and slashes around it and one `.dsdf` at its end removed. May still be no id. */
export function normalizeId(text: string): string {
  let begin = 0;
  let end = text.length;
  while (begin < end && isTrimmed(text[begin])) begin++;
  while (end > begin && isTrimmed(text[end - 1])) end--;
  const bare = text.slice(begin, end);
  return bare.endsWith(SUFFIX) ? bare.slice(0, -SUFFIX.length) : bare;
}

function isTrimmed(character: string | undefined): boolean {
  return character === '/' || character === ' ' || character === '\t';
}
