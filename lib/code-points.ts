/**
 * Order of texts by Unicode code point, which is the order of their UTF-8 bytes (server-protocol 3.1, 3.6).
 *
 * JavaScript compares UTF-16 units; the two orders differ only where surrogate pairs meet U+E000 to U+FFFF, so the plain
 * comparison is used unless a surrogate is involved.
 */

const SURROGATE = /[\ud800-\udfff]/;

/** Negative, zero or positive as `a` sorts before, with or after `b` by code point. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Sorts the texts in place by code point and returns them. */
export function sortByCodePoints(texts: string[]): string[] {
  return texts.some((text) => SURROGATE.test(text)) ? texts.sort(compareCodePoints) : texts.sort();
}

/** UTF-16 unit moved so that surrogates (code points from U+10000) sort behind U+E000 to U+FFFF. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
