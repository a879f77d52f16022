/**
 * The fixed tables of deflate and the making of decoding tables from code lengths (RFC 1951, 3.2).
 */
import { Das2Error } from '../error.js';

export interface HuffmanTable {
  /** Indexed by the next bits of the input: symbol * 16 + length of its code; 0 where no code begins. */
  readonly entries: Uint16Array;
  readonly mask: number;
}

interface ExtraCode {
  readonly base: number;
  /** Bits that follow the code and are added to `base`. */
  readonly extra: number;
}

/** Order in which the lengths of the code length code are sent. */
export const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

function extraCodes(first: number, extras: readonly number[]): ExtraCode[] {
  let base = first;
  return extras.map((extra) => {
    const code = { base, extra };
    base += 1 << extra;
    return code;
  });
}

let lengths: readonly ExtraCode[] | undefined;
let distances: readonly ExtraCode[] | undefined;

/** Codes 257 to 285; the last one stands for 258 alone. Made when first needed, as all tables here: few streams are deflated. */
export function lengthCodes(): readonly ExtraCode[] {
  lengths ??= [
    ...extraCodes(3, [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5]),
    { base: 258, extra: 0 },
  ];
  return lengths;
}

/** Codes 0 to 29. */
export function distanceCodes(): readonly ExtraCode[] {
  distances ??= extraCodes(
    1,
    Array.from({ length: 30 }, (_, code) => (code < 2 ? 0 : (code >> 1) - 1)),
  );
  return distances;
}

/** The decoding table of a canonical code. Throws `compression` when more codes are asked for than there can be. */
export function huffmanTable(codeLengths: Uint8Array): HuffmanTable {
  let longest = 1;
  const counts = new Uint16Array(16);
  for (const length of codeLengths) {
    if (length > longest) longest = length;
    if (length > 0) counts[length] = (counts[length] as number) + 1;
  }
  const next = new Uint16Array(17);
  let left = 1;
  let code = 0;
  for (let length = 1; length < 16; length++) {
    left = left * 2 - (counts[length] as number);
    if (left < 0) throw new Das2Error('compression', 'a code table of the deflated data is damaged');
    next[length] = code;
    code = (code + (counts[length] as number)) << 1;
  }
  const entries = new Uint16Array(1 << longest);
  for (let symbol = 0; symbol < codeLengths.length; symbol++) {
    const length = codeLengths[symbol] as number;
    if (length === 0) continue;
    const own = next[length] as number;
    next[length] = own + 1;
    const step = 1 << length;
    for (let at = reversed(own, length); at < entries.length; at += step) entries[at] = (symbol << 4) | length;
  }
  return { entries, mask: entries.length - 1 };
}

function reversed(code: number, length: number): number {
  let result = 0;
  for (let bit = 0; bit < length; bit++) result |= ((code >> bit) & 1) << (length - 1 - bit);
  return result;
}

let fixedLiteralTable: HuffmanTable | undefined;
let fixedDistanceTable: HuffmanTable | undefined;

/** Literals and lengths of blocks with the fixed code. Made when first needed. */
export function fixedLiterals(): HuffmanTable {
  if (fixedLiteralTable === undefined) {
    const codeLengths = new Uint8Array(288).fill(8);
    codeLengths.fill(9, 144, 256);
    codeLengths.fill(7, 256, 280);
    fixedLiteralTable = huffmanTable(codeLengths);
  }
  return fixedLiteralTable;
}

/** Distances of blocks with the fixed code. */
export function fixedDistances(): HuffmanTable {
  fixedDistanceTable ??= huffmanTable(new Uint8Array(32).fill(5));
  return fixedDistanceTable;
}
