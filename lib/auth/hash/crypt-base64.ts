/**
 * The base-64 of crypt(3): alphabet `./0-9A-Za-z`, least significant six bits first.
 */

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Writes `digits` digits for the 24-bit number made of three bytes, the first the most significant. */
function cryptDigits(high: number, middle: number, low: number, digits: number): string {
  let value = (high << 16) | (middle << 8) | low;
  let text = '';
  for (let i = 0; i < digits; i++) {
    text += ALPHABET[value & 63];
    value >>>= 6;
  }
  return text;
}

/** The text for bytes taken three by three in an order of indices; -1 stands for a zero byte. */
export function cryptText(bytes: Uint8Array, order: readonly (readonly [number, number, number, number])[]): string {
  const at = (i: number): number => (i < 0 ? 0 : (bytes[i] ?? 0));
  return order.map(([high, middle, low, digits]) => cryptDigits(at(high), at(middle), at(low), digits)).join('');
}

/** A random text of the alphabet, for salts. */
export function randomSalt(bytes: Uint8Array): string {
  return [...bytes].map((byte) => ALPHABET[byte & 63]).join('');
}
