/**
 * Double to decimal digits by integer arithmetic of any length: exact, half to even on the exact binary value, for any
 * number of digits. The slow way behind `number-text-writer`, and the judge in its tests.
 */
import { binaryParts } from './number-text-powers.js';

export interface DecimalDigits {
  /** The significant digits, as many as asked for. */
  readonly digits: string;
  /** Decimal exponent of the first digit: value = d.ddd * 10^exponent. */
  readonly exponent: number;
}

/** A finite value above zero as `count` (1 or more) significant decimal digits. */
function exactDigits(value: number, count: number): DecimalDigits {
  const [mantissa, shift] = binaryParts(value);
  let exponent = Math.floor(Math.log10(value));
  const limit = 10n ** BigInt(count);
  for (;;) {
    const scale = count - 1 - exponent;
    const numerator = (shift > 0 ? mantissa << BigInt(shift) : mantissa) * (scale > 0 ? 10n ** BigInt(scale) : 1n);
    const denominator = (shift < 0 ? 1n << BigInt(-shift) : 1n) * (scale < 0 ? 10n ** BigInt(-scale) : 1n);
    let quotient = numerator / denominator;
    // The logarithm may be off by one beside a power of ten.
    if (quotient >= limit) {
      exponent++;
      continue;
    }
    if (quotient * 10n < limit) {
      exponent--;
      continue;
    }
    const twice = (numerator - quotient * denominator) * 2n;
    if (twice > denominator || (twice === denominator && quotient % 2n === 1n)) quotient++;
    if (quotient === limit) return { digits: (quotient / 10n).toString(), exponent: exponent + 1 };
    return { digits: quotient.toString(), exponent };
  }
}

/**
 * C's exponent format of any finite value with `precision` digits behind the point: `-1.50e+00`, at least two digits of
 * exponent, no point without digits behind it.
 */
export function exponentText(value: number, precision: number): string {
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const { digits, exponent } =
    value === 0 ? { digits: '0'.repeat(precision + 1), exponent: 0 } : exactDigits(Math.abs(value), precision + 1);
  const mantissa = precision > 0 ? `${digits[0]}.${digits.slice(1)}` : digits;
  const power = String(Math.abs(exponent)).padStart(2, '0');
  return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${power}`;
}

/**
 * The text of a finite value in at most `room` characters, fixed or with a short exponent (`1.2e7`), that keeps the most
 * digits; the shorter one of equals. A value below one that no form keeps a digit of becomes zero. Undefined if the
 * value does not fit at all (stream-format 5.2, widths below 9).
 */
export function narrowText(value: number, room: number): string | undefined {
  if (value === 0) return '0';
  const sign = value < 0 ? '-' : '';
  const size = Math.abs(value);
  for (let count = Math.min(room, 17); count >= 1; count--) {
    const { digits, exponent } = exactDigits(size, count);
    const kept = digits.replace(/0+$/, '');
    const forms = [fixedForm(kept, exponent), exponentForm(kept, exponent)]
      .flatMap((form) => (form.startsWith('0.') ? [form, form.slice(1)] : [form]))
      .filter((form) => sign.length + form.length <= room);
    const best = forms.sort((a, b) => a.length - b.length)[0];
    if (best !== undefined) {
      // `.5` only where `0.5` does not fit.
      const whole = `0${best}`;
      return sign + (best.startsWith('.') && sign.length + whole.length <= room ? whole : best);
    }
  }
  return size < 0.5 ? '0' : undefined;
}

function fixedForm(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return digits.padEnd(exponent + 1, '0');
  return `${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

function exponentForm(digits: string, exponent: number): string {
  const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
  return `${mantissa}e${exponent}`;
}
