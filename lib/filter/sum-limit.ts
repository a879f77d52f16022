/**
 * How much memory reducers keep for sums at one time, over all packet types of a stream: together with the largest record on its way in and out
 * they stay within what any filter may take, 150 MB.
 */
import { Das2Error } from '../error.js';

/** Most bytes for sums at one time: means of three million values, or a third of that with minima, maxima and deviations. */
const SUM_LIMIT = 48 * 1024 * 1024;

/** Throws `packetTooLarge` where the sums of all packet types that are averaged would take more than `SUM_LIMIT` bytes together. */
export function checkSums(bytes: number): void {
  if (bytes <= SUM_LIMIT) return;
  throw new Das2Error(
    'packetTooLarge',
    `the packet types have so many values that their sums would take ${bytes} bytes, at most ${SUM_LIMIT} are possible`,
  );
}
