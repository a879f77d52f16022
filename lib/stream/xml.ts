/**
 * Reads the small XML documents inside header, comment and exception packets into a plain tree.
 *
 * Contract: names are not split at colons (stream-format 3); entity references of XML itself and character references are
 * decoded, white space in attribute values is normalised. A document type, any other entity, deep nesting, ill-formed UTF-8 and
 * every other fault throws `XmlFault`; the caller turns it into the error of its packet. Nothing outside the document is loaded.
 */
import { SaxesParser } from 'saxes';
import { plainXml } from './plain-xml.js';
import type { OpenElement, XmlElement } from './xml-element.js';

export type { XmlElement } from './xml-element.js';

/** A document that is not well-formed, or that holds what no header holds. */
export class XmlFault extends Error {}

/** Deeper than any header of das2 or QStream goes. */
const DEPTH_LIMIT = 32;

let decoder: InstanceType<typeof TextDecoder> | undefined;

/** The root element of the document. Throws `XmlFault`. */
export function parseXml(content: Uint8Array): XmlElement {
  const text = documentText(content);
  return plainXml(text) ?? parseFully(text);
}

/** As `parseXml`, whatever the document looks like. */
export function parseFully(document: string): XmlElement {
  const parser = new SaxesParser({ position: false });
  const open: OpenElement[] = [];
  let root: OpenElement | undefined;
  let attributes = new Map<string, string>();

  parser.on('error', (error) => {
    throw new XmlFault(error.message);
  });
  parser.on('doctype', () => {
    throw new XmlFault('a document type is not allowed');
  });
  parser.on('attribute', ({ name, value }) => {
    attributes.set(name, value);
  });
  parser.on('opentag', ({ name }) => {
    if (open.length === DEPTH_LIMIT) throw new XmlFault('elements are nested too deeply');
    const element: OpenElement = { name, attributes, children: [], text: '' };
    attributes = new Map();
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('closetag', () => {
    open.pop();
  });
  const addText = (text: string): void => {
    const element = open.at(-1);
    if (element !== undefined) element.text += text;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);

  parser.write(document).close();
  if (root === undefined) throw new XmlFault('the document is empty');
  return root;
}

/** The text without blanks in front, which are legal before an XML declaration here (stream-format 2.1). */
function documentText(content: Uint8Array): string {
  decoder ??= new TextDecoder('utf-8', { fatal: true });
  let text: string;
  try {
    text = decoder.decode(content);
  } catch {
    throw new XmlFault('the text is not UTF-8');
  }
  return text.trimStart();
}
