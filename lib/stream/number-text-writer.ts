/**
 * Double to `asciiN` text (stream-format 5.2): C's exponent format with N-8 digits behind the point, right justified in
 * N-1 characters, then a blank. Rounding is that of an exact conversion, half to even on the exact binary value.
 *
 * Three ways, each exact or left. Up to 12 digits: one product with a power of ten, unless it comes near a half. Up to 18
 * digits: a product of about 106 bits, unless it comes near a half. Else integer arithmetic (`number-text-exact`).
 * Below 9 bytes there is no room for that format; those fields get the narrow form of `narrowText`.
 */
import { exponentText, narrowText } from './number-text-exact.js';
import { power, powerRest } from './number-text-powers.js';

const SPLITTER = 134217729;
const BLANK = 0x20;
const ZERO = 0x30;
const NARROWEST_EXPONENT_FORM = 9;
/** Fields up to this width have at most 12 digits, up to the next one at most 18. */
const WIDEST_ONE_PRODUCT = 19;
const WIDEST_TWO_PRODUCTS = 25;

/** How near to a half the one product with that many digits may come: its error, and as much again. */
const DOUBT = new Float64Array(13);
for (let digits = 0; digits < DOUBT.length; digits++) DOUBT[digits] = 10 ** digits * 2 ** -51;

/** `00` to `99`. */
const PAIRS = new Uint8Array(200);
for (let i = 0; i < 100; i++) {
  PAIRS[2 * i] = ZERO + Math.floor(i / 10);
  PAIRS[2 * i + 1] = ZERO + (i % 10);
}

const real = new Float64Array(1);
const words = new Uint32Array(real.buffer);
const highWord = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

/**
 * Writes a value into `width` bytes at `offset`, separator included. What does not fit is written with fewer digits; if
 * that does not help the fill value is written, and if even that does not fit, blanks (which are read as fill).
 */
export function writeReal(bytes: Uint8Array, offset: number, width: number, value: number, fill: number): void {
  const size = value < 0 ? -value : value;
  if (width >= NARROWEST_EXPONENT_FORM && width <= WIDEST_TWO_PRODUCTS && size >= 1e-99 && size < 9e98) {
    // Exponents of two digits only from here on: they always fit.
    const digits = width - 7;
    real[0] = size;
    let exponent = ((((words[highWord] as number) >>> 20) - 1023) * 78913) >> 18;
    if (size >= power(exponent + 1)) exponent++;
    if (width <= WIDEST_ONE_PRODUCT) {
      const product = size * power(digits - 1 - exponent);
      let whole = Math.floor(product);
      const distance = product - whole - 0.5;
      const doubt = DOUBT[digits] as number;
      if (distance > doubt || distance < -doubt) {
        if (distance > 0) whole++;
        if (whole >= (power(digits) as number)) {
          whole = power(digits - 1);
          exponent++;
        }
        writeWhole(bytes, offset, width, whole, value < 0, exponent);
        return;
      }
    } else if (writeWide(bytes, offset, width, size, value < 0, exponent)) return;
  } else if (value === 0 && width >= NARROWEST_EXPONENT_FORM) {
    writeWhole(bytes, offset, width, 0, 1 / value < 0, 0);
    return;
  }
  writeSlowly(bytes, offset, width, value, fill);
}

/** Mantissas of 2 to 12 digits; zero with any number of them. */
function writeWhole(
  bytes: Uint8Array,
  offset: number,
  width: number,
  whole: number,
  negative: boolean,
  exponent: number,
): void {
  // From the right: blank, exponent, digits in pairs, point, first digit, sign.
  let at = writeExponent(bytes, offset + width, exponent);
  let digits = width - 7;
  let rest: number;
  if (digits > 9) {
    const upper = Math.floor(whole / 1e6);
    let lower = (whole - upper * 1e6) | 0;
    for (let i = 0; i < 3; i++) {
      const next = (lower / 100) | 0;
      const pair = (lower - next * 100) * 2;
      at -= 2;
      bytes[at] = PAIRS[pair] as number;
      bytes[at + 1] = PAIRS[pair + 1] as number;
      lower = next;
    }
    digits -= 6;
    rest = upper | 0;
  } else rest = whole | 0;
  for (; digits > 2; digits -= 2) {
    const next = (rest / 100) | 0;
    const pair = (rest - next * 100) * 2;
    at -= 2;
    bytes[at] = PAIRS[pair] as number;
    bytes[at + 1] = PAIRS[pair + 1] as number;
    rest = next;
  }
  if (digits === 2) {
    const next = (rest / 10) | 0;
    bytes[--at] = ZERO + rest - next * 10;
    rest = next;
  }
  bytes[at - 1] = 0x2e;
  bytes[at - 2] = ZERO + rest;
  bytes[offset] = negative ? 0x2d : BLANK;
}

/** Writes `e+dd` and the blank so that they end at `end`; returns where they begin. */
function writeExponent(bytes: Uint8Array, end: number, exponent: number): number {
  const pair = (exponent < 0 ? -exponent : exponent) * 2;
  bytes[end - 1] = BLANK;
  bytes[end - 2] = PAIRS[pair + 1] as number;
  bytes[end - 3] = PAIRS[pair] as number;
  bytes[end - 4] = exponent < 0 ? 0x2d : 0x2b;
  bytes[end - 5] = 0x65;
  return end - 5;
}

