/**
 * Which text encoding each plane of a packet gets in `das2_ascii` (stream-format 13.4).
 *
 *     asciiN, timeN                                   unchanged
 *     binary in us2000, t2000, t1970 or mj1958        time24; with -s: time20 for 0, else time(21 + decimals)
 *     other real4 / real8                             ascii14 / ascii17; with -r: ascii(digits + 7) for both
 */
import { type Encoding, parseEncoding } from '../stream/encoding.js';
import type { PacketHeader, Plane } from '../stream/header.js';
import { type TimeUnits, timeUnits } from '../stream/units.js';

export interface AsciiFormat {
  /** Significant digits of reals, 2 to 18; without it 7 for real4 and 10 for real8. */
  readonly realDigits?: number;
  /** Decimals of the second, 0 to 9; 3 without it. */
  readonly subsecondDigits?: number;
}

/** Only these are printed as times; `ns1970`, TT2000 and the others stay numbers. */
const PRINTED_AS_TIME: ReadonlySet<string> = new Set(['us2000', 't2000', 't1970', 'mj1958']);

/** The time units in which a binary plane is printed as text; undefined if it is printed as a number. */
export function printedTimeUnits(plane: Plane): TimeUnits | undefined {
  const binary = plane.encoding.kind === 'real4' || plane.encoding.kind === 'real8';
  if (!binary || plane.units === undefined || !PRINTED_AS_TIME.has(plane.units)) return undefined;
  return timeUnits(plane.units);
}

function textEncoding(plane: Plane, format: AsciiFormat): Encoding {
  const { encoding } = plane;
  if (encoding.kind === 'ascii' || encoding.kind === 'time') return encoding;
  if (printedTimeUnits(plane) !== undefined) {
    const decimals = format.subsecondDigits ?? 3;
    return parseEncoding(`time${decimals === 0 ? 20 : 21 + decimals}`);
  }
  return parseEncoding(`ascii${(format.realDigits ?? (encoding.kind === 'real4' ? 7 : 10)) + 7}`);
}

/** The packet header of the text form. Planes that hold time text are in `UTC` (stream-format 5.4). */
export function textPacketHeader(header: PacketHeader, format: AsciiFormat): PacketHeader {
  const planes = header.planes.map((plane) => {
    const encoding = textEncoding(plane, format);
    return encoding.kind === 'time' ? { ...plane, encoding, units: 'UTC' } : { ...plane, encoding };
  });
  return { ...header, planes };
}
