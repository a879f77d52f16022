/**
 * Parses the content of `[00]`, `[NN]` and `[xx]` packets into the models of header.ts and message.ts.
 *
 * Contract: everything a filter does not own is kept as text (stream-format 3, 4.2). Faults are coded by where they are: `streamHeader`
 * (status 19), `packetHeader` (18), `plane` (17), `valueEncoding` (14, by encoding.ts), `packetTooLarge` (12), `message` (20).
 * Streams of other families are told apart here: a QStream header, das 3 headers, an exception in the place of the header.
 */
import { Das2Error, type ErrorCode } from '../error.js';
import { documentRoot } from './document-root.js';
import { parseEncoding } from './encoding.js';
import {
  type PacketHeader,
  type Plane,
  type PlaneElement,
  planeSize,
  type StreamHeader,
  unitsAttribute,
} from './header.js';
import type { Comment, StreamException } from './message.js';
import { type Properties, propertyFromAttribute } from './properties.js';
import { faultOfTags } from './scan-tags.js';
import { RECORD_LIMIT } from './tag.js';
import type { XmlElement } from './xml.js';

const PLANE_ELEMENTS: ReadonlySet<string> = new Set<PlaneElement>(['x', 'y', 'z', 'yscan', 'xscan']);

/** Parses the content of a stream header packet. */
export function parseStreamHeader(content: Uint8Array): StreamHeader {
  const root = documentRoot(content, 'streamHeader', 'the stream header');
  if (root.name === 'exception') {
    const { type, message } = exceptionFromElement(root);
    throw new Das2Error('streamHeader', `the input is an error report instead of a stream: ${type}: ${message}`, {
      data: { exceptionType: type, exceptionMessage: message },
    });
  }
  if (root.name !== 'stream') {
    throw new Das2Error('streamHeader', `the stream header has the root element <${brief(root.name)}>, not <stream>`);
  }
  if (root.attributes.has('dataset_id')) throw new Das2Error('streamHeader', 'QStream input is not supported');
  const version = root.attributes.get('version') ?? '';
  if (isDas3Header(root)) throw das3Error();
  const compression = (root.attributes.get('compression') ?? '').trim();
  const compressed = compression === 'deflate' || compression === 'zlib';
  if (!compressed && compression !== '' && compression !== 'none') {
    throw new Das2Error(
      'streamHeader',
      `unknown compression ${JSON.stringify(brief(compression))}, expected none or deflate`,
    );
  }
  for (const child of root.children) {
    if (child.name !== 'properties') {
      throw new Das2Error('streamHeader', `unexpected element <${brief(child.name)}> in the stream header`);
    }
  }
  return { version, compressed, properties: ownProperties(root, 'streamHeader', 'the stream header') };
}

/** True for the stream header of das 3, by its version or its type (stream-format 10.3). */
export function isDas3Header({ attributes }: XmlElement): boolean {
  return /^\s*3(?:\.|\s*$)/.test(attributes.get('version') ?? '') || attributes.get('type') === 'das-basic-stream';
}

/** The error of every packet that only das 3 has (stream-format 10.3). */
export function das3Error(): Das2Error {
  return new Das2Error('streamHeader', 'das 3 stream: this program reads das2 streams of version 2 only');
}

/** Parses the content of the packet header of this id. */
export function parsePacketHeader(id: number, content: Uint8Array): PacketHeader {
  const where = `packet header ${id}`;
  const root = documentRoot(content, 'packetHeader', where);
  if (root.name === 'dataset') throw das3Error();
  if (root.name !== 'packet') {
    throw new Das2Error('packetHeader', `${where} has the root element <${brief(root.name)}>, not <packet>`);
  }
  const planes: Plane[] = [];
  let size = 0;
  for (const child of root.children) {
    if (child.name === 'properties') continue;
    if (!PLANE_ELEMENTS.has(child.name)) {
      throw new Das2Error('packetHeader', `unexpected element <${brief(child.name)}> in ${where}`);
    }
    const plane = planeFromElement(child, where);
    size += planeSize(plane);
    if (size > RECORD_LIMIT) {
      throw new Das2Error('packetTooLarge', `${where} defines records of more than ${RECORD_LIMIT} bytes`);
    }
    planes.push(plane);
  }
  if (planes.length === 0) throw new Das2Error('packetHeader', `${where} has no planes`);
  return { group: root.attributes.get('group'), planes, properties: ownProperties(root, 'packetHeader', where) };
}

/** What an `[xx]` packet says; undefined for an element that is neither comment nor exception, which is dropped (8.3). */
export type Message =
  | { readonly kind: 'comment'; readonly comment: Comment }
  | { readonly kind: 'exception'; readonly exception: StreamException };

/** Parses the content of an `[xx]` packet. */
export function parseMessage(content: Uint8Array): Message | undefined {
  const root = documentRoot(content, 'message', 'a comment or exception packet');
  if (root.name === 'exception') return { kind: 'exception', exception: exceptionFromElement(root) };
  if (root.name !== 'comment') return undefined;
  const { attributes } = root;
  const comment = {
    type: attributes.get('type') ?? '',
    source: attributes.get('source') ?? '',
    value: attributes.get('value') ?? root.text.trim(),
  };
  return { kind: 'comment', comment };
}

function exceptionFromElement(root: XmlElement): StreamException {
  return { type: root.attributes.get('type') ?? '', message: root.attributes.get('message') ?? root.text.trim() };
}

function planeFromElement(element: XmlElement, where: string): Plane {
  const attributes = new Map(element.attributes);
  const take = (key: string): string | undefined => {
    const value = attributes.get(key);
    attributes.delete(key);
    return value;
  };
  const kind = element.name as PlaneElement;
  const name = take('name');
  const label = `<${kind}>${name ? ` ${JSON.stringify(brief(name))}` : ''} in ${where}`;
  const type = take('type');
  if (type === undefined) throw new Das2Error('plane', `${label} has no type`);
  const encoding = parseEncoding(type.trim(), label);
  const units = take(unitsAttribute(kind));
  if (units === undefined && encoding.kind !== 'time' && kind !== 'xscan') {
    throw new Das2Error('plane', `${label} has no ${unitsAttribute(kind)}`);
  }
  let itemCount = 1;
  if (kind === 'yscan' || kind === 'xscan') {
    const text = take('nitems') ?? '';
    itemCount = /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : 0;
    if (itemCount < 1) throw new Das2Error('plane', `${label} needs nitems, a whole number of at least 1`);
    if (itemCount * encoding.width > RECORD_LIMIT) {
      throw new Das2Error('packetTooLarge', `${label} has ${itemCount} items, too many for one record`);
    }
  }
  const properties = ownProperties(element, 'plane', label);
  for (const child of element.children) {
    if (child.name !== 'properties') {
      throw new Das2Error('plane', `unexpected element <${brief(child.name)}> in ${label}`);
    }
  }
  const plane = { element: kind, name, encoding, units, itemCount, attributes, properties };
  if (itemCount > 1 || kind === 'yscan' || kind === 'xscan') {
    const fault = faultOfTags(plane);
    if (fault !== undefined) throw new Das2Error('plane', `${label} ${fault}`);
  }
  return plane;
}

function ownProperties(owner: XmlElement, code: ErrorCode, where: string): Properties {
  const elements = owner.children.filter((child) => child.name === 'properties');
  if (elements.length > 1) throw new Das2Error(code, `more than one <properties> in ${where}`);
  return [...(elements[0]?.attributes ?? [])].map(([key, value]) => propertyFromAttribute(key, value));
}

/** Foreign text in a message: short, so a hostile header cannot fill the log. */
function brief(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
