/**
 * Size of the records that a packet header defines, for those who pass a stream through without understanding it.
 *
 * Contract: das2 (2.2, 2.3) and QStream packet headers; undefined for anything whose records have no fixed size that follows from it.
 * Attributes other than those that decide the size are not looked at. Rules: stream-format 2.2, 14.2, 14.3.
 */
import { parseXml, type XmlElement } from './xml.js';

/** Bytes of one record without its tag; 0 for a QStream descriptor with in-line data only. */
export function recordSizeOfHeader(content: Uint8Array): number | undefined {
  let root: XmlElement;
  try {
    root = parseXml(content);
  } catch {
    return undefined;
  }
  if (root.name !== 'packet') return undefined;
  let size = 0;
  for (const child of root.children) {
    const part = child.name === 'qdataset' ? sizeOfDataset(child) : sizeOfPlane(child);
    if (part === undefined) return undefined;
    size += part;
  }
  return Number.isSafeInteger(size) && size <= 0x7fffffff - 4 ? size : undefined;
}

function sizeOfPlane({ name, attributes }: XmlElement): number | undefined {
  if (name === 'properties') return 0;
  const width = valueWidth(attributes.get('type') ?? '');
  if (name === 'x' || name === 'y' || name === 'z') return width;
  if (name !== 'yscan' && name !== 'xscan') return undefined;
  const items = attributes.get('nitems') ?? '';
  return width !== undefined && /^\s*\d{1,9}\s*$/.test(items) ? width * Number(items) : undefined;
}

function sizeOfDataset({ children }: XmlElement): number | undefined {
  let size = 0;
  for (const child of children) {
    if (child.name !== 'values') continue;
    const { attributes } = child;
    if (['values', 'inline', 'bundle', 'join'].some((name) => attributes.has(name))) continue;
    const width = valueWidth(attributes.get('encoding') ?? '');
    if (width === undefined) return undefined;
    const lengths = (attributes.get('length') ?? '').split(',').map((text) => text.trim());
    let count = 1;
    for (const length of lengths) {
      if (length === '' && lengths.length === 1) continue;
      if (!/^\d{1,9}$/.test(length)) return undefined;
      count *= Number(length);
    }
    size += width * count;
  }
  return size;
}

const WIDTHS: ReadonlyMap<string, number> = new Map([
  ['sun_real8', 8],
  ['sun_real4', 4],
  ['little_endian_real8', 8],
  ['little_endian_real4', 4],
  ['double', 8],
  ['real8', 8],
  ['float', 4],
  ['real4', 4],
  ['int8', 8],
  ['int4', 4],
  ['integer', 4],
  ['int2', 2],
]);

function valueWidth(type: string): number | undefined {
  const word = type.trim();
  const text = /^(?:ascii|time)(\d{1,3})$/.exec(word);
  return text === null ? WIDTHS.get(word) : Number(text[1]);
}
