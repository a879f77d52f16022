/**
 * The `type` attribute of a plane: how one value looks on the wire (stream-format 5).
 *
 *     type = "sun_real8" | "double" | "sun_real4" | "float" | "little_endian_real8" | "little_endian_real4"
 *          | "ascii" N | "time" N          N = 2 to 127 bytes (5 to 127 for times), separator counted, no leading zero
 */
import { Das2Error } from '../error.js';

export type EncodingKind = 'real4' | 'real8' | 'ascii' | 'time';

export interface Encoding {
  readonly kind: EncodingKind;
  /** Byte order of binary values; false for text. */
  readonly littleEndian: boolean;
  /** Bytes of one value, for text with its separator. */
  readonly width: number;
  /** The main name of the type, as it is written back. */
  readonly type: string;
}

export const MINIMUM_TEXT_WIDTH = 2;
export const MINIMUM_TIME_WIDTH = 5;
export const MAXIMUM_TEXT_WIDTH = 127;

const BINARY: Readonly<Record<string, Encoding>> = {
  sun_real8: { kind: 'real8', littleEndian: false, width: 8, type: 'sun_real8' },
  double: { kind: 'real8', littleEndian: false, width: 8, type: 'sun_real8' },
  sun_real4: { kind: 'real4', littleEndian: false, width: 4, type: 'sun_real4' },
  float: { kind: 'real4', littleEndian: false, width: 4, type: 'sun_real4' },
  little_endian_real8: { kind: 'real8', littleEndian: true, width: 8, type: 'little_endian_real8' },
  little_endian_real4: { kind: 'real4', littleEndian: true, width: 4, type: 'little_endian_real4' },
};

/** The encoding that a `type` attribute names. Throws `Das2Error` `valueEncoding` for an unknown one; `owner` says whose type it is. */
export function parseEncoding(type: string, owner?: string): Encoding {
  const binary = Object.hasOwn(BINARY, type) ? BINARY[type] : undefined;
  if (binary !== undefined) return binary;
  const of = owner === undefined ? '' : ` of ${owner}`;
  const match = /^(ascii|time)([1-9]\d{0,2})$/.exec(type);
  if (match === null) throw new Das2Error('valueEncoding', `unknown value type '${type.slice(0, 60)}'${of}`);
  const kind = match[1] === 'time' ? 'time' : 'ascii';
  const width = Number(match[2]);
  const minimum = kind === 'time' ? MINIMUM_TIME_WIDTH : MINIMUM_TEXT_WIDTH;
  if (width < minimum || width > MAXIMUM_TEXT_WIDTH) {
    throw new Das2Error('valueEncoding', `the width in '${type}'${of} must be ${minimum} to ${MAXIMUM_TEXT_WIDTH}`);
  }
  return { kind, littleEndian: false, width, type };
}

/** True if values are text: the last byte of a record that ends in such a value is a newline. */
export function isText(encoding: Encoding): boolean {
  return encoding.kind === 'ascii' || encoding.kind === 'time';
}
