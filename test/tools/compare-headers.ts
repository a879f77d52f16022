/**
 * Comparison of properties, units and tags for compare-streams.ts (README of the golden vectors, rules 4 and 5).
 */
import { type Element, itemCount } from './split-stream.js';

const SYNONYMS: ReadonlyMap<string, string> = new Map(
  [
    's sec second seconds',
    'ms msec millisec milliseconds',
    'us usec microsec microseconds \u00b5s \u03bcs',
    'ns nsec nanosec nanoseconds',
    'min minute minutes',
    'hours hr hrs hour',
    'days day',
  ].flatMap((line) => {
    const names = line.split(' ');
    return names.map((name): [string, string] => [name, names[0] as string]);
  }),
);

/** True if two units are spellings of one. Upstream re-spells `V/m` as `V m**-1` (D-04), so these are one as well. */
export function sameUnits(a: string, b: string): boolean {
  const canonical = (text: string): string =>
    SYNONYMS.get(text.trim()) ?? text.trim().replace(/^(\w+)\/(\w+)$/, '$1 $2**-1');
  return canonical(a) === canonical(b);
}

export function sameNumber(a: number, b: number, relative: number): boolean {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b);
  if (!Number.isFinite(a) || !Number.isFinite(b)) return a === b;
  return Math.abs(a - b) <= relative * Math.max(Math.abs(a), Math.abs(b));
}

interface TypedValue {
  readonly kind: string;
  readonly value: string;
}

function propertiesOf(owner: Element): Map<string, TypedValue> {
  const result = new Map<string, TypedValue>();
  for (const child of owner.children) {
    if (child.name !== 'properties') continue;
    for (const [attribute, value] of child.attributes) {
      const colon = attribute.indexOf(':');
      const word = attribute.slice(0, Math.max(0, colon)).toLowerCase();
      result.set(attribute.slice(colon + 1), { kind: kindOf(word), value });
    }
  }
  return result;
}

function kindOf(word: string): string {
  if (word === '' || word === 'string') return 'string';
  if (word === 'timerange' || word === 'datumrange') return 'range';
  return word === 'double' || word === 'int' ? 'number' : word;
}

export function compareProperties(have: Element, want: Element, where: string): string[] {
  const a = propertiesOf(have);
  const b = propertiesOf(want);
  const differences: string[] = [];
  for (const [name, wanted] of b) {
    if (name === 'sourceId') continue;
    const got = a.get(name);
    if (got === undefined)
      differences.push(`${where}: property ${name} is missing, expected ${JSON.stringify(wanted.value)}`);
    else if (got.kind !== wanted.kind)
      differences.push(`${where}: property ${name} is of type ${got.kind}, expected ${wanted.kind}`);
    else if (!sameValue(got.kind, got.value, wanted.value)) {
      differences.push(
        `${where}: property ${name} is ${JSON.stringify(got.value)}, expected ${JSON.stringify(wanted.value)}`,
      );
    }
  }
  for (const [name, { value }] of a) {
    if (name !== 'sourceId' && !b.has(name))
      differences.push(`${where}: property ${name}=${JSON.stringify(value)} is not expected`);
  }
  return differences;
}

const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/;

function sameValue(kind: string, a: string, b: string): boolean {
  const collapse = (text: string): string => text.trim().replace(/\s+/g, ' ');
  if (collapse(a) === collapse(b)) return true;
  if (kind === 'number') return sameNumber(Number(a), Number(b), 1e-6);
  if (kind === 'doublearray') {
    const [x, y] = [a, b].map((text) => text.split(',').map(Number));
    return x?.length === y?.length && (x ?? []).every((value, i) => sameNumber(value, y?.[i] as number, 1e-6));
  }
  if (kind === 'datum') return sameDatum(collapse(a), collapse(b));
  if (kind !== 'range') return false;
  const [x, y] = [a, b].map((text) => collapse(text).split(' to '));
  return x?.length === 2 && y?.length === 2 && x.every((part, i) => part === y[i] || sameDatum(part, y[i] as string));
}

function sameDatum(a: string, b: string): boolean {
  const [x, y] = [NUMBER.exec(a)?.[0], NUMBER.exec(b)?.[0]];
  if (x === undefined || y === undefined) return false;
  return sameNumber(Number(x), Number(y), 1e-6) && sameUnits(a.slice(x.length), b.slice(y.length));
}

/** The tags of a scan as numbers. */
export function tagsOf(plane: Element): number[] {
  const get = (...names: string[]): string | undefined =>
    names.map((name) => plane.attributes.get(name)).find((value) => value !== undefined);
  const count = itemCount(plane);
  const list = get('yTags', 'yOffsets', 'xOffsets');
  if (list !== undefined) return list.split(',').map(Number);
  const interval = Number(get('yTagInterval', 'yOffsetInterval', 'xOffsetInterval') ?? 1);
  const first = get('yTagMin', 'yOffsetMin', 'xOffsetMin');
  const last = get('yTagMax');
  const start = first !== undefined ? Number(first) : last !== undefined ? Number(last) - (count - 1) * interval : 0;
  return Array.from({ length: count }, (_, i) => start + i * interval);
}

export function compareTags(have: Element, want: Element, where: string): string[] {
  if (!want.name.endsWith('scan')) return [];
  const [a, b] = [tagsOf(have), tagsOf(want)];
  if (a.length !== b.length) return [`${where}: ${a.length} tags, expected ${b.length}`];
  const at = b.findIndex((tag, i) => !sameNumber(a[i] as number, tag, 1e-4));
  return at < 0 ? [] : [`${where}: tag ${at} is ${a[at]}, expected ${b[at]}`];
}
