/**
 * How many values reducers keep sums for at one time, over all packet types of a stream.
 *
 * Contract: a record of any size that a stream may have fits, with room to spare; many packet types with such records do not.
 */
import { Das2Error } from '../error.js';

/** Most values for which sums are kept at one time. */
const SUM_LIMIT = 16 * 1024 * 1024;

/** Throws `packetTooLarge` where packet types that are averaged have more than `SUM_LIMIT` values together. */
export function checkSums(values: number): void {
  if (values <= SUM_LIMIT) return;
  throw new Das2Error(
    'packetTooLarge',
    `the packet types have ${values} values together, at most ${SUM_LIMIT} can be averaged`,
  );
}
