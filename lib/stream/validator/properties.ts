/**
 * Checks `<properties>` of das2 headers: names, type words, and the syntax of every value (stream-format 4.1, 4.4, 7).
 *
 *     Datum      = number [ blanks units ]
 *     DatumRange = ( number | time ) " to " ( number | time ) [ blanks units ]
 *     TimeRange  = time " to " time [ " UTC" ]
 */
import { type Properties, type Property, propertyFromAttribute } from '../properties.js';
import { tagNumber } from '../scan-tags.js';
import { parseTime } from '../time.js';
import type { XmlElement } from '../xml.js';
import { type Findings, type Place, quoted } from './findings.js';

/** What a value may look like. */
export type Syntax = 'text' | 'real' | 'integer' | 'boolean' | 'datum' | 'range' | 'list' | 'time' | 'timeRange';

/** The table of 4.1. */
const TYPES: ReadonlyMap<string, Syntax> = new Map([
  ['String', 'text'],
  ['double', 'real'],
  ['int', 'integer'],
  ['boolean', 'boolean'],
  ['Datum', 'datum'],
  ['DatumRange', 'range'],
  ['doubleArray', 'list'],
  ['Time', 'time'],
  ['TimeRange', 'timeRange'],
]);

/** Type words in lower case, those of the table and those that are met in practice. */
const WORDS: ReadonlyMap<string, Syntax> = new Map([
  ...[...TYPES].map(([word, syntax]) => [word.toLowerCase(), syntax] as const),
  ['integer', 'integer'],
  ['real', 'real'],
  ['bool', 'boolean'],
  ['realarray', 'list'],
  ['intarray', 'list'],
  ['datetime', 'time'],
  ['doublerange', 'range'],
  ['realrange', 'range'],
  ['intrange', 'range'],
  ['datetimerange', 'timeRange'],
]);

/** The same in words. */
const SYNTAX_WORDS: Readonly<Record<Syntax, string>> = {
  text: 'text',
  real: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  datum: 'a number with units behind a blank',
  range: 'A to B UNITS',
  list: 'numbers with commas between them',
  time: 'a time',
  timeRange: 'TIME to TIME',
};

const FILL_NAMES: ReadonlySet<string> = new Set(['fill', 'yFill', 'zFill']);
const TAG_WIDTHS: ReadonlySet<string> = new Set(['xTagWidth', 'yTagWidth']);

/** Checks the attributes of one `<properties>` element and returns them as properties. */
export function checkProperties(element: XmlElement, place: Place, findings: Findings): Properties {
  const seen = new Set<string>();
  return [...element.attributes].map(([key, value]) => {
    const property = propertyFromAttribute(key, value);
    const { name } = property;
    if (!/^[A-Za-z0-9_]+$/.test(name)) {
      findings.add(
        'property-name',
        place,
        () => `the property name ${quoted(name)} has other characters than letters, digits and _`,
      );
    }
    if (seen.has(name))
      findings.add('property-twice', place, () => `property ${quoted(name)} stands here more than once`);
    seen.add(name);
    checkType(property, place, findings);
    checkMeaning(property, place, findings);
    return property;
  });
}

function checkType({ type, name, value }: Property, place: Place, findings: Findings): void {
  if (type === '') return;
  if (!TYPES.has(type)) {
    const message = (): string =>
      `property ${quoted(name)} has the type word ${quoted(type)}, which the table does not have`;
    findings.add('property-type', place, message);
    findings.add('client-property-type', place, message);
  }
  const syntax = WORDS.get(type.toLowerCase());
  if (syntax !== undefined && !matchesSyntax(syntax, value)) {
    findings.add(
      'property-value',
      place,
      () => `property ${quoted(name)} is of type ${quoted(type)}, but ${quoted(value)} is not ${SYNTAX_WORDS[syntax]}`,
    );
  }
}

function checkMeaning({ type, name, value }: Property, place: Place, findings: Findings): void {
  const isReal = type.toLowerCase() === 'double' || type.toLowerCase() === 'real';
  if (FILL_NAMES.has(name) && !isReal && !matchesSyntax('real', value)) {
    findings.add(
      'fill-value',
      place,
      () => `property ${quoted(name)} is a fill value, but ${quoted(value)} is no number`,
    );
  }
  if (TAG_WIDTHS.has(name) && type !== 'Datum') {
    findings.add('client-tag-width', place, () => `property ${quoted(name)} has the type ${quoted(type || 'String')}`);
  }
  const rangeType = type === 'DatumRange' || type === 'TimeRange';
  if ((name === 'xCacheRange' && !rangeType) || (name === 'xCacheResolution' && type !== 'Datum')) {
    findings.add('client-cache-tag', place, () => `property ${quoted(name)} has the type ${quoted(type || 'String')}`);
  }
}

/** True if the value has that syntax. */
export function matchesSyntax(syntax: Syntax, value: string): boolean {
  switch (syntax) {
    case 'text':
      return true;
    case 'real':
      return isReal(value);
    case 'integer':
      return /^\s*[-+]?\d+\s*$/.test(value);
    case 'boolean':
      return value === 'true' || value === 'false';
    case 'datum':
      return isReal(firstWord(value.trim()));
    case 'list':
      return value.trim() === '' || value.split(',').every(isReal);
    case 'time':
      return isTime(value);
    case 'range':
      return isRange(value, (end) => isReal(end) || isTime(end));
    case 'timeRange':
      return isRange(value, isTime);
  }
}

function isRange(value: string, isEnd: (text: string) => boolean): boolean {
  const at = value.indexOf(' to ');
  if (at < 0) return false;
  const last = value.slice(at + 4).trim();
  if (!isEnd(value.slice(0, at))) return false;
  if (isEnd(last) || (last.endsWith('UTC') && isEnd(last.slice(0, -3)))) return true;
  const number = firstWord(last);
  return isReal(number) && isEnd(number);
}

function isReal(text: string): boolean {
  return tagNumber(text) !== undefined || /^\s*[-+]?(?:nan|inf|infinity)\s*$/i.test(text);
}

/** True if the text is a time of the free grammar (stream-format 6.5). */
export function isTime(text: string): boolean {
  try {
    parseTime(text);
    return true;
  } catch {
    return false;
  }
}

/** The units behind the number of a Datum; undefined when it is none. */
export function datumUnits(value: string): string | undefined {
  const text = value.trim();
  const number = firstWord(text);
  return isReal(number) ? text.slice(number.length).trim() : undefined;
}

/** The text up to the first blank. */
function firstWord(text: string): string {
  const end = text.search(/\s/);
  return end < 0 ? text : text.slice(0, end);
}
