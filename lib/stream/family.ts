/**
 * Tells stream families apart by their first bytes (stream-format 1).
 *
 * Contract: this looks at no more than four bytes; QStream and das 3 announce themselves only in the header behind the tag, which
 * header-parser.ts reads.
 */

/** `das2`: bracket tags (das2 or QStream). `pipe`: das 2.3 or das 3 tags. */
export type StreamFamily = 'das2' | 'pipe' | 'document' | 'taggedDas1' | 'unknown';

/** Bytes needed by `streamFamily`. */
export const FAMILY_PREFIX = 4;

/** The family that starts with the bytes at `offset`; four of them must be there. */
export function streamFamily(bytes: Uint8Array, offset: number): StreamFamily {
  const start = firstCharacters(bytes, offset);
  if (start === '[00]') return 'das2';
  if (start === '|Sx|' || start === '|Sj|') return 'pipe';
  if (start.startsWith('<') || start.startsWith('{')) return 'document';
  if (/^:b[0xy]:$/.test(start)) return 'taggedDas1';
  return 'unknown';
}

/** True if a stream that can be read may start with these bytes, fewer than four. */
export function mayStartStream(bytes: Uint8Array): boolean {
  const start = firstCharacters(bytes, 0);
  return '[00]'.startsWith(start) || '|Sx|'.startsWith(start);
}

function firstCharacters(bytes: Uint8Array, offset: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + FAMILY_PREFIX));
}

/** Why a stream of this family is refused, in words. */
export function refusal(family: StreamFamily): string {
  switch (family) {
    case 'document':
      return 'the input is no stream: it looks like a web page, an XML or a JSON document';
    case 'taggedDas1':
      return 'the input is a tagged das1 stream; convert it to das2 first';
    default:
      return 'the input does not begin with a das2 stream header [00]; perhaps text was printed first (it belongs to standard error), or it is a plain das1 stream';
  }
}
