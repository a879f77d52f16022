/**
 * Decimal text to double: the longest readable number at the front of a field (stream-format 5.1), correctly rounded.
 *
 *     number = blanks [ "+" | "-" ] ( digits [ "." [ digits ] ] | "." digits ) [ ( "e" | "E" ) [ sign ] digits ]
 *            | blanks [ sign ] ( "nan" | "inf" | "infinity" )          in any case; what follows is ignored
 *
 * Three ways, each exact or left: up to 15 digits and a power of ten that a double holds (one operation); up to 30 digits
 * by a product of about 106 bits, when its error cannot change the rounding; else the language's own conversion.
 */
import { decimalAtFront } from './decimal-text.js';
import { power, powerRest } from './number-text-powers.js';

const SPLITTER = 134217729;

/**
 * The number in bytes `start` to `end` (exclusive). If there is none the answer is `unreadable`, NaN unless told
 * otherwise; callers pass the fill value of the plane.
 */
export function parseReal(bytes: Uint8Array, start: number, end: number, unreadable = Number.NaN): number {
  let at = start;
  let byte = 0;
  for (;;) {
    if (at >= end) return unreadable;
    byte = bytes[at] as number;
    if (byte !== 0x20 && (byte < 9 || byte > 13)) break;
    at++;
  }
  const begin = at;
  let negative = false;
  if (byte === 0x2d) {
    negative = true;
    at++;
  } else if (byte === 0x2b) at++;

  // The first 15 significant digits go into `head`, up to 15 more into `tail`.
  let head = 0;
  let headDigits = 0;
  let anyDigit = false;
  let exponent = 0;
  let tail = 0;
  let tailDigits = 0;
  let lost = false;
  let seenPoint = false;
  for (; at < end; at++) {
    const digit = (bytes[at] as number) - 48;
    if (digit >= 0 && digit <= 9) {
      anyDigit = true;
      if (seenPoint) exponent--;
      if (headDigits < 15) {
        head = head * 10 + digit;
        if (head !== 0) headDigits++;
      } else if (tailDigits < 15) {
        tail = tail * 10 + digit;
        tailDigits++;
      } else {
        exponent++;
        if (digit !== 0) lost = true;
      }
    } else if (digit === -2 && !seenPoint) seenPoint = true;
    else break;
  }
  if (!anyDigit) return readWord(bytes, begin, end, unreadable);
  if (at < end && ((bytes[at] as number) | 0x20) === 0x65) exponent += writtenExponent(bytes, at + 1, end);

  let value: number;
  if (tailDigits === 0 && exponent >= -22 && exponent <= 22) {
    value = exponent < 0 ? head / power(-exponent) : head * power(exponent);
  } else if (headDigits === 0) value = 0;
  else {
    value = lost ? Number.NaN : wideProduct(head, tail, tailDigits, exponent);
    if (Number.isNaN(value)) return convertSlowly(bytes, begin, end);
  }
  return negative ? -value : value;
}

/** The exponent behind its letter; 0 where there is none. */
function writtenExponent(bytes: Uint8Array, start: number, end: number): number {
  const sign = start < end ? bytes[start] : 0;
  let exponent = 0;
  for (let at = sign === 0x2d || sign === 0x2b ? start + 1 : start; at < end; at++) {
    const digit = (bytes[at] as number) - 48;
    if (!(digit >= 0 && digit <= 9)) break;
    // More digits say no more than that it is beyond all numbers.
    if (exponent < 100000) exponent = exponent * 10 + digit;
  }
  return sign === 0x2d ? -exponent : exponent;
}

/** (head * 10^tailDigits + tail) * 10^exponent, or NaN where the last bit is in doubt. */
function wideProduct(head: number, tail: number, tailDigits: number, exponent: number): number {
  if (exponent < -250 || exponent > 250) return Number.NaN;
  // Mantissa as high + low, exact but for a last rounding of the low part.
  let high = head;
  let low = 0;
  if (tailDigits > 0) {
    const scale = power(tailDigits);
    const product = head * scale;
    const error = productError(head, scale, product);
    high = product + tail;
    low = error + (tail - (high - product));
  }
  const factor = power(exponent);
  const product = high * factor;
  const rest = productError(high, factor, product) + (high * powerRest(exponent) + low * factor);
  const value = product + rest;
  const remainder = rest - (value - product);
  // The true value is value + remainder, give or take 2^-98 of it. In doubt if that could move the rounding.
  const doubt = value * 2 ** -92;
  return value + (remainder + doubt) === value && value + (remainder - doubt) === value ? value : Number.NaN;
}

/** a * b - product exactly, for product = a * b rounded (Dekker). */
function productError(a: number, b: number, product: number): number {
  const aSplit = SPLITTER * a;
  const aHigh = aSplit - (aSplit - a);
  const aLow = a - aHigh;
  const bSplit = SPLITTER * b;
  const bHigh = bSplit - (bSplit - b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

function convertSlowly(bytes: Uint8Array, begin: number, end: number): number {
  let text = '';
  for (let i = begin; i < end; i++) text += String.fromCharCode(bytes[i] as number);
  return Number(decimalAtFront(text));
}

function readWord(bytes: Uint8Array, begin: number, end: number, unreadable: number): number {
  let word = '';
  for (let i = begin; i < end && i < begin + 4; i++) word += String.fromCharCode(bytes[i] as number);
  const match = /^([+-]?)(nan|inf)/i.exec(word);
  if (match === null) return unreadable;
  if ((match[2] as string).toLowerCase() === 'nan') return Number.NaN;
  return match[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
