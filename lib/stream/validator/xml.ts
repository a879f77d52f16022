/**
 * Reads the documents of packets for the validator: faults become findings instead of errors.
 */

import { parseXml, type XmlElement, XmlFault } from '../xml.js';
import { type Findings, type Place, quoted } from './findings.js';
import type { RuleCode } from './rules.js';

/** The root element; undefined, with a finding, when the document is not well-formed. */
export function parseDocument(content: Uint8Array, place: Place, findings: Findings): XmlElement | undefined {
  try {
    return parseXml(content);
  } catch (error) {
    if (!(error instanceof XmlFault)) throw error;
    const length = endsWithTag(content)
      ? ''
      : `; by its length of ${content.length} bytes it does not end with ">": is the length right?`;
    findings.add('xml-malformed', place, `the document is not well-formed: ${error.message.slice(0, 120)}${length}`);
    return undefined;
  }
}

/** The last byte that is no white space ends a tag: a document that was cut at a wrong length seldom does. */
function endsWithTag(content: Uint8Array): boolean {
  let last = content.length - 1;
  while (last >= 0 && (content[last] as number) <= 0x20) last--;
  return content[last] === 0x3e;
}

/** Reports attributes of an element that are not in the list of known ones. */
export function checkAttributes(
  element: XmlElement,
  known: ReadonlySet<string>,
  code: RuleCode & ('unknown-attribute' | 'q-attribute'),
  place: Place,
  findings: Findings,
): void {
  for (const key of element.attributes.keys()) {
    if (!known.has(key)) findings.add(code, place, () => `<${element.name}> has the attribute ${quoted(key)}`);
  }
}

/** Reports text between the elements of a header. */
export function checkNoText(element: XmlElement, place: Place, findings: Findings): void {
  const text = element.text.trim();
  if (text !== '') findings.add('unexpected-text', place, () => `<${element.name}> holds the text ${quoted(text)}`);
}

/** A short mark of a document, equal for equal bytes. */
export function fingerprint(content: Uint8Array): string {
  let a = 0x811c9dc5;
  let b = 0;
  for (const byte of content) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = (Math.imul(b, 31) + byte) | 0;
  }
  return `${content.length}:${a}:${b}`;
}
