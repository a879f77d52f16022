/**
 * The XML of everyday headers without a parser: elements with attributes in double quotes and ASCII text, nothing else.
 *
 * Contract: answers the tree that the full parser would give, or undefined for everything that is not as plain as that, faulty documents
 * among it; the full parser then says what it is. It is here because a request answered from the cache spends a tenth of its time
 * in the first steps of a parser that has just been loaded.
 */
import type { OpenElement, XmlElement } from './xml-element.js';

/** Printable ASCII, tab and line feed: a carriage return would have to be normalised. */
const PLAIN = /^[\t\n\x20-\x7e]*$/;
/** One tag and the text behind it. Values with white space other than blanks would have to be normalised. */
const TAG = /<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[A-Za-z_][\w.:-]*\s*=\s*"[^"<&\t\n]*")*)\s*(\/?)>([^<&]*)/y;
const ATTRIBUTE = /([A-Za-z_][\w.:-]*)\s*=\s*"([^"]*)"/g;
/** Deeper ones are left to the full parser, which knows where to stop. */
const DEPTH_LIMIT = 16;

/** The root element of a plain document; undefined if the full parser has to look at it. */
export function plainXml(text: string): XmlElement | undefined {
  // Two brackets and an angle bracket must not stand in text.
  if (!PLAIN.test(text) || text.includes(']]>')) return undefined;
  const open: OpenElement[] = [];
  let root: OpenElement | undefined;
  let at = 0;
  while (at < text.length) {
    TAG.lastIndex = at;
    const tag = TAG.exec(text);
    if (tag === null) return undefined;
    at = TAG.lastIndex;
    const [, slash, name = '', attributes = '', selfClosing, behind = ''] = tag;
    if (slash === '/') {
      if (open.pop()?.name !== name || attributes !== '' || selfClosing === '/') return undefined;
    } else {
      const element = elementOf(name, attributes);
      if (element === undefined || open.length === DEPTH_LIMIT) return undefined;
      const parent = open[open.length - 1];
      if (parent !== undefined) parent.children.push(element);
      else if (root === undefined) root = element;
      else return undefined;
      if (selfClosing !== '/') open.push(element);
    }
    const inside = open[open.length - 1];
    if (inside !== undefined) inside.text += behind;
    else if (behind.trim() !== '') return undefined;
  }
  return open.length === 0 ? root : undefined;
}

function elementOf(name: string, list: string): OpenElement | undefined {
  const attributes = new Map<string, string>();
  if (list !== '') {
    ATTRIBUTE.lastIndex = 0;
    for (let pair = ATTRIBUTE.exec(list); pair !== null; pair = ATTRIBUTE.exec(list)) {
      const [, key = '', value = ''] = pair;
      if (attributes.has(key)) return undefined;
      attributes.set(key, value);
    }
  }
  return { name, attributes, children: [], text: '' };
}
