/**
 * Units of a spectral density: the square of the units of the data, per hertz (stream-format 13.6).
 *
 *     units   = [ "/" ] factor { ( blank | "*" | "/" ) factor }          nothing between factors behind "!n"
 *     factor  = name [ ( "**" | "^" ) exponent | "!a" exponent "!n" ]
 *     exponent = [ sign ] digits [ "/" digits ], also in parentheses or with decimals
 *
 * Units are free text (6.3): what does not follow this grammar is put into parentheses and squared as a whole.
 */

const FACTOR =
  /^([\p{L}%°]+)(?:\s*(?:\*\*|\^)\s*(\(\s*[-+]?[\d.]+(?:\/\d+)?\s*\)|[-+]?[\d.]+(?:\/\d+)?)|!a([-+]?[\d.]+(?:\/\d+)?)(?:!n)?)?/iu;

/** `V m**-1` becomes `V**2 m**-2 Hz**-1`; dimensionless data give `Hz**-1`. */
export function squaredPerHertz(units: string): string {
  const text = units.trim();
  const powers = text === '' ? new Map<string, number>() : factorsOf(text);
  if (powers === undefined) return `(${text})**2 Hz**-1`;
  const squared = new Map([...powers].map(([name, power]) => [name, 2 * power]));
  squared.set('Hz', (squared.get('Hz') ?? 0) - 1);
  return [...squared]
    .filter(([, power]) => power !== 0)
    .map(([name, power]) => (power === 1 ? name : `${name}**${power}`))
    .join(' ');
}

/** Unit names with their powers; undefined for text of another form. */
function factorsOf(text: string): Map<string, number> | undefined {
  const powers = new Map<string, number>();
  let rest = text;
  let sign = 1;
  if (/^(?:1\s*)?\//.test(rest)) {
    sign = -1;
    rest = rest.replace(/^(?:1\s*)?\/\s*/, '');
  }
  for (;;) {
    const match = FACTOR.exec(rest);
    if (match === null) return undefined;
    const power = exponentOf(match[2] ?? match[3] ?? '1');
    if (power === undefined) return undefined;
    const name = match[1] as string;
    powers.set(name, (powers.get(name) ?? 0) + sign * power);
    rest = rest.slice(match[0].length);
    if (rest === '') return powers;
    const separator = /^\s*([*/]|\s)\s*/.exec(rest);
    // Behind the code that ends an exponent the next name may follow at once.
    if (separator === null && !match[0].endsWith('!n')) return undefined;
    sign = separator?.[1] === '/' ? -1 : 1;
    rest = rest.slice(separator?.[0].length ?? 0);
  }
}

function exponentOf(text: string): number | undefined {
  const [numerator = '', denominator = '1'] = text.replace(/[()\s]/g, '').split('/');
  const power = Number(numerator) / Number(denominator);
  return Number.isFinite(power) ? power : undefined;
}
