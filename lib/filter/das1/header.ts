/**
 * Headers of the das2 stream that a das1 reader's output becomes, from the keywords of its definition (stream-format 13.9).
 *
 *     form = x_multi_y          planes from `items` or `ny`, named after label(0), label(1) ...
 *     form = x_tagged_y_scan    one scan whose tags are `y_coordinate`
 *     form = x_y_z              one y and one z
 *
 * Contract: keywords come as text with macros expanded, without those that must not leave the server. What the definition lacks, or holds
 * in a form that cannot be understood, is a `sourceDefinition` error with status 112 that names the keyword.
 */
import { Das2Error } from '../../error.js';
import { decimalNumber } from '../../stream/decimal-text.js';
import { parseEncoding } from '../../stream/encoding.js';
import { type PacketHeader, type Plane, recordSize, type StreamHeader } from '../../stream/header.js';
import type { Property } from '../../stream/properties.js';
import { RECORD_LIMIT } from '../../stream/tag.js';
import { datumText } from '../print-number.js';

export const NAME = 'das2_from_das1';

/** Exit status of errors of this program (stream-format 13.9). */
export const OWN_STATUS = 112;

export interface Das1Keywords {
  readonly keywords: ReadonlyMap<string, string>;
  /** Begin and end of the request, as they were given. */
  readonly begin: string;
  readonly end: string;
}

/** Keywords that become something else, or nothing. `x_`, `y_`, `z_` and labels are told by their form. */
const NOT_PASSED_ON = new Set(['form', 'reader', 'items', 'ny', 'format', 'description']);
const AXIS_KEYWORD = /^[xyz]_/;
/** What a property may be called; `label(0)` and the like may not. */
const PROPERTY_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;
const IDL_NUMBER = /^([-+]?(?:\d+(?:\.\d*)?|\.\d+))(?:[eEdD]([-+]?\d+)?)?(?:[bBsSlLuU]{0,2})$/;

/** The error of a definition that does not say what is needed. */
function das1Error(message: string): Das2Error {
  return new Das2Error('sourceDefinition', message, { exitStatus: OWN_STATUS });
}

/** The stream header. */
export function das1StreamHeader({ keywords, begin, end }: Das1Keywords): StreamHeader {
  const properties: Property[] = [];
  const add = (type: string, name: string, value: string | undefined): void => {
    if (value === undefined || properties.some((property) => property.name === name)) return;
    properties.push({ type, name, value });
  };
  add('Time', 'start', begin);
  add('Time', 'end', end);
  add('', 'xLabel', 'Time');
  add('', 'yLabel', axisLabel(keywords, 'y'));
  add('', 'zLabel', axisLabel(keywords, 'z'));
  add('', 'title', keywords.get('description'));
  add('Datum', 'xTagWidth', sampleWidth(keywords, 'x'));
  add('Datum', 'yTagWidth', sampleWidth(keywords, 'y'));
  add('double', 'yFill', fillText(keywords.get('y_fill')));
  add('double', 'zFill', fillText(keywords.get('z_fill')));
  for (const [name, value] of keywords) {
    if (!NOT_PASSED_ON.has(name) && !AXIS_KEYWORD.test(name) && PROPERTY_NAME.test(name)) add('', name, value);
  }
  add('', 'sourceId', NAME);
  return { version: '2.2', compressed: false, properties };
}

/** The packet header of the records: x in us2000, values in 4-byte reals. */
export function das1PacketHeader({ keywords }: Das1Keywords): PacketHeader {
  const form = keywords.get('form')?.trim() ?? '';
  const header = { group: undefined, properties: [], planes: [xPlane(), ...dataPlanes(form, keywords)] };
  if (recordSize(header) > RECORD_LIMIT) throw das1Error(`a record would have more than ${RECORD_LIMIT} bytes`);
  return header;
}

function dataPlanes(form: string, keywords: ReadonlyMap<string, string>): Plane[] {
  const yUnits = keywords.get('y_unit')?.trim() ?? '';
  const zUnits = keywords.get('z_unit')?.trim() ?? '';
  // Planes are known by their names (stream-format 17).
  const parameter = (axis: 'y' | 'z'): string => identifier(keywords.get(`${axis}_parameter`) ?? '') || axis;
  switch (form) {
    case 'x_multi_y': {
      const names = planeNames(planeCount(keywords), keywords);
      return names.map((name) => dataPlane('y', name, yUnits));
    }
    case 'x_tagged_y_scan': {
      const tags = coordinateTags(keywords.get('y_coordinate'));
      const plane = dataPlane('yscan', parameter('z'), zUnits);
      const attributes = new Map([
        ['yUnits', yUnits],
        ['yTags', tags.join(',')],
      ]);
      return [{ ...plane, itemCount: tags.length, attributes }];
    }
    case 'x_y_z': {
      const name = parameter('y');
      const other = parameter('z');
      return [dataPlane('y', name, yUnits), dataPlane('z', other === name ? `${other}_z` : other, zUnits)];
    }
    default:
      throw das1Error(
        `form must be x_multi_y, x_tagged_y_scan or x_y_z, ${form === '' ? 'and it is missing; if the reader writes das2 streams, write das2Stream = 1 instead' : `not '${form.slice(0, 40)}'`}`,
      );
  }
}

