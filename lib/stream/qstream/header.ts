/**
 * The model of QStream headers and packet descriptors, and their parsers (stream-format 14.1, 14.2).
 *
 * Contract: a descriptor keeps its XML tree, so everything that is not understood is written back; beside the tree stands the typed
 * view that decides the layout of a record. Changing a descriptor makes a new one (`withDatasets`). Writing is in qstream/writer.ts.
 * Errors: `streamHeader`, `packetHeader`, `valueEncoding`, `packetTooLarge`.
 */
import { Das2Error } from '../../error.js';
import { documentRoot } from '../document-root.js';
import { DEFAULT_FILL } from '../fill.js';
import { tagNumber } from '../scan-tags.js';
import { RECORD_LIMIT } from '../tag.js';
import { type TimeUnits, timeUnits } from '../units.js';
import { parseXml, type XmlElement, XmlFault } from '../xml.js';
import { parseQEncoding, type QEncoding } from './encoding.js';
import { propertiesOf, type QProperty } from './property.js';

export interface QStreamHeader {
  /** Id of the data set that a client shows; never missing, may be empty. */
  readonly datasetId: string;
  /** Byte order of all binary values: big endian where the header says nothing. */
  readonly littleEndian: boolean;
  readonly root: XmlElement;
}

/** Where the values of a data set are. */
export type QContent =
  | {
      readonly kind: 'streamed';
      readonly encoding: QEncoding;
      readonly lengths: readonly number[];
      /** Values in one record: the product of `lengths`. */
      readonly itemCount: number;
      /** Bytes from the start of the record to the first value. */
      readonly offset: number;
    }
  /** In the descriptor; one list for each `<values>`. */
  | { readonly kind: 'inline'; readonly slices: readonly (readonly string[])[] }
  /** In other data sets of the stream, named here. */
  | { readonly kind: 'bundle' | 'join'; readonly members: readonly string[] };

export interface QDataset {
  readonly id: string;
  readonly element: XmlElement;
  readonly properties: ReadonlyMap<string, QProperty>;
  readonly content: QContent;
}

export interface QDescriptor {
  readonly root: XmlElement;
  readonly datasets: readonly QDataset[];
  /** Bytes of one record without its four byte tag; 0 where all data are in the descriptor. */
  readonly recordSize: number;
}

/** True if this is the content of a QStream header: root `<stream>` with `dataset_id`. Never throws. */
export function isQStreamHeader(content: Uint8Array): boolean {
  // Cheap look first, so that a das2 stream is not parsed twice.
  if (!Buffer.from(content.buffer, content.byteOffset, content.length).includes('dataset_id')) return false;
  try {
    const root = parseXml(content);
    return root.name === 'stream' && root.attributes.has('dataset_id');
  } catch (error) {
    if (error instanceof XmlFault) return false;
    throw error;
  }
}

/** Parses the content of a `[00]` packet. */
export function parseQStreamHeader(content: Uint8Array): QStreamHeader {
  const root = documentRoot(content, 'streamHeader', 'the stream header');
  const datasetId = root.attributes.get('dataset_id');
  if (root.name !== 'stream' || datasetId === undefined) {
    throw new Das2Error('streamHeader', 'the stream header is no QStream header: <stream dataset_id="…"> is expected');
  }
  const order = root.attributes.get('byte_order') ?? 'big_endian';
  if (order !== 'big_endian' && order !== 'little_endian') {
    throw new Das2Error('streamHeader', 'byte_order of the stream header must be big_endian or little_endian');
  }
  return { datasetId, littleEndian: order === 'little_endian', root };
}

/** Parses the content of the packet descriptor of this id. */
export function parseQDescriptor(id: number, content: Uint8Array): QDescriptor {
  const where = `packet descriptor ${id}`;
  const root = documentRoot(content, 'packetHeader', where);
  if (root.name !== 'packet') throw new Das2Error('packetHeader', `${where} does not have the root element <packet>`);
  return descriptorFromRoot(root, where);
}

/** The descriptor whose data sets have these elements, in their order; everything else of the tree is kept. */
export function withDatasets(descriptor: QDescriptor, elements: readonly XmlElement[]): QDescriptor {
  let next = 0;
  const children = descriptor.root.children.map((child) =>
    child.name === 'qdataset' ? (elements[next++] ?? child) : child,
  );
  return descriptorFromRoot({ ...descriptor.root, children }, 'a packet descriptor');
}

