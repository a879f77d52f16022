/**
 * Writes QStream headers and descriptors back from their XML trees: same elements, same attributes, same order, two blanks of
 * indentation a level, every value escaped once.
 *
 * Contract: what is read back by qstream/header.ts is equal. Rules: stream-format 14.1, 14.2.
 */
import { frameHeader, idText } from '../tag.js';
import type { XmlElement } from '../xml.js';
import { escapeAttribute } from '../xml-escape.js';

/** A whole `[00]` or `[NN]` packet with this document. Throws `packetTooLarge` when it cannot be framed. */
export function qstreamPacket(id: number, root: XmlElement): Uint8Array {
  return frameHeader(idText(id), formatElement(root, ''));
}

function formatElement(element: XmlElement, indent: string): string {
  let text = `${indent}<${element.name}`;
  for (const [name, value] of element.attributes) text += ` ${name}="${escapeAttribute(value)}"`;
  const words = element.text.trim();
  if (element.children.length === 0) {
    return words === '' ? `${text}/>\n` : `${text}>${escapeAttribute(words)}</${element.name}>\n`;
  }
  const children = element.children.map((child) => formatElement(child, `${indent}  `)).join('');
  return `${text}>${escapeAttribute(words)}\n${children}${indent}</${element.name}>\n`;
}
