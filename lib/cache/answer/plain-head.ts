/**
 * The headers in front of a block's records as text, for the merger (merge-blocks.ts), where they are as we write them.
 *
 * Contract: undefined for everything but a stream header in the canonical form with properties, followed by packet headers alone: ASCII, each of
 * the length that its tag says. What a packet header means is not looked at; it was when the block was built.
 */
import { type PropertyLine, propertyLines } from '../../stream/header-lines.js';

export interface PlainHead {
  readonly properties: readonly PropertyLine[];
  readonly packets: readonly { readonly id: number; readonly content: string }[];
}

/** `[NN]` and six digits. */
const TAG_LENGTH = 10;

/** The parts of a head; `text` has one character a byte. */
export function plainHead(text: string): PlainHead | undefined {
  let properties: PropertyLine[] | undefined;
  const packets: { id: number; content: string }[] = [];
  for (let at = 0; at < text.length; ) {
    const id = Number(text.slice(at + 1, at + 3));
    const end = at + TAG_LENGTH + Number(text.slice(at + 4, at + TAG_LENGTH));
    // Also true where one of them is no number.
    if (text[at] !== '[' || text[at + 3] !== ']' || !(end <= text.length) || !Number.isInteger(id)) return undefined;
    const content = text.slice(at + TAG_LENGTH, end);
    if (at === 0) {
      properties = id === 0 ? propertyLines(content) : undefined;
      if (properties === undefined) return undefined;
    } else if (id > 0 && content.startsWith('<packet') && content.endsWith('</packet>\n'))
      packets.push({ id, content });
    else return undefined;
    at = end;
  }
  return properties === undefined || packets.length === 0 ? undefined : { properties, packets };
}
