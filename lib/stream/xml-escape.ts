/**
 * Escaping of text for XML attribute values. Writing only; reading is done by the XML library (xml.ts).
 *
 * Contract: what comes out, read back by any XML 1.0 parser, gives the same text, except that characters which XML cannot
 * express (most control characters, lone surrogates) are left out.
 */

// Everything outside the Char production of XML 1.0.
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;
const SPECIAL = /[&<>"'\t\n\r]/;
const SPECIAL_ALL = /[&<>"'\t\n\r]/g;
const FORBIDDEN_ONE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // A literal tab, newline or carriage return would be read back as a blank.
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** Letters, digits and marks that stand for themselves. The other expressions take a process longer to make than to use. */
const PLAIN = /^[\w .:;,()+*/=?@[\]{}|~^$%#!-]*$/;

/** The text without characters that no XML 1.0 document can hold. */
export function removeForbidden(text: string): string {
  return FORBIDDEN_ONE.test(text) ? text.replace(FORBIDDEN, '') : text;
}

/** The text as the inside of a quoted attribute value. */
export function escapeAttribute(text: string): string {
  if (PLAIN.test(text)) return text;
  const clean = removeForbidden(text);
  return SPECIAL.test(clean) ? clean.replace(SPECIAL_ALL, (character) => ESCAPES[character] ?? character) : clean;
}
