/**
 * Units as a list of factors, so that two spellings of one unit are the same: `V/m` and `V m**-1`, `seconds` and `s`. Servers of other make
 * rewrite the units of streams that pass their filters.
 *
 * Contract: two texts with one result mean one unit. What is no plain product of factors stays the text it is.
 */

const FACTOR = /(^|[\s/]\s*)([A-Za-z%]+)(?:(?:\*\*|\^)(-?\d+))?(?=$|[\s/])/y;

/** The unit in one spelling, the factors in the order of their names. */
export function unitMeaning(text: string): string {
  const trimmed = text.trim();
  const exponents = new Map<string, number>();
  FACTOR.lastIndex = 0;
  while (FACTOR.lastIndex < trimmed.length) {
    const match = FACTOR.exec(trimmed);
    if (match === null) return trimmed;
    const [, separator = '', word = '', exponent = '1'] = match;
    const name = word === 'seconds' ? 's' : word;
    const sign = separator.includes('/') ? -1 : 1;
    exponents.set(name, (exponents.get(name) ?? 0) + sign * Number(exponent));
  }
  // A period, not a rate: das2C writes it so. In a product it leaves `Hz**-1` as it is.
  if (exponents.size === 1 && exponents.get('Hz') === -1) return 's**1';
  return [...exponents]
    .map(([name, exponent]) => `${name}**${exponent}`)
    .sort()
    .join(' ');
}
