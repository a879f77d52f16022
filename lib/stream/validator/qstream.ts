/**
 * Checks QStream headers and packet descriptors (stream-format 14.1, 14.2).
 *
 * Contract: takes root elements that were parsed, reports, and answers the layout of records. Names of axes and members may be
 * defined later in the stream, so they are checked in `end`. Properties are checked in validator/qstream-properties.ts.
 */
import { parseQEncoding, type QEncoding } from '../qstream/encoding.js';
import { inlineItems, inlineText, parseLengths } from '../qstream/header.js';
import { propertiesOf } from '../qstream/property.js';
import { timeUnits } from '../units.js';
import type { XmlElement } from '../xml.js';
import { type Findings, type Place, quoted } from './findings.js';
import { isTime, matchesSyntax } from './properties.js';
import { checkQProperties } from './qstream-properties.js';
import type { RecordLayout, ValueColumn, XColumn } from './records.js';
import { checkAttributes } from './xml.js';

const STREAM_ATTRIBUTES: ReadonlySet<string> = new Set(['dataset_id', 'byte_order', 'version', 'compression']);
const NONE: ReadonlySet<string> = new Set();
const DATASET_ATTRIBUTES: ReadonlySet<string> = new Set(['id', 'rank', 'joinId']);
const VALUES_ATTRIBUTES: ReadonlySet<string> = new Set([
  'encoding',
  'length',
  'values',
  'inline',
  'index',
  'bundle',
  'join',
]);

/** Names that are remembered; a stream that invents ids without end is not checked for references. */
const MAXIMUM_NAMES = 10_000;
const LONGEST_NAME = 200;
const CLIENT_RECORD_LIMIT = 1_000_000;

export class QStreamChecker {
  private littleEndian = false;
  private datasetId = '';
  private headerPlace: Place = { offset: 0, packet: '00' };
  private readonly defined = new Set<string>();
  private readonly wanted = new Map<string, Place>();

  constructor(private readonly findings: Findings) {}

  /** Checks a `<stream>` element with `dataset_id`. */
  header(root: XmlElement, place: Place): void {
    const { findings } = this;
    checkAttributes(root, STREAM_ATTRIBUTES, 'q-attribute', place, findings);
    this.headerPlace = place;
    this.datasetId = root.attributes.get('dataset_id') ?? '';
    const order = root.attributes.get('byte_order') ?? 'big_endian';
    this.littleEndian = order === 'little_endian';
    if (order !== 'big_endian' && order !== 'little_endian') {
      findings.add('q-header', place, () => `byte_order is ${quoted(order)}`);
    }
    const compression = root.attributes.get('compression') ?? 'none';
    if (compression !== 'none' && compression !== '') {
      findings.add('q-header', place, () => `the QStream says compression ${quoted(compression)}`);
    }
  }

  /** Checks a `<packet>` element; undefined when its records cannot be read. */
  descriptor(root: XmlElement, place: Place): RecordLayout | undefined {
    const { findings } = this;
    checkAttributes(root, NONE, 'q-attribute', place, findings);
    const datasets = root.children.filter(({ name }) => name === 'qdataset');
    for (const { name } of root.children) {
      if (name !== 'qdataset') findings.add('q-element', place, () => `<${name.slice(0, 40)}> stands in <packet>`);
    }
    if (datasets.length === 0) {
      findings.add('q-no-datasets', place, 'the packet has no data sets');
      return undefined;
    }
    const columns: ValueColumn[] = [];
    const ids = new Set<string>();
    let x: XColumn | undefined;
    let size = 0;
    let known = true;
    for (const [index, element] of datasets.entries()) {
      this.identify(element, ids, place);
      const content = this.content(element, place);
      checkQProperties(element, { place, findings, refer: (name) => this.refer(name, place) });
      if (content === undefined) known = false;
      if (content?.kind !== 'streamed') continue;
      const { encoding, itemCount } = content;
      const label = datasetLabel(element);
      const column = { label, encoding, littleEndian: this.littleEndian, offset: size, itemCount };
      columns.push(column);
      size += encoding.width * itemCount;
      if (index === 0 && content.scalar) x = timeColumn(column, element);
    }
    if (size > CLIENT_RECORD_LIMIT) findings.add('q-record-limit', place, `a record has ${size} bytes`);
    return known ? { size, columns, x, family: 'qstream' } : undefined;
  }

  /** Checks at the end of the stream that all names that were used are defined. */
  end(): void {
    if (this.defined.size === 0 || this.defined.size >= MAXIMUM_NAMES) return;
    if (this.datasetId.length <= LONGEST_NAME && !this.defined.has(this.datasetId)) {
      this.findings.add(
        'q-reference',
        this.headerPlace,
        () => `no data set has the dataset_id ${quoted(this.datasetId)}`,
      );
    }
    for (const [name, place] of this.wanted) {
      if (!this.defined.has(name))
        this.findings.add('q-reference', place, () => `there is no data set ${quoted(name)}`);
    }
  }

