/**
 * The bins of a time reduction: where they begin, how long they are, and the arithmetic between times, bin numbers and centres.
 *
 * Contract: times are us2000 (microseconds since 2000-01-01T00:00) in 8-byte reals, bin numbers are whole 8-byte reals, so they
 * hold 54 bits. Bins before the start have negative numbers: floor, not truncation (D-01). The order of the operations is that of
 * stream-format 12.1 and 12.2, so that results agree to the last bit.
 */
export class BinGrid {
  /** Start of bin 0 in us2000; NaN until the first record decides (12.1). */
  start: number;
  /** Length of a bin in microseconds. */
  readonly width: number;

  /** `seconds` is the length of a bin; `begin` the start of bin 0 in us2000 where one is given. */
  constructor(
    readonly seconds: number,
    begin: number | undefined,
  ) {
    this.width = seconds * 1e6;
    this.start = begin ?? Number.NaN;
  }

  /** The bin in which a time lies. */
  number(us2000: number): number {
    return Math.floor((us2000 - this.start) / this.width);
  }

  /** The centre of a bin in us2000. */
  centre(number: number): number {
    return this.start + this.width * (number + 0.5);
  }
}
