/**
 * Checks one plane of a packet header: type, units, name, items and tags (stream-format 3.3, 5, 6.1, 10.1).
 *
 * Contract: every departure is reported on its own; the answer tells only what the layout of the record needs. A plane whose size
 * cannot be known gives undefined, and records of its packet cannot be read then.
 */
import { type Encoding, parseEncoding } from '../encoding.js';
import type { PlaneElement } from '../header.js';
import { findProperty, type Properties } from '../properties.js';
import { tagNumber } from '../scan-tags.js';
import { intervalSeconds, timeUnits } from '../units.js';
import type { XmlElement } from '../xml.js';
import { type Findings, type Place, quoted } from './findings.js';
import { checkProperties, isTime } from './properties.js';
import { checkAttributes, checkNoText } from './xml.js';

export interface PlaneFacts {
  readonly element: PlaneElement;
  readonly name: string;
  readonly label: string;
  readonly units: string | undefined;
  readonly base: string | undefined;
  readonly properties: Properties;
  /** Undefined when type or number of items cannot be read. */
  readonly layout: { readonly encoding: Encoding; readonly itemCount: number } | undefined;
}

const SCAN_LATER = ['xOffsets', 'xOffsetInterval', 'xOffsetMin', 'xUnits'] as const;
const Y_LATER = ['yOffsets', 'yOffsetInterval', 'yOffsetMin'] as const;

const KNOWN: Readonly<Record<PlaneElement, ReadonlySet<string>>> = {
  x: new Set(['type', 'name', 'units', 'base']),
  y: new Set(['type', 'name', 'units']),
  z: new Set(['type', 'name', 'units']),
  yscan: new Set([
    ...['type', 'name', 'zUnits', 'yUnits', 'nitems', 'yTags', 'yTagInterval', 'yTagMin', 'yTagMax'],
    ...SCAN_LATER,
    ...Y_LATER,
  ]),
  xscan: new Set(['type', 'name', 'yUnits', 'nitems', ...SCAN_LATER]),
};

/** True if this is the name of a plane element. */
export function isPlaneElement(name: string): name is PlaneElement {
  return Object.hasOwn(KNOWN, name);
}

/** Checks the plane and says what it is. `version` is that of the stream header. */
export function checkPlane(
  element: XmlElement & { readonly name: PlaneElement },
  version: string,
  place: Place,
  findings: Findings,
): PlaneFacts {
  const kind = element.name;
  const { attributes } = element;
  const name = attributes.get('name') ?? '';
  const label = `<${kind}>${name === '' ? '' : ` ${quoted(name)}`}`;
  const plane: Plane = { element, kind, label, place, findings };
  checkAttributes(element, KNOWN[kind], 'unknown-attribute', place, findings);
  checkNoText(element, place, findings);
  if (!/^[A-Za-z0-9_.]*$/.test(name)) {
    findings.add('name-characters', place, () => `the name of ${label} has unusual characters`);
  }
  const encoding = checkType(plane);
  checkUnits(plane, encoding);
  const scan = kind === 'yscan' || kind === 'xscan';
  const itemCount = scan ? checkItems(plane) : 1;
  if (scan && itemCount !== undefined) checkTags(plane, itemCount);
  const later = [...SCAN_LATER, ...Y_LATER].find((key) => attributes.has(key));
  if ((kind === 'xscan' || (kind === 'yscan' && later !== undefined)) && version !== '2.3') {
    const what = kind === 'xscan' ? '<xscan>' : `${label} with ${later}`;
    findings.add('later-version', place, () => `${what} is of version 2.3, the stream header says ${quoted(version)}`);
  }
  const layout = encoding === undefined || itemCount === undefined ? undefined : { encoding, itemCount };
  const units = attributes.get(UNITS[kind]);
  return { element: kind, name, label, units, base: attributes.get('base'), properties: checkChildren(plane), layout };
}

interface Plane {
  readonly element: XmlElement;
  readonly kind: PlaneElement;
  readonly label: string;
  readonly place: Place;
  readonly findings: Findings;
}

const UNITS: Readonly<Record<PlaneElement, 'units' | 'zUnits' | 'yUnits'>> = {
  x: 'units',
  y: 'units',
  z: 'units',
  yscan: 'zUnits',
  xscan: 'yUnits',
};

function checkType({ element, label, place, findings }: Plane): Encoding | undefined {
  const type = element.attributes.get('type');
  if (type === undefined) {
    findings.add('type-missing', place, `${label} has no type`);
    return undefined;
  }
  let encoding: Encoding;
  try {
    encoding = parseEncoding(type.trim());
  } catch {
    findings.add('type-unknown', place, `${label} has the type ${quoted(type)}`);
    return undefined;
  }
  const { kind, width } = encoding;
  const narrow = (kind === 'ascii' && width < 9) || (kind === 'time' && width > 31) || (kind === 'ascii' && width > 24);
  if (narrow) findings.add('text-width', place, `${label} has the type ${quoted(type)}`);
  return encoding;
}