/** Mantissas of 13 to 18 digits; false where the last digit is in doubt. */
function writeWide(
  bytes: Uint8Array,
  offset: number,
  width: number,
  size: number,
  negative: boolean,
  exponent: number,
): boolean {
  // The double nearest to a power of ten may lie below it: its exponent is one less then.
  if (size === power(exponent) && powerRest(exponent) > 0) return false;
  const digits = width - 7;
  const scale = digits - 1 - exponent;
  const factor = power(scale);
  const product = size * factor;
  const sizeSplit = SPLITTER * size;
  const sizeHigh = sizeSplit - (sizeSplit - size);
  const sizeLow = size - sizeHigh;
  const factorSplit = SPLITTER * factor;
  const factorHigh = factorSplit - (factorSplit - factor);
  const factorLow = factor - factorHigh;
  const error = sizeLow * factorLow - (product - sizeHigh * factorHigh - sizeLow * factorHigh - sizeHigh * factorLow);
  const low = error + size * powerRest(scale);
  let upper = Math.floor(product / 1e9);
  const sum = product - upper * 1e9 + low;
  let lower = Math.floor(sum);
  const distance = sum - lower - 0.5;
  if (distance < 1e-6 && distance > -1e-6) return false;
  if (distance > 0) lower++;
  if (lower < 0) {
    lower += 1e9;
    upper--;
  } else if (lower >= 1e9) {
    lower -= 1e9;
    upper++;
  }
  const upperDigits = digits - 9;
  if (upper < power(upperDigits - 1)) return false;
  let shifted = exponent;
  if (upper >= power(upperDigits)) {
    if (lower !== 0) return false;
    upper = power(upperDigits - 1);
    shifted++;
  }
  if (shifted > 99) return false;
  let at = writeExponent(bytes, offset + width, shifted);
  at = writeDigits(bytes, at, lower, 9);
  at = writeDigits(bytes, at, upper, upperDigits);
  bytes[at - 1] = bytes[at] as number;
  bytes[at] = 0x2e;
  bytes[offset] = negative ? 0x2d : BLANK;
  return true;
}

/** Writes `count` digits so that they end at `end`; returns where they begin. */
function writeDigits(bytes: Uint8Array, end: number, value: number, count: number): number {
  let rest = value | 0;
  let at = end;
  let left = count;
  for (; left > 1; left -= 2) {
    const next = (rest / 100) | 0;
    const pair = (rest - next * 100) * 2;
    at -= 2;
    bytes[at] = PAIRS[pair] as number;
    bytes[at + 1] = PAIRS[pair + 1] as number;
    rest = next;
  }
  if (left === 1) bytes[--at] = ZERO + rest;
  return at;
}

function writeSlowly(bytes: Uint8Array, offset: number, width: number, value: number, fill: number): void {
  const room = width - 1;
  const text = fittingText(value, room) ?? fittingText(fill, room) ?? '';
  const start = offset + room - text.length;
  for (let i = offset; i < start; i++) bytes[i] = BLANK;
  for (let i = 0; i < text.length; i++) bytes[start + i] = text.charCodeAt(i);
  bytes[offset + room] = BLANK;
}

function fittingText(value: number, room: number): string | undefined {
  if (!Number.isFinite(value)) {
    const word = Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : 'inf';
    return word.length <= room ? word : undefined;
  }
  if (room + 1 < NARROWEST_EXPONENT_FORM) return narrowText(value, room);
  const precision = room - 7;
  const text = exponentText(value, precision);
  if (text.length <= room) return text;
  // A sign and an exponent of three digits: one character too many.
  const shorter = exponentText(value, precision - 1);
  return shorter.length <= room ? shorter : exponentText(value, 0);
}

/** Significant digits that survive text to double to text without change. */
const ROUND_TRIP_DIGITS = 15;

/**
 * True if the field at `offset` holds exactly what `writeReal` would print for the number in it, so that it can be
 * copied: the exponent form of this width, at most 15 digits, first digit not zero, exponent of two digits.
 */
export function isPrintedReal(bytes: Uint8Array, offset: number, width: number): boolean {
  if (width < NARROWEST_EXPONENT_FORM || width - 7 > ROUND_TRIP_DIGITS) return false;
  const sign = bytes[offset];
  if (sign !== BLANK && sign !== 0x2d) return false;
  const first = (bytes[offset + 1] as number) - ZERO;
  if (!(first >= 1 && first <= 9) || bytes[offset + 2] !== 0x2e) return false;
  const end = offset + width - 5;
  for (let at = offset + 3; at < end; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return false;
  }
  const exponentSign = bytes[end + 1];
  const tens = (bytes[end + 2] as number) - ZERO;
  const ones = (bytes[end + 3] as number) - ZERO;
  return (
    bytes[end] === 0x65 &&
    (exponentSign === 0x2b || exponentSign === 0x2d) &&
    tens >= 0 &&
    tens <= 9 &&
    ones >= 0 &&
    ones <= 9 &&
    // `e-00` is never printed.
    (exponentSign === 0x2b || tens + ones > 0) &&
    (bytes[end + 4] as number) <= BLANK
  );
}
