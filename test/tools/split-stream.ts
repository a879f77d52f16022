/**
 * A simple packet splitter for tests, independent of lib/stream on purpose: a defect of the codec must not hide itself.
 *
 * Contract: framing must be exact as writers have to produce it: ids of two digits or `xx`, six digit byte lengths, nothing between
 * packets. Anything else throws an `Error` that says where. XML is read by a small scanner that knows elements and attributes.
 */

export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: Element[];
}

export interface Packet {
  /** The tag as it is written: `[00]`, `[01]`, `[xx]`, `:01:`. */
  readonly tag: string;
  readonly offset: number;
  /** Root element of header and message packets. */
  readonly root?: Element;
  /** Values of a data packet. */
  readonly data?: Uint8Array;
  /** The header that was in force for a data packet. */
  readonly header?: Element;
}

export const PLANES = ['x', 'y', 'z', 'yscan', 'xscan'];

/** Bytes of one value of a plane. */
export function valueWidth(plane: Element): number {
  const type = plane.attributes.get('type') ?? '';
  const match = /^(?:(?:sun|little_endian)_real(\d)|ascii(\d+)|time(\d+))$/.exec(type);
  if (match === null) throw new Error(`plane with the type ${JSON.stringify(type)}`);
  return Number(match[1] ?? match[2] ?? match[3]);
}

export function itemCount(plane: Element): number {
  return plane.name.endsWith('scan') ? Number(plane.attributes.get('nitems')) : 1;
}

export function planesOf(header: Element): Element[] {
  return header.children.filter((child) => PLANES.includes(child.name));
}

/** All packets of a stream. Throws at the first departure from the framing rules. */
export function splitStream(bytes: Uint8Array): Packet[] {
  const packets: Packet[] = [];
  const headers = new Map<string, Element>();
  let at = 0;
  while (at < bytes.length) {
    const tag = latin(bytes, at, at + 4);
    if (/^:\d\d:$/.test(tag)) {
      const header = headers.get(tag.slice(1, 3));
      if (header === undefined) throw new Error(`data packet ${tag} without header at byte ${at}`);
      const size = planesOf(header).reduce((sum, plane) => sum + valueWidth(plane) * itemCount(plane), 0);
      if (at + 4 + size > bytes.length) throw new Error(`data packet ${tag} at byte ${at} is cut short`);
      packets.push({ tag, offset: at, data: bytes.subarray(at + 4, at + 4 + size), header });
      at += 4 + size;
      continue;
    }
    if (!/^\[(?:\d\d|xx)\]$/.test(tag)) throw new Error(`no packet tag at byte ${at}: ${JSON.stringify(tag)}`);
    const lengthText = latin(bytes, at + 4, at + 10);
    if (!/^\d{6}$/.test(lengthText))
      throw new Error(`length of packet ${tag} at byte ${at} is ${JSON.stringify(lengthText)}`);
    const end = at + 10 + Number(lengthText);
    if (end > bytes.length) throw new Error(`packet ${tag} at byte ${at} is cut short`);
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(at + 10, end));
    if (!/>\s*$/.test(text)) throw new Error(`length of packet ${tag} at byte ${at} does not end behind its document`);
    const root = parseDocument(text);
    if (tag !== '[xx]' && tag !== '[00]') headers.set(tag.slice(1, 3), root);
    packets.push({ tag, offset: at, root });
    at = end;
  }
  return packets;
}

function latin(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}

/** The root element of a document. */
export function parseDocument(text: string): Element {
  const open: Element[] = [];
  let root: Element | undefined;
  const token =
    /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<(\/?)([^\s/>]+)((?:\s+[^\s=]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|[^<]+|</g;
  for (const [all, closing, name, attributes, selfClosing] of text.matchAll(token)) {
    if (name === undefined) {
      if (all === '<') throw new Error(`bad markup in ${JSON.stringify(text.slice(0, 200))}`);
      continue;
    }
    if (closing === '/') {
      if (open.pop()?.name !== name) throw new Error(`</${name}> does not fit`);
      continue;
    }
    const element: Element = { name, attributes: parseAttributes(attributes ?? ''), children: [] };
    if (root !== undefined && open.length === 0) throw new Error('more than one root element');
    root ??= element;
    open.at(-1)?.children.push(element);
    if (selfClosing !== '/') open.push(element);
  }
  if (root === undefined || open.length > 0)
    throw new Error(`incomplete document ${JSON.stringify(text.slice(0, 200))}`);
  return root;
}

function parseAttributes(text: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name, double, single] of text.matchAll(/([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    if (attributes.has(name as string)) throw new Error(`attribute ${name} occurs twice`);
    attributes.set(name as string, decodeEntities((double ?? single ?? '').replace(/[\t\n\r]/g, ' ')));
  }
  return attributes;
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  return text.replace(/&(?:#x([\da-fA-F]+)|#(\d+)|(\w*));?/g, (all, hex, decimal, name) => {
    if (!all.endsWith(';')) throw new Error(`bare & in ${JSON.stringify(text)}`);
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    const plain = NAMED[name];
    if (plain === undefined) throw new Error(`unknown entity ${all}`);
    return plain;
  });
}