function checkUnits({ element, kind, label, place, findings }: Plane, encoding: Encoding | undefined): void {
  const key = UNITS[kind];
  const units = element.attributes.get(key);
  const isTimeText = encoding?.kind === 'time';
  if (units === undefined && !isTimeText && kind !== 'xscan' && encoding !== undefined) {
    findings.add('units-missing', place, `${label} has no ${key}`);
  }
  if (units === 'UTC' && !isTimeText && encoding !== undefined) {
    findings.add('utc-as-number', place, `${label} has the units UTC, but its type ${encoding.type} is no time text`);
  }
  if (units !== undefined && isTimeText && timeUnits(units) === undefined) {
    findings.add('client-time-units', place, () => `${label} is time text in the units ${quoted(units)}`);
  }
  const base = element.attributes.get('base');
  if (kind !== 'x' || base === undefined) return;
  if (!isTime(base)) findings.add('base-time', place, () => `base of ${label} is ${quoted(base)}, which is no time`);
  else if (intervalSeconds(units ?? '') === undefined) {
    findings.add(
      'base-time',
      place,
      () => `${label} has a base, but its units ${quoted(units ?? '')} are no time interval`,
    );
  }
}

function checkItems({ element, label, place, findings }: Plane): number | undefined {
  const text = element.attributes.get('nitems');
  const count = /^\s*\d{1,9}\s*$/.test(text ?? '') ? Number(text) : 0;
  if (count >= 1) return count;
  const found = text === undefined ? 'no nitems' : `nitems ${quoted(text)}`;
  findings.add('item-count', place, () => `${label} has ${found}`);
  return undefined;
}

function checkTags(plane: Plane, itemCount: number): void {
  if (plane.kind === 'yscan') {
    checkTagAttributes(plane, itemCount, {
      list: 'yTags',
      interval: 'yTagInterval',
      first: 'yTagMin',
      last: 'yTagMax',
    });
    checkTagAttributes(plane, itemCount, { list: 'yOffsets', interval: 'yOffsetInterval', first: 'yOffsetMin' });
  }
  checkTagAttributes(plane, itemCount, { list: 'xOffsets', interval: 'xOffsetInterval', first: 'xOffsetMin' });
}

interface TagNames {
  readonly list: string;
  readonly interval: string;
  readonly first: string;
  readonly last?: string;
}

function checkTagAttributes({ element, label, place, findings }: Plane, itemCount: number, names: TagNames): void {
  const get = (key: string | undefined): string | undefined =>
    key === undefined ? undefined : element.attributes.get(key);
  const list = get(names.list);
  const interval = get(names.interval);
  const first = get(names.first);
  const last = get(names.last);
  const bad = (key: string, text: string): void =>
    findings.add('tag-number', place, () => `${label} has ${key} ${quoted(text)}`);
  if (list !== undefined) {
    const tags = list.split(',');
    if (tags.length !== itemCount) {
      findings.add(
        'tag-count',
        place,
        () => `${label} has ${tags.length} values in ${names.list} for ${itemCount} items`,
      );
    }
    const wrong = tags.find((tag) => tagNumber(tag) === undefined);
    if (wrong !== undefined) bad(`in ${names.list} the tag`, wrong);
  }
  if (interval !== undefined && !((tagNumber(interval) ?? 0) > 0)) bad(names.interval, interval);
  if (first !== undefined && tagNumber(first) === undefined) bad(names.first, first);
  if (last !== undefined && tagNumber(last) === undefined) bad(names.last ?? '', last);
  const ends = first !== undefined || last !== undefined;
  if (list !== undefined ? interval !== undefined || ends : interval === undefined && ends) {
    const other = list === undefined ? `no ${names.interval}` : `both ${names.list} and other tag attributes`;
    findings.add('tags-ignored', place, () => `${label} has ${other}`);
  }
  if (list === undefined && interval !== undefined && last !== undefined && first === undefined) {
    findings.add('client-last-tag', place, () => `${label} has ${names.last} without ${names.first}`);
  }
}

function checkChildren({ element, label, place, findings }: Plane): Properties {
  const properties: Properties[] = [];
  for (const child of element.children) {
    if (child.name !== 'properties' || properties.length > 0) {
      findings.add('unexpected-element', place, () => `<${child.name.slice(0, 40)}> stands in ${label}`);
      continue;
    }
    properties.push(checkPropertiesElement(child, place, findings));
  }
  return properties[0] ?? [];
}

/** Checks a `<properties>` element with everything that may be wrong around its attributes. */
export function checkPropertiesElement(element: XmlElement, place: Place, findings: Findings): Properties {
  checkNoText(element, place, findings);
  for (const child of element.children) {
    findings.add('unexpected-element', place, () => `<${child.name.slice(0, 40)}> stands in <properties>`);
  }
  return checkProperties(element, place, findings);
}

/** True if a property of one of these names says `true`; the first list that has one of them decides. */
export function isSaid(names: readonly string[], ...lists: readonly Properties[]): boolean {
  for (const properties of lists) {
    for (const name of names) {
      const property = findProperty(properties, name);
      if (property !== undefined) return property.value.trim().toLowerCase() === 'true';
    }
  }
  return false;
}