  private identify(element: XmlElement, ids: Set<string>, place: Place): void {
    const { findings } = this;
    checkAttributes(element, DATASET_ATTRIBUTES, 'q-attribute', place, findings);
    const id = element.attributes.get('id') ?? '';
    if (id === '') findings.add('q-id', place, 'a data set has no id');
    else if (ids.has(id)) findings.add('q-id', place, () => `two data sets of the packet have the id ${quoted(id)}`);
    ids.add(id);
    const join = element.attributes.get('joinId');
    for (const name of [id, join]) {
      if (name !== undefined && isNameKept(name, this.defined.size)) this.defined.add(name);
    }
    for (const child of element.children) {
      if (child.name !== 'properties' && child.name !== 'values' && child.name !== 'bundle') {
        findings.add('q-element', place, () => `<${child.name.slice(0, 40)}> stands in <qdataset>`);
      }
    }
  }

  private refer(name: string, place: Place): void {
    if (isNameKept(name, this.wanted.size) && !this.wanted.has(name)) this.wanted.set(name, place);
  }

  private content(element: XmlElement, place: Place): Content | undefined {
    const { findings } = this;
    const label = datasetLabel(element);
    const values = element.children.filter(({ name }) => name === 'values');
    for (const one of values) checkAttributes(one, VALUES_ATTRIBUTES, 'q-attribute', place, findings);
    const bundles = element.children.filter(({ name }) => name === 'bundle');
    const lists = values.flatMap(({ attributes }) => [attributes.get('bundle'), attributes.get('join')]);
    const members = [
      ...bundles.map(({ attributes }) => attributes.get('id') ?? ''),
      ...lists.flatMap((list) => list?.split(',') ?? []),
    ];
    for (const member of members) this.refer(member.trim(), place);
    if (members.length > 0) return { kind: 'elsewhere' };
    const inline = values.filter((one) => inlineText(one) !== undefined);
    if (inline.length > 0) {
      for (const one of inline) this.inline(one, label, place);
      return { kind: 'elsewhere' };
    }
    const first = values[0];
    if (first === undefined || values.length > 1) {
      findings.add(
        'q-values',
        place,
        `${label} has ${values.length === 0 ? 'neither values nor members' : 'several values'}`,
      );
      return undefined;
    }
    return this.streamed(element, first, place);
  }

  private streamed(element: XmlElement, values: XmlElement, place: Place): Content | undefined {
    const { findings } = this;
    const label = datasetLabel(element);
    const encoding = this.encoding(values, label, place);
    const lengths = this.lengths(values, label, place);
    if (encoding === undefined || lengths === undefined) return undefined;
    const rank = element.attributes.get('rank');
    if (rank !== undefined && rank.trim() !== String(lengths.length + 1)) {
      findings.add('q-rank', place, () => `${label} has rank ${quoted(rank)}, its length means ${lengths.length + 1}`);
    }
    const itemCount = lengths.reduce((product, length) => product * length, 1);
    return { kind: 'streamed', encoding, itemCount, scalar: lengths.length === 0 };
  }

  private encoding(values: XmlElement, label: string, place: Place): QEncoding | undefined {
    const name = values.attributes.get('encoding');
    try {
      return parseQEncoding((name ?? '').trim());
    } catch {
      const found = name === undefined ? 'no encoding' : `the encoding ${quoted(name)}`;
      this.findings.add('q-encoding', place, () => `${label} has ${found}`);
      return undefined;
    }
  }

  private lengths(values: XmlElement, label: string, place: Place): readonly number[] | undefined {
    const text = values.attributes.get('length') ?? '';
    const lengths = parseLengths(text);
    if (lengths === undefined) this.findings.add('q-length', place, () => `${label} has the length ${quoted(text)}`);
    return lengths;
  }

  private inline(values: XmlElement, label: string, place: Place): void {
    const { findings } = this;
    const items = inlineItems(inlineText(values) ?? '');
    const times = values.attributes.get('encoding')?.startsWith('time') === true;
    const wrong = items.find((item) => !(matchesSyntax('real', item) || (times && isTime(item))));
    if (wrong !== undefined)
      findings.add('q-inline', place, () => `${label} has ${quoted(wrong)} among its in-line data`);
    const text = values.attributes.get('length') ?? '';
    const lengths = text === '' ? undefined : this.lengths(values, label, place);
    const count = lengths?.reduce((product, length) => product * length, 1);
    if (count !== undefined && count !== items.length) {
      findings.add('q-inline', place, () => `${label} has ${items.length} in-line values, its length says ${count}`);
    }
  }
}

type Content =
  | { readonly kind: 'elsewhere' }
  | { readonly kind: 'streamed'; readonly encoding: QEncoding; readonly itemCount: number; readonly scalar: boolean };

function isNameKept(name: string, count: number): boolean {
  return count < MAXIMUM_NAMES && name.length <= LONGEST_NAME;
}

function datasetLabel(element: XmlElement): string {
  return `data set ${quoted(element.attributes.get('id') ?? '')}`;
}

function timeColumn(column: ValueColumn, element: XmlElement): XColumn | undefined {
  const properties = propertiesOf(element);
  const name = properties.get('UNITS');
  const units = name?.type === 'enumerationUnit' ? undefined : timeUnits(name?.value ?? '');
  if (units === undefined) return undefined;
  const monotonic = properties.get('MONOTONIC')?.value === 'true';
  return { column, units, monotonic, toUs2000: (value) => units.toUs2000(value) };
}
