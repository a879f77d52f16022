/** Numbers of axes, legends and tables: short, never more digits than say something. Pure. */

/** A value with up to `digits` significant digits. */
export function numberLabel(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) {
    const [mantissa = '', exponent = ''] = value.toExponential(digits - 1).split('e');
    return `${trimZeros(mantissa)}e${Number(exponent)}`.replace(/^-/, '−').replace('e-', 'e−');
  }
  return trimZeros(value.toPrecision(Math.max(digits, Math.ceil(Math.log10(size + 1))))).replace('-', '−');
}

/** Labels of the ticks of one axis: all with the decimals that the step between them needs. */
export function tickLabels(values: readonly number[], step: number): string[] {
  const largest = Math.max(...values.map(Math.abs), 0);
  if (largest !== 0 && (largest >= 1e6 || largest < 1e-3)) return values.map((value) => numberLabel(value, 5));
  let decimals = 0;
  while (
    decimals < 12 &&
    Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) > 1e-6 * step * 10 ** decimals
  ) {
    decimals++;
  }
  return values.map((value) => value.toFixed(decimals).replace('-', '−'));
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text;
}
