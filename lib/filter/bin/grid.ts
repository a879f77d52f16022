/**
 * The bins of a reduction: where they begin, how long they are, and the arithmetic between places on x, bin numbers and centres.
 *
 * Contract: x is us2000 (microseconds since 2000-01-01T00:00), or for das2_bin_avg in units of its own; bin numbers are whole 8-byte
 * reals, so they hold 54 bits. Bins before the start have negative numbers: floor, not truncation (D-01). The order of the operations is that of
 * stream-format 12.1 and 12.2, so that results agree to the last bit.
 */
import { Das2Error } from '../../error.js';

export class BinGrid {
  /** Start of bin 0; NaN until the first record decides (12.1). */
  start: number;

  /** `width` is the length of a bin in the units of x; `begin` the start of bin 0 where one is given. */
  constructor(
    readonly width: number,
    begin: number | undefined,
  ) {
    this.start = begin ?? Number.NaN;
  }

  /** The bins of a reduction to seconds, on x in us2000. */
  static ofSeconds(seconds: number, begin: number | undefined): BinGrid {
    return new BinGrid(seconds * 1e6, begin);
  }

  /** The bin in which a place on x lies. */
  number(x: number): number {
    return Math.floor((x - this.start) / this.width);
  }

  /** The centre of a bin. Throws `valueEncoding` where 8-byte reals cannot tell it. */
  centre(number: number): number {
    const centre = this.start + this.width * (number + 0.5);
    if (Number.isFinite(centre)) return centre;
    throw new Das2Error('valueEncoding', 'the centre of a bin is no finite number; take bins of another length');
  }
}