function xPlane(): Plane {
  return {
    element: 'x',
    name: '',
    encoding: parseEncoding('little_endian_real8'),
    units: 'us2000',
    itemCount: 1,
    attributes: new Map(),
    properties: [],
  };
}

function dataPlane(element: Plane['element'], name: string, units: string): Plane {
  return {
    element,
    name,
    encoding: parseEncoding('little_endian_real4'),
    units,
    itemCount: 1,
    attributes: new Map(),
    properties: [],
  };
}

function planeCount(keywords: ReadonlyMap<string, string>): number {
  const key = keywords.has('items') ? 'items' : 'ny';
  const text = keywords.get(key)?.trim();
  if (text === undefined) throw das1Error('the form x_multi_y needs the keyword ny (or items): the number of y values');
  const count = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  // Planes of a packet type are elements of its header: more cannot be framed.
  if (count < 1 || count > MAXIMUM_PLANES)
    throw das1Error(`${key} must be 1 to ${MAXIMUM_PLANES}, not '${text.slice(0, 40)}'`);
  return count;
}

const MAXIMUM_PLANES = 5000;

/** Names for the planes, each of them once. */
function planeNames(count: number, keywords: ReadonlyMap<string, string>): string[] {
  const used = new Set<string>();
  return Array.from({ length: count }, (_, i) => {
    const single = count === 1 ? identifier(keywords.get('y_parameter') ?? '') : '';
    const wanted = single || identifier(plainLabel(keywords.get(`label(${i})`) ?? '')) || `plane_${i}`;
    let name = wanted;
    if (used.has(name)) name = `${wanted}_${i}`;
    while (used.has(name)) name = `${name}_${i}`;
    used.add(name);
    return name;
  });
}

/** A label without font codes: letters in upper case, those between a code and `!n` in lower case (`n!de!n` becomes `Ne`). */
export function plainLabel(label: string): string {
  let text = '';
  let coded = false;
  for (let i = 0; i < label.length; i++) {
    const character = label[i] as string;
    if (character === '!') {
      const code = (label[++i] ?? '').toLowerCase();
      if (code === '!') text += '!';
      else coded = code !== 'n';
      continue;
    }
    text += coded ? character.toLowerCase() : character.toUpperCase();
  }
  return text;
}

/** The text as a plane name: letters, digits and `_`; empty if nothing of it can be kept. */
function identifier(text: string): string {
  const name = text
    .trim()
    .replace(/[^A-Za-z0-9_]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return /^\d/.test(name) ? `_${name}` : name;
}

/** `Frequency (Hz)`. */
function axisLabel(keywords: ReadonlyMap<string, string>, axis: 'y' | 'z'): string | undefined {
  const name = keywords.get(`${axis}_parameter`)?.trim() ?? '';
  if (name === '') return undefined;
  const unit = keywords.get(`${axis}_unit`)?.trim() ?? '';
  const first = (name[0] as string).toUpperCase() + name.slice(1);
  return unit === '' ? first : `${first} (${unit})`;
}

/** `120.000000 s`; undefined where the keyword is missing or holds no number: it is a hint only. */
function sampleWidth(keywords: ReadonlyMap<string, string>, axis: 'x' | 'y'): string | undefined {
  const number = idlNumber(keywords.get(`${axis}_sample_width`) ?? '');
  if (number === undefined) return undefined;
  const unit = keywords.get(`${axis}_unit`)?.trim() ?? '';
  const shown = unit === '' && axis === 'x' ? 's' : unit;
  return shown === '' ? datumText(number) : `${datumText(number)} ${shown}`;
}

function fillText(text: string | undefined): string | undefined {
  const trimmed = text?.trim() ?? '';
  const number = idlNumber(trimmed);
  if (number === undefined) return undefined;
  return Number.isFinite(Number(trimmed)) ? trimmed : String(number);
}

/** A number as IDL writes it: `1.5`, `1d-32`, `10L`; undefined for anything else. */
function idlNumber(text: string): number | undefined {
  const match = IDL_NUMBER.exec(text.trim());
  if (match === null) return undefined;
  const value = Number(`${match[1]}e${match[2] ?? '0'}`);
  return Number.isFinite(value) ? value : undefined;
}

/** The tags of a scan: numbers in IDL array form, their digits kept. Expressions are not evaluated. */
export function coordinateTags(text: string | undefined): string[] {
  const value = text?.trim() ?? '';
  if (value === '') throw das1Error('the form x_tagged_y_scan needs the keyword y_coordinate: the tags of the scan');
  const inside = /^\[([^[\]]*)\]$/.exec(value)?.[1] ?? /^\(([^()]*)\)$/.exec(value)?.[1] ?? value;
  return inside.split(',').map((part) => {
    const tag = part.trim();
    const number = idlNumber(tag);
    if (number === undefined) {
      throw das1Error(
        `y_coordinate must be a list of numbers; '${(tag === '' ? value : tag).slice(0, 40)}' is none, ` +
          'and IDL expressions such as findgen(...) are not evaluated (there is no IDL here, with or without -I): ' +
          'write the numbers into the definition',
      );
    }
    return decimalNumber(tag) === undefined ? String(number) : tag;
  });
}
