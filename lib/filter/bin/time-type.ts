/**
 * The encoding that the x plane of a reduced stream needs to hold bin centres (stream-format 12.4, D-19).
 *
 * A narrower input type is widened: us2000 in 4 bytes is off by half a minute, and `time17` would print several bins of a minute's
 * fraction alike.
 */
import { type Encoding, parseEncoding } from '../../stream/encoding.js';
import { timeDecimals, timeTextLength } from '../../stream/time-text.js';

const WIDEST_NEEDED = [24, 27, 30];
const ASCII_WIDTH = 24;

/** The output encoding of x for bins of `seconds`, with bin 0 at `begin` (us2000) where that is given. */
export function centreEncoding(encoding: Encoding, seconds: number, begin: number | undefined): Encoding {
  switch (encoding.kind) {
    case 'real8':
      return encoding;
    case 'real4':
      return parseEncoding(encoding.littleEndian ? 'little_endian_real8' : 'sun_real8');
    case 'ascii':
      return encoding.width < ASCII_WIDTH ? parseEncoding(`ascii${ASCII_WIDTH}`) : encoding;
    case 'time': {
      if (shows(encoding.width, seconds, begin)) return encoding;
      const width = WIDEST_NEEDED.find((candidate) => candidate > encoding.width && shows(candidate, seconds, begin));
      // Finer than a nanosecond: the finest form there is, unless the input already has it.
      return encoding.width >= 30 ? encoding : parseEncoding(`time${width ?? 30}`);
    }
  }
}

function shows(width: number, seconds: number, begin: number | undefined): boolean {
  const unit = shownUnit(width);
  return isMultiple(seconds / 2, unit) && (begin === undefined || isMultiple(begin / 1e6, unit));
}

/** Seconds of the last unit that `timeN` shows; infinite for months and years, of which nothing is a fixed multiple. */
function shownUnit(width: number): number {
  const decimals = timeDecimals(width);
  if (decimals !== undefined) return 10 ** -decimals;
  const length = timeTextLength(width);
  if (length >= 16) return 60;
  if (length >= 13) return 3600;
  return length >= 10 ? 86400 : Number.POSITIVE_INFINITY;
}

/** Whole multiple up to the rounding of 8-byte reals: 0.002 / 2 is a multiple of a millisecond. */
function isMultiple(seconds: number, unit: number): boolean {
  const count = seconds / unit;
  const whole = Math.round(count);
  if (!Number.isFinite(count) || (whole === 0 && seconds !== 0)) return false;
  return Math.abs(count - whole) <= 1e-9 + 4e-16 * Math.abs(whole);
}
