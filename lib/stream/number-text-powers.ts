/**
 * Powers of ten as doubles, and as the unevaluated sum of two doubles (about 106 bits), for the fast ways of number text.
 *
 * Entries are made when first needed: start-up pays nothing.
 */

const LOWEST = -300;
const HIGHEST = 308;

const high = new Float64Array(HIGHEST - LOWEST + 1);
const low = new Float64Array(HIGHEST - LOWEST + 1).fill(Number.NaN);

/** The double nearest to 10^exponent, for exponents -300 to 308. */
export function power(exponent: number): number {
  const value = high[exponent - LOWEST] as number;
  return value !== 0 ? value : makePower(exponent);
}

function makePower(exponent: number): number {
  const value = Number(`1e${exponent}`);
  high[exponent - LOWEST] = value;
  return value;
}

/** 10^exponent minus `power(exponent)`, rounded to a double. */
export function powerRest(exponent: number): number {
  const value = low[exponent - LOWEST] as number;
  return Number.isNaN(value) ? makeRest(exponent) : value;
}

function makeRest(exponent: number): number {
  const [mantissa, shift] = binaryParts(power(exponent));
  // 10^exponent * 2^s = integers on both sides, so the difference is exact before its single rounding.
  let rest: number;
  if (exponent >= 0) {
    const exact = 10n ** BigInt(exponent);
    rest = Number(exact - (shift >= 0 ? mantissa << BigInt(shift) : mantissa >> BigInt(-shift)));
  } else {
    const scale = 10n ** BigInt(-exponent);
    // (1 - mantissa * 2^shift * scale) / scale, with 120 more bits for the quotient.
    const numerator = (1n << BigInt(-shift)) - mantissa * scale;
    const quotient = (numerator << 120n) / scale;
    rest = Number(quotient) * 2 ** -120 * 2 ** Math.ceil(shift / 2) * 2 ** Math.floor(shift / 2);
  }
  low[exponent - LOWEST] = rest;
  return rest;
}

/** A positive finite double as integer mantissa and binary exponent: value = mantissa * 2^shift. */
export function binaryParts(value: number): [mantissa: bigint, shift: number] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  return exponent === 0 ? [fraction, -1074] : [fraction | 0x10000000000000n, exponent - 1075];
}