function descriptorFromRoot(root: XmlElement, where: string): QDescriptor {
  const datasets: QDataset[] = [];
  let recordSize = 0;
  for (const child of root.children) {
    if (child.name !== 'qdataset') continue;
    const id = child.attributes.get('id') ?? '';
    const content = contentOf(child, `data set ${JSON.stringify(id.slice(0, 60))} of ${where}`, recordSize);
    if (content.kind === 'streamed') recordSize += content.itemCount * content.encoding.width;
    if (recordSize > RECORD_LIMIT) {
      throw new Das2Error('packetTooLarge', `${where} defines records of more than ${RECORD_LIMIT} bytes`);
    }
    datasets.push({ id, element: child, properties: propertiesOf(child), content });
  }
  if (datasets.length === 0) throw new Das2Error('packetHeader', `${where} has no data sets`);
  return { root, datasets, recordSize };
}

function contentOf(dataset: XmlElement, where: string, offset: number): QContent {
  const values = dataset.children.filter((child) => child.name === 'values');
  const bundles = dataset.children
    .filter((child) => child.name === 'bundle')
    .map((child) => child.attributes.get('id') ?? '');
  if (bundles.length > 0) return { kind: 'bundle', members: bundles };
  const first = values[0];
  if (first === undefined) throw new Das2Error('packetHeader', `${where} has neither values nor members`);
  for (const kind of ['bundle', 'join'] as const) {
    const list = first.attributes.get(kind);
    if (list !== undefined) return { kind, members: list.split(',').map((member) => member.trim()) };
  }
  const lists = values.map(inlineText);
  if (lists[0] !== undefined) return { kind: 'inline', slices: lists.map((list) => inlineItems(list ?? '')) };
  if (values.length > 1) throw new Das2Error('packetHeader', `${where} has more than one <values> without data in it`);
  const name = first.attributes.get('encoding');
  if (name === undefined) throw new Das2Error('packetHeader', `${where} has no encoding`);
  const encoding = parseQEncoding(name.trim(), where);
  const lengths = parseLengths(first.attributes.get('length') ?? '');
  if (lengths === undefined)
    throw new Das2Error('packetHeader', `${where} has a length that is no list of whole numbers`);
  const itemCount = lengths.reduce((product, length) => product * length, 1);
  if (itemCount * encoding.width > RECORD_LIMIT) {
    throw new Das2Error('packetTooLarge', `${where} has ${itemCount} values, too many for one record`);
  }
  return { kind: 'streamed', encoding, lengths, itemCount, offset };
}

/** The in-line data of a `<values>` element as text, undefined when it has none. */
export function inlineText(values: XmlElement): string | undefined {
  return values.attributes.get('values') ?? values.attributes.get('inline');
}

/** The numbers of in-line data, each still as text. */
export function inlineItems(text: string): readonly string[] {
  return text.trim() === '' ? [] : text.split(',').map((item) => item.trim());
}

/** Reads a `length` attribute: empty means one value, `3,4` means twelve. Undefined when it is no list of whole numbers. */
export function parseLengths(text: string): readonly number[] | undefined {
  if (text.trim() === '') return [];
  const lengths = text.split(',').map((part) => (/^\s*\d{1,9}\s*$/.test(part) ? Number(part) : 0));
  return lengths.includes(0) ? undefined : lengths;
}

/** UNITS of a data set; empty where there are none or where they are nominal. */
export function unitsOf(dataset: QDataset): string {
  const units = dataset.properties.get('UNITS');
  return units === undefined || isNominal(dataset) ? '' : (units.value ?? '');
}

/** True if the values of the data set stand for words (stream-format 14.4). */
export function isNominal(dataset: QDataset): boolean {
  return dataset.properties.get('UNITS')?.type === 'enumerationUnit';
}

/** The fill value of a data set: FILL_VALUE, else -1e31. */
export function fillOf(dataset: QDataset): number {
  const text = dataset.properties.get('FILL_VALUE')?.value ?? '';
  return /^\s*nan\s*$/i.test(text) ? Number.NaN : (tagNumber(text) ?? DEFAULT_FILL);
}

export interface TimeAxis {
  readonly dataset: QDataset;
  readonly encoding: QEncoding;
  readonly units: TimeUnits;
}

/**
 * The time axis of a packet type, if its records are a time series: the first data set, with one value a record, not in-line, in
 * time units (stream-format 14.3).
 */
export function timeAxis(descriptor: QDescriptor): TimeAxis | undefined {
  const dataset = descriptor.datasets[0];
  if (dataset?.content.kind !== 'streamed' || dataset.content.lengths.length > 0) return undefined;
  const units = timeUnits(unitsOf(dataset));
  return units === undefined ? undefined : { dataset, encoding: dataset.content.encoding, units };
}
