/**
 * Tags of a scan: the y (or x) offsets of its items, as numbers for those who compute and as text for those who pass them on.
 *
 * Contract: the attributes themselves are never re-formatted (D-05, D-06). Names of 2.3 (`yOffsets`, `xOffsets`, ...) are synonyms
 * (stream-format 10.1). Rules for the series: 3.3.
 */
import { decimalNumber } from './decimal-text.js';
import type { Plane } from './header.js';

interface TagAttributes {
  readonly list: string | undefined;
  readonly interval: string | undefined;
  readonly minimum: string | undefined;
  readonly maximum: string | undefined;
}

function tagAttributes({ element, attributes }: Pick<Plane, 'element' | 'attributes'>): TagAttributes {
  if (element === 'xscan') {
    return {
      list: attributes.get('xOffsets'),
      interval: attributes.get('xOffsetInterval'),
      minimum: attributes.get('xOffsetMin'),
      maximum: undefined,
    };
  }
  return {
    list: attributes.get('yTags') ?? attributes.get('yOffsets'),
    interval: attributes.get('yTagInterval') ?? attributes.get('yOffsetInterval'),
    minimum: attributes.get('yTagMin') ?? attributes.get('yOffsetMin'),
    maximum: attributes.get('yTagMax'),
  };
}

/** A decimal number with blanks around it, or undefined; one beyond what a double holds is none. */
export function tagNumber(text: string): number | undefined {
  const value = decimalNumber(text.trim());
  return Number.isFinite(value) ? value : undefined;
}

/**
 * What is wrong with the tags of this scan, as words for a message, or undefined: the list must hold one number per item, and the
 * terms of a series must be numbers with a positive interval.
 */
export function faultOfTags(plane: Pick<Plane, 'element' | 'attributes' | 'itemCount'>): string | undefined {
  const { list, interval, minimum, maximum } = tagAttributes(plane);
  if (list !== undefined) {
    const parts = list.split(',');
    if (parts.length !== plane.itemCount) return `has ${parts.length} tags for ${plane.itemCount} items`;
    const bad = parts.find((part) => tagNumber(part) === undefined);
    if (bad !== undefined) return `has a tag that is no number: ${JSON.stringify(bad.slice(0, 40))}`;
    return undefined;
  }
  if (interval !== undefined && !((tagNumber(interval) ?? 0) > 0)) return 'needs a positive tag interval';
  for (const end of [minimum, maximum]) {
    if (end !== undefined && tagNumber(end) === undefined) return 'has a first or last tag that is no number';
  }
  const first = firstOfSeries(plane);
  const last = first + (plane.itemCount - 1) * Number(interval ?? 1);
  return Number.isFinite(first) && Number.isFinite(last) ? undefined : 'has tags beyond what a number can hold';
}

/** The tags of the items as numbers: list, series, or 0, 1, 2, ... (stream-format 3.3). One item for x, y and z. */
export function scanTags(plane: Pick<Plane, 'element' | 'attributes' | 'itemCount'>): number[] {
  const { list, interval } = tagAttributes(plane);
  if (list !== undefined) return list.split(',').map((part) => Number(part));
  const step = seriesStep(interval);
  const first = firstOfSeries(plane);
  return Array.from({ length: plane.itemCount }, (_, item) => first + item * step);
}

/** The first tag of a series: as given, or counted back from the last (stream-format 3.3); 0 without an interval. */
function firstOfSeries(plane: Pick<Plane, 'element' | 'attributes' | 'itemCount'>): number {
  const { interval, minimum, maximum } = tagAttributes(plane);
  if (interval === undefined) return 0;
  if (minimum !== undefined) return Number(minimum);
  return maximum === undefined ? 0 : Number(maximum) - (plane.itemCount - 1) * Number(interval);
}

/** Largest tag minus smallest tag, without a list of what may be millions of tags of a series. */
export function tagExtent(plane: Pick<Plane, 'element' | 'attributes' | 'itemCount'>): number {
  const { list, interval } = tagAttributes(plane);
  if (list === undefined) return (plane.itemCount - 1) * seriesStep(interval);
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const tag of scanTags(plane)) {
    if (tag < least) least = tag;
    if (tag > most) most = tag;
  }
  return most - least;
}

/** The attributes of a plane as they are to be written: a series known by its last tag alone gets its first tag instead (D-07). */
export function writableTagAttributes(plane: Plane): ReadonlyMap<string, string> {
  const { list, interval, minimum, maximum } = tagAttributes(plane);
  if (plane.element !== 'yscan' || list !== undefined || interval === undefined) return plane.attributes;
  if (minimum !== undefined || maximum === undefined) return plane.attributes;
  const first = String(firstOfSeries(plane));
  return new Map([...plane.attributes].map(([key, value]) => (key === 'yTagMax' ? ['yTagMin', first] : [key, value])));
}

/** The tags of the items as text for people, one by one: as the list has them, or the terms of the series. */
export function* tagTexts(plane: Pick<Plane, 'element' | 'attributes' | 'itemCount'>): Generator<string> {
  const { list, interval } = tagAttributes(plane);
  if (list !== undefined) {
    for (const tag of list.split(',')) yield tag.trim();
    return;
  }
  const step = seriesStep(interval);
  const first = firstOfSeries(plane);
  for (let item = 0; item < plane.itemCount; item++) yield String(first + item * step);
}

/** The interval of a series; 1 where it is not told. */
function seriesStep(interval: string | undefined): number {
  return interval === undefined ? 1 : Number(interval);
}
