/**
 * Properties of QStream data sets, and the small languages inside their values (stream-format 14.2).
 *
 *     rank0dataset = number { " " type ":" NAME "=" value }          60.0 units:UNITS=s
 *     cacheTag     = range " @ " ( "intrinsic" | resolution )        2010-01-01 to 2010-01-02 @ 60 s
 *     enumeration  = name "[" [ number ":" label { "::" number ":" label } [ "::" ] ] "]"
 *
 * Contract: texts that are not understood give undefined and are passed on as they are; nothing here throws.
 */
import { tagNumber } from '../scan-tags.js';
import { intervalSeconds } from '../units.js';
import type { XmlElement } from '../xml.js';

export interface QProperty {
  readonly name: string;
  /** The type word; empty when there is none. */
  readonly type: string;
  /** Undefined when the property holds an element instead. */
  readonly value: string | undefined;
}

/** The properties of a `<qdataset>` by name; the last of a name wins. Slices of a join (`<properties index=…>`) are left out. */
export function propertiesOf(dataset: XmlElement): ReadonlyMap<string, QProperty> {
  const found = new Map<string, QProperty>();
  for (const owner of dataset.children) {
    if (owner.name !== 'properties' || owner.attributes.has('index')) continue;
    for (const { name: element, attributes } of owner.children) {
      const name = attributes.get('name');
      if (element !== 'property' || name === undefined) continue;
      found.set(name, { name, type: attributes.get('type') ?? '', value: attributes.get('value') });
    }
  }
  return found;
}

/** The `<qdataset>` with another value of the property of that name; without that property it stays as it is. */
export function withPropertyValue(dataset: XmlElement, name: string, value: string): XmlElement {
  const change = (element: XmlElement): XmlElement =>
    element.name === 'property' && element.attributes.get('name') === name && element.attributes.has('value')
      ? { ...element, attributes: new Map([...element.attributes, ['value', value]]) }
      : element;
  const children = dataset.children.map((child) =>
    child.name === 'properties' && !child.attributes.has('index')
      ? { ...child, children: child.children.map(change) }
      : child,
  );
  return { ...dataset, children };
}

export interface Rank0 {
  readonly value: number;
  /** NAME to value; UNITS is the one that matters. */
  readonly properties: ReadonlyMap<string, string>;
}

const RANK0_PROPERTY = /\s(\w+):(\w+)=/g;

/** Reads the text of a `rank0dataset`. */
export function parseRank0(text: string): Rank0 | undefined {
  const marks = [...text.matchAll(RANK0_PROPERTY)];
  const head = text.slice(0, marks[0]?.index ?? text.length);
  const value = tagNumber(head);
  if (value === undefined) return undefined;
  const properties = new Map<string, string>();
  for (const [index, mark] of marks.entries()) {
    const from = mark.index + mark[0].length;
    properties.set(mark[2] ?? '', text.slice(from, marks[index + 1]?.index ?? text.length).trim());
  }
  return { value, properties };
}

/**
 * The text of a CADENCE that is at least `seconds` long, in the units it has; the same text when it is longer already, or when its
 * units are no time interval.
 */
export function widenCadence(text: string, seconds: number): string {
  const old = parseRank0(text);
  const unit = intervalSeconds(old?.properties.get('UNITS') ?? '');
  if (old === undefined || unit === undefined || old.value * unit >= seconds) return text;
  const head = text.search(/\s\w+:\w+=/);
  return decimal(seconds / unit) + (head < 0 ? '' : text.slice(head));
}

export interface CacheTag {
  readonly range: string;
  /** Text behind the `@`: `intrinsic` or a number of seconds with its unit. */
  readonly resolution: string;
}

/** Reads the text of a `cacheTag`. */
export function parseCacheTag(text: string): CacheTag | undefined {
  const at = text.lastIndexOf(' @ ');
  const range = text.slice(0, Math.max(at, 0)).trim();
  const resolution = text.slice(at + 3).trim();
  return range === '' || resolution === '' ? undefined : { range, resolution };
}

/** Writes the text of a `cacheTag`. */
export function formatCacheTag(tag: CacheTag): string {
  return `${tag.range} @ ${tag.resolution}`;
}

/** A number of seconds as the resolution of a cache tag. */
export function cacheTagResolution(seconds: number): string {
  return `${decimal(seconds)} s`;
}

function decimal(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? value.toFixed(1) : String(value);
}

export interface Enumeration {
  readonly name: string;
  readonly labels: ReadonlyMap<number, string>;
}

/** Reads the text of an `enumerationUnit`. */
export function parseEnumeration(text: string): Enumeration | undefined {
  const match = /^([^[]*)\[(.*)\]\s*$/s.exec(text);
  if (match === null) return undefined;
  const labels = new Map<number, string>();
  const list = (match[2] ?? '').replace(/::$/, '');
  for (const item of list === '' ? [] : list.split('::')) {
    const colon = item.indexOf(':');
    const value = colon < 0 ? undefined : tagNumber(item.slice(0, colon));
    if (value === undefined) return undefined;
    labels.set(value, item.slice(colon + 1));
  }
  return { name: (match[1] ?? '').trim(), labels };
}
