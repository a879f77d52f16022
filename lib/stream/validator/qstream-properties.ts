/**
 * Checks the `<properties>` of a QStream data set: names, type words and the syntax of every value (stream-format 14.2).
 */
import { parseCacheTag, parseEnumeration, parseRank0 } from '../qstream/property.js';
import { intervalSeconds } from '../units.js';
import type { XmlElement } from '../xml.js';
import { type Findings, type Place, quoted } from './findings.js';
import { matchesSyntax } from './properties.js';

export interface QPropertyContext {
  readonly place: Place;
  readonly findings: Findings;
  /** Notes the name of a data set that has to be defined somewhere. */
  refer(name: string): void;
}

type Test = (value: string) => boolean;

const anything: Test = () => true;

/** Type word to the test of a value. */
const TYPES: ReadonlyMap<string, Test> = new Map<string, Test>([
  ['String', anything],
  ['Double', (value) => matchesSyntax('real', value)],
  ['Integer', (value) => matchesSyntax('integer', value)],
  ['Long', (value) => matchesSyntax('integer', value)],
  ['Boolean', (value) => matchesSyntax('boolean', value)],
  ['Number', (value) => matchesSyntax('real', value)],
  ['units', anything],
  ['enumerationUnit', (value) => parseEnumeration(value) !== undefined],
  ['qdataset', (value) => value.trim() !== ''],
  ['rank0dataset', (value) => parseRank0(value) !== undefined],
  ['cacheTag', isCacheTag],
  ['datumRange', (value) => matchesSyntax('range', value)],
  ['map', anything],
  ['numberArray', (value) => matchesSyntax('list', value)],
]);

/** Checks all properties of a `<qdataset>`. */
export function checkQProperties(dataset: XmlElement, context: QPropertyContext): void {
  for (const owner of dataset.children) {
    if (owner.name !== 'properties') continue;
    for (const child of owner.children) {
      if (child.name === 'property') checkProperty(child, context);
      else
        context.findings.add('q-element', context.place, () => `<${child.name.slice(0, 40)}> stands in <properties>`);
    }
  }
}

function checkProperty(property: XmlElement, { place, findings, refer }: QPropertyContext): void {
  const name = property.attributes.get('name');
  const value = property.attributes.get('value');
  if (name === undefined || name === '') findings.add('q-property', place, 'a property has no name');
  if (value === undefined) {
    if (property.children.length === 0) {
      findings.add('q-property', place, () => `property ${quoted(name ?? '')} has neither a value nor an element`);
    }
    return;
  }
  const type = property.attributes.get('type') ?? '';
  const test = TYPES.get(type);
  if (test === undefined) {
    findings.add('q-property-type', place, () => `property ${quoted(name ?? '')} has the type word ${quoted(type)}`);
  } else if (!test(value)) {
    findings.add(
      'q-property-value',
      place,
      () => `property ${quoted(name ?? '')} of type ${type} has the value ${quoted(value)}`,
    );
  } else if (type === 'qdataset') refer(value.trim());
}

function isCacheTag(value: string): boolean {
  const tag = parseCacheTag(value);
  if (tag === undefined || !matchesSyntax('range', tag.range)) return false;
  if (tag.resolution === 'intrinsic') return true;
  const match = /^([-+.\deE]{1,40})\s*(\S{1,40})$/.exec(tag.resolution);
  if (match === null) return false;
  return matchesSyntax('real', match[1] ?? '') && intervalSeconds(match[2] ?? '') !== undefined;
}
