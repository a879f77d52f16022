/**
 * C's `%.Ne` by the language's own means, for tests of number text.
 */

/** The exponent form with this many decimals. What lies in the middle goes to the even digit, as in C, not upwards. */
export function exponentForm(value: number, decimals: number): string {
  // As in C, a negative zero keeps its sign.
  const sign = Object.is(value, -0) ? '-' : '';
  const [digits = '', power = ''] = value.toExponential(100).split('e');
  const kept = digits.length - 100 + decimals;
  const isMiddle = /^50*$/.test(digits.slice(kept)) && /[02468]\.?$/.test(digits.slice(0, kept));
  const [mantissa] = isMiddle
    ? [digits.slice(0, decimals === 0 ? kept - 1 : kept)]
    : value.toExponential(decimals).split('e');
  // Rounding up may have carried into the exponent.
  const exponent = isMiddle ? power : (value.toExponential(decimals).split('e')[1] as string);
  return `${sign}${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
}
