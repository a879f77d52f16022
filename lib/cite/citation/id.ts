/**
 * Ids of citations: anybody can work them out from request and digest (citation 4.6).
 *
 *     SHA-256 of "d2i/1" LF rk LF digest LF; its first 80 bits as 16 characters, "-", a check character
 *
 * Contract: the alphabet has no i, l, o, u. The check character is the value modulo 37, so a character that was mistyped, or two that were swapped, are
 * noticed.
 */
import { sha256OfText } from '../sha256.js';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const CHECK = `${ALPHABET}*~$=u`;
const BITS = 80n;

/** The id of a request and a digest of 64 digits. */
export function citationId(rk: string, digest: string): string {
  const value = BigInt(`0x${sha256OfText(`d2i/1\n${rk}\n${digest}\n`).slice(0, Number(BITS) / 4)}`);
  let text = '';
  for (let shift = BITS - 5n; shift >= 0n; shift -= 5n) text += ALPHABET[Number((value >> shift) & 31n)];
  return `${text}-${checkOf(value)}`;
}

/** The id that a text means: letters of any case, and those that look like digits; undefined if it is none, or its check character does not fit. */
export function readCitationId(text: string): string | undefined {
  const match = /^([0-9a-z]{16})-([0-9a-z*~$=])$/.exec(text.trim().toLowerCase());
  if (match === null) return undefined;
  const body = (match[1] ?? '').replace(/[il]/g, '1').replace(/o/g, '0');
  let value = 0n;
  for (const character of body) {
    const digit = ALPHABET.indexOf(character);
    if (digit < 0) return undefined;
    value = (value << 5n) | BigInt(digit);
  }
  return checkOf(value) === match[2] ? `${body}-${match[2]}` : undefined;
}

function checkOf(value: bigint): string {
  return CHECK[Number(value % 37n)] ?? '';
}
