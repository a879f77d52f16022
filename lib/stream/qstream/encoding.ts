/**
 * The `encoding` attribute of QStream values: how one number looks in a record (stream-format 14.2).
 *
 *     encoding = "double" | "real8" | "float" | "real4" | "int8" | "int4" | "integer" | "int2" | "ascii" N | "time" N
 *
 * Byte order is one for the whole stream and stands in its header. Text fields hold N-1 characters and a separator, as in das2.
 */
import { Das2Error } from '../../error.js';
import { MAXIMUM_TEXT_WIDTH, MINIMUM_TEXT_WIDTH, MINIMUM_TIME_WIDTH } from '../encoding.js';
import { DEFAULT_FILL, fillRange } from '../fill.js';
import { parseReal } from '../number-text.js';
import { TimeTextReader, TimeTextWriter } from '../time-text.js';
import { type TimeUnits, timeUnits } from '../units.js';

export type QEncodingKind = 'real8' | 'real4' | 'int8' | 'int4' | 'int2' | 'ascii' | 'time';

export interface QEncoding {
  readonly kind: QEncodingKind;
  /** Bytes of one value, for text with its separator. */
  readonly width: number;
  /** The name as it is written in a descriptor. */
  readonly name: string;
}

const BINARY: Readonly<Record<string, readonly [QEncodingKind, number]>> = {
  double: ['real8', 8],
  real8: ['real8', 8],
  float: ['real4', 4],
  real4: ['real4', 4],
  int8: ['int8', 8],
  int4: ['int4', 4],
  integer: ['int4', 4],
  int2: ['int2', 2],
};

/** The encoding of that name. Throws `Das2Error` `valueEncoding` for an unknown one; `owner` says whose it is. */
export function parseQEncoding(name: string, owner?: string): QEncoding {
  const binary = Object.hasOwn(BINARY, name) ? BINARY[name] : undefined;
  if (binary !== undefined) return { kind: binary[0], width: binary[1], name };
  const of = owner === undefined ? '' : ` of ${owner}`;
  const match = /^(ascii|time)([1-9]\d{0,2})$/.exec(name);
  if (match === null) throw new Das2Error('valueEncoding', `unknown value encoding '${name.slice(0, 60)}'${of}`);
  const kind = match[1] === 'time' ? 'time' : 'ascii';
  const width = Number(match[2]);
  const minimum = kind === 'time' ? MINIMUM_TIME_WIDTH : MINIMUM_TEXT_WIDTH;
  if (width < minimum || width > MAXIMUM_TEXT_WIDTH) {
    throw new Das2Error('valueEncoding', `the width in '${name}'${of} must be ${minimum} to ${MAXIMUM_TEXT_WIDTH}`);
  }
  return { kind, width, name };
}

/** True for `asciiN` and `timeN`. */
export function isTextEncoding(encoding: QEncoding): boolean {
  return encoding.kind === 'ascii' || encoding.kind === 'time';
}

/** Reads the value at `offset`; NaN where text holds no number, no time, or what fill looks like as a time. Times come in the units of the data set. */
export type QValueReader = (bytes: Uint8Array, view: DataView, offset: number) => number;

export interface QValueOptions {
  readonly encoding: QEncoding;
  readonly littleEndian: boolean;
  /** UNITS of the data set; for `timeN` the units that values are converted to, us2000 where they are no time units. */
  readonly units: string;
}

const us2000 = timeUnits('us2000') as TimeUnits;

/** The reader of values of one data set. An `int8` beyond 2^53 is rounded to the nearest double. */
export function valueReader({ encoding, littleEndian, units }: QValueOptions): QValueReader {
  const { width } = encoding;
  switch (encoding.kind) {
    case 'real8':
      return (_, view, offset) => view.getFloat64(offset, littleEndian);
    case 'real4':
      return (_, view, offset) => view.getFloat32(offset, littleEndian);
    case 'int8':
      return (_, view, offset) => Number(view.getBigInt64(offset, littleEndian));
    case 'int4':
      return (_, view, offset) => view.getInt32(offset, littleEndian);
    case 'int2':
      return (_, view, offset) => view.getInt16(offset, littleEndian);
    case 'ascii':
      return (bytes, _, offset) => parseReal(bytes, offset, offset + width);
    case 'time': {
      const reader = new TimeTextReader();
      const own = timeUnits(units) ?? us2000;
      return (bytes, _, offset) =>
        reader.read(bytes, offset, offset + width) && !reader.isFill ? own.fromTime(reader) : Number.NaN;
    }
  }
}

