/**
 * Labels of das2 streams as plain text: property references are filled in, and the codes that move text up and down become Unicode
 * superscripts and subscripts where there are such characters (stream-format 4.5).
 *
 *     "V!a2!n m!a-2!n Hz!a-1!n" -> "V² m⁻² Hz⁻¹"     "V**2 m**-2" -> "V² m⁻²"
 *
 * Pure; labels come from readers and are never markup.
 */

const UP: Readonly<Record<string, string>> = {
  '0': '⁰',
  '1': '¹',
  '2': '²',
  '3': '³',
  '4': '⁴',
  '5': '⁵',
  '6': '⁶',
  '7': '⁷',
  '8': '⁸',
  '9': '⁹',
  '-': '⁻',
  '+': '⁺',
};
const DOWN: Readonly<Record<string, string>> = {
  '0': '₀',
  '1': '₁',
  '2': '₂',
  '3': '₃',
  '4': '₄',
  '5': '₅',
  '6': '₆',
  '7': '₇',
  '8': '₈',
  '9': '₉',
  '-': '₋',
  '+': '₊',
};

/** Labels longer than that are cut: they would leave no room for the plot. */
const LONGEST = 120;

/** The label as text. `property` gives the value of a property by name, for `%{name}`. */
export function labelText(label: string, property: (name: string) => string | undefined): string {
  const filled = label.replace(/%\{([^{}]*)\}/g, (_, name: string) => property(name) ?? '');
  let text = '';
  let shift: Readonly<Record<string, string>> | undefined;
  for (const [, code, plain = ''] of filled.matchAll(/!([A-Za-z!])|([^!]+|!)/g)) {
    if (code === undefined) {
      text += shift === undefined ? plain : moved(plain, shift);
      continue;
    }
    switch (code.toLowerCase()) {
      case 'a':
      case 'u':
      case 'e':
        shift = UP;
        break;
      case 'b':
      case 'd':
      case 'i':
        shift = DOWN;
        break;
      case 'n':
        shift = undefined;
        break;
      case 'c':
        text += ' ';
        break;
      default:
        if (code === '!') text += '!';
    }
  }
  return cut(powers(text).replace(/\s+/g, ' ').trim());
}

/** Units as text: with `**` exponents, or with the codes of labels, as older readers write them (stream-format 6.3). */
export function unitText(units: string): string {
  return /![A-Za-z]/.test(units) ? labelText(units, () => undefined) : cut(powers(units).trim());
}

function powers(text: string): string {
  return text.replace(/\*\*\s*([-+]?\d+)(?![\d.])/g, (_, exponent: string) => moved(exponent, UP));
}

function moved(text: string, shift: Readonly<Record<string, string>>): string {
  return [...text].map((character) => shift[character] ?? character).join('');
}

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}
