/**
 * random_walk [--seed NUMBER] BEGIN END: a random walk, one record a second.
 *
 * The smallest complete reader: start here when you write your own. It reads two times, writes a stream header, one packet
 * header and its records, and says so when it has none.
 *
 * The walk is not drawn step by step, since then a record would depend on where the request began. It is a sum of noises, one
 * for each power of two of seconds: each block of 2^k seconds has a number made from the seed and the block's position, with
 * straight lines in between, and longer blocks have larger numbers. That wanders like a walk on all scales up to some years.
 */
import { ArgumentError, PacketOutput } from './packet-output.js';
import { readTimeRange, recordAt } from './time-range.js';

const SECOND = 1e9;
const SCALES = 28;

export function main(args: readonly string[]): number {
  const { seed, words } = readSeed(args);
  const { begin, end } = readTimeRange(words[0], words[1]);

  const output = new PacketOutput();
  output.streamHeader(`
    title="Random walk%{xCacheResInfo}" xLabel="Time (UTC)" yLabel="Distance (m)"
    Datum:xTagWidth="1 s" monotonicXTags="true" sourceId="random_walk"`);
  output.packetHeader(
    1,
    `  <x name="time" type="sun_real8" units="us2000" />
  <y name="distance" type="sun_real4" units="m" />`,
  );

  const first = recordAt(begin, SECOND);
  const last = recordAt(end, SECOND);
  if (first === last) output.exception('NoDataInInterval', 'There is one record at each full second.');
  for (let second = first; second < last; second++) {
    const at = output.record(1, 12);
    output.view.setFloat64(at, second * 1e6);
    output.view.setFloat32(at + 8, distance(second, seed));
  }
  output.flush();
  return 0;
}

/** Where the walk is at `second`, in m: steps of a second are about 1 m. */
export function distance(second: number, seed: number): number {
  let sum = 0;
  for (let scale = 0, block = 1, size = 1; scale < SCALES; scale++, block *= 2, size *= Math.SQRT2) {
    const position = second / block;
    const number = Math.floor(position);
    const here = noise(number, seed + scale);
    const next = noise(number + 1, seed + scale);
    sum += size * (here + (next - here) * (position - number));
  }
  return sum;
}

/** A number from -0.5 to 0.5 that depends on both arguments and on nothing else. */
function noise(number: number, seed: number): number {
  let hash = Math.imul(number | 0, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32 - 0.5;
}

function readSeed(args: readonly string[]): { seed: number; words: readonly string[] } {
  if (args[0] !== '--seed') return { seed: SCALES, words: args };
  const [, text = '', ...words] = args;
  if (!/^\d{1,9}$/.test(text)) throw new ArgumentError(`--seed: "${text}" is not a whole number`);
  return { seed: Number(text) * SCALES, words };
}
