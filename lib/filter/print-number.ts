/**
 * Numbers in properties, printed as C prints them: `%.Nf`, `%.6e` and `%.3g`, with exact halves going to even.
 *
 * Contract: finite numbers below 1e21 in size for the fixed form. Used for the Datums and texts of stream-format 12.3.
 */

/** `%.Nf`. */
export function fixedText(value: number, decimals: number): string {
  return Number.isInteger(value) ? value.toFixed(decimals) : evenText(value, decimals);
}

function evenText(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  // toFixed takes the larger neighbour of an exact half; forty more digits show whether it is one.
  const exact = value.toFixed(Math.min(100, decimals + 40));
  const rest = decimals === 0 ? exact.slice(exact.indexOf('.') + 1) : exact.slice(exact.length - 40);
  if (!/^50*$/.test(rest)) return text;
  const cut = exact.slice(0, exact.length - 40).replace(/\.$/, '');
  return Number(cut.at(-1)) % 2 === 0 ? cut : text;
}

/** `%.6e`: an exponent of at least two digits. */
export function exponentText(value: number): string {
  return value.toExponential(6).replace(/e([+-])(\d)$/, 'e$10$2');
}

/** `%.3g`: three significant digits, without trailing zeros. */
export function generalText(value: number): string {
  const text = value.toPrecision(3);
  const [mantissa = '', exponent] = text.split('e');
  const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  return exponent === undefined ? short : `${short}e${exponent.replace(/^([+-])(\d)$/, '$10$2')}`;
}

/**
 * The number of a Datum: six decimals, or the exponent form above 1e10 and where six decimals would show nothing but zeros.
 */
export function datumText(value: number): string {
  const size = Math.abs(value);
  return size > 1e10 || (size !== 0 && size < 5e-7) ? exponentText(value) : fixedText(value, 6);
}