/**
 * The reader of a time axis in microseconds since 2000-01-01; NaN where there is no time, which fill is not either. Times that come as text
 * are not turned into their units on the way, so a time exactly on the edge of a bin stays there.
 */
export function us2000Reader(
  encoding: QEncoding,
  littleEndian: boolean,
  units: TimeUnits,
  fill = DEFAULT_FILL,
): QValueReader {
  if (encoding.kind !== 'time') {
    const read = valueReader({ encoding, littleEndian, units: units.name });
    const { low, high } = fillRange(fill);
    return (bytes, view, offset) => {
      const value = read(bytes, view, offset);
      return value < low || value > high ? units.toUs2000(value) : Number.NaN;
    };
  }
  const reader = new TimeTextReader();
  const { width } = encoding;
  return (bytes, _, offset) =>
    reader.read(bytes, offset, offset + width) && !reader.isFill ? reader.us2000 : Number.NaN;
}

/** Writes a value at `offset`: integers rounded and held to their range, text ended by a blank. */
export type QValueWriter = (bytes: Uint8Array, view: DataView, offset: number, value: number) => void;

/** The writer of values of one data set. */
export function valueWriter({ encoding, littleEndian, units }: QValueOptions): QValueWriter {
  const { width } = encoding;
  switch (encoding.kind) {
    case 'real8':
      return (_, view, offset, value) => view.setFloat64(offset, value, littleEndian);
    case 'real4':
      return (_, view, offset, value) => view.setFloat32(offset, value, littleEndian);
    case 'int8':
      return (_, view, offset, value) => view.setBigInt64(offset, wholeInt8(value), littleEndian);
    case 'int4':
      return (_, view, offset, value) => view.setInt32(offset, whole(value, 0x7fffffff), littleEndian);
    case 'int2':
      return (_, view, offset, value) => view.setInt16(offset, whole(value, 0x7fff), littleEndian);
    case 'ascii':
      return (bytes, _, offset, value) => writeText(bytes, offset, width, shortestText(value, width - 1));
    case 'time': {
      const writer = new TimeTextWriter(width);
      const own = timeUnits(units) ?? us2000;
      return (bytes, _, offset, value) => {
        if (Number.isFinite(value)) {
          const time = own.toTime(value);
          writer.write(bytes, offset, time.day, time.nanosecond);
        } else writer.writeUs2000(bytes, offset, value);
      };
    }
  }
}

function whole(value: number, maximum: number): number {
  return Math.min(Math.max(Math.round(value), -maximum - 1), maximum);
}

const INT8_MAXIMUM = 0x7fff_ffff_ffff_ffffn;

function wholeInt8(value: number): bigint {
  if (!(Math.abs(value) < 2 ** 63)) return value > 0 ? INT8_MAXIMUM : -INT8_MAXIMUM - 1n;
  return BigInt(Math.round(value));
}

/** The number in at most `space` characters with as many significant digits as fit; `*` where nothing does. */
function shortestText(value: number, space: number): string {
  const text = String(value).replace('Infinity', 'inf');
  if (text.length <= space || !Number.isFinite(value)) return text.length <= space ? text : '*'.repeat(space);
  for (let digits = Math.min(16, space); digits > 0; digits--) {
    const shorter = String(Number(value.toPrecision(digits)));
    if (shorter.length <= space) return shorter;
  }
  return '*'.repeat(space);
}

/** Writes text right justified in `width - 1` characters, and a blank behind it. */
export function writeText(bytes: Uint8Array, offset: number, width: number, text: string): void {
  const blanks = width - 1 - text.length;
  bytes.fill(0x20, offset, offset + blanks);
  for (let i = 0; i < text.length; i++) bytes[offset + blanks + i] = text.charCodeAt(i);
  bytes[offset + width - 1] = 0x20;
}
