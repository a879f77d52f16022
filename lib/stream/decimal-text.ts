/**
 * Decimal numbers in properties, attributes and command lines, and Datums, which are numbers with units behind them (stream-format 4.1).
 *
 *     decimal = [ sign ] ( digits [ "." [ digits ] ] | "." digits ) [ ( "e" | "E" ) [ sign ] digits ]
 *     datum   = decimal units                                   blanks around both do not count
 *
 * Contract: no `nan`, `inf`, hexadecimal. The patterns read each text in one way only, so a hostile one takes time in proportion to its
 * length. Number fields of records are read by number-text.ts.
 */

const DECIMAL = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/;
const DECIMAL_AT_FRONT = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?/;

/** The number, where the whole text is one; infinite where a double cannot hold it. Undefined for any other text. */
export function decimalNumber(text: string): number | undefined {
  return DECIMAL.test(text) ? Number(text) : undefined;
}

/** The number that the text begins with, as it is written; undefined where there is none. */
export function decimalAtFront(text: string): string | undefined {
  return DECIMAL_AT_FRONT.exec(text)?.[0];
}

export interface Datum {
  /** The number as it was written. */
  readonly number: string;
  /** Empty for a number alone. */
  readonly units: string;
}

/** The parts of a Datum; undefined for text that does not begin with a number. */
export function parseDatum(text: string): Datum | undefined {
  const datum = text.trim();
  const number = decimalAtFront(datum);
  return number === undefined ? undefined : { number, units: datum.slice(number.length).trim() };
}
