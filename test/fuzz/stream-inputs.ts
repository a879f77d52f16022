/**
 * Inputs of the targets: generated streams as they are, cut short, or damaged.
 */
import { das2Stream } from './das2-streams.js';
import { mutate } from './mutate.js';
import { das1Stream, qStream, taggedDas1Stream } from './other-streams.js';
import type { FuzzInput } from './property.js';
import type { Random } from './random.js';

/** A das2 stream: one in three as it is, one in six cut, the others damaged. */
export function das2Input(random: Random, seeds: readonly Uint8Array[]): FuzzInput {
  const how = random.below(6);
  if (how === 5 && seeds.length > 0) return damaged(random, random.pick(seeds), seeds);
  const stream = das2Stream(random);
  if (how < 2) return { bytes: stream.bytes, args: [], nature: 'whole', facts: stream };
  if (how === 2) {
    const bytes = stream.bytes.subarray(0, random.below(stream.bytes.length + 1));
    return { bytes, args: [], nature: 'cut', facts: stream };
  }
  return damaged(random, stream.bytes, seeds);
}

/** A QStream, mostly damaged. */
export function qStreamInput(random: Random, seeds: readonly Uint8Array[]): FuzzInput {
  const bytes = qStream(random);
  return random.oneIn(3) ? { bytes, args: [], nature: 'damaged' } : damaged(random, bytes, seeds);
}

/** Plain das1 with the number of items in the first argument. */
export function das1Input(random: Random, seeds: readonly Uint8Array[]): FuzzInput & { readonly items: number } {
  const { bytes, items } = das1Stream(random);
  const input: FuzzInput = random.oneIn(2) ? { bytes, args: [], nature: 'whole' } : damaged(random, bytes, seeds);
  return { ...input, items };
}

export function taggedDas1Input(random: Random, seeds: readonly Uint8Array[]): FuzzInput {
  const bytes = taggedDas1Stream(random);
  return random.oneIn(2) ? { bytes, args: [], nature: 'damaged' } : damaged(random, bytes, seeds);
}

/** Any family. */
export function anyStream(random: Random, seeds: readonly Uint8Array[]): FuzzInput {
  const family = random.below(8);
  if (family === 0) return das1Input(random, seeds);
  if (family < 3) return qStreamInput(random, seeds);
  return das2Input(random, seeds);
}

function damaged(random: Random, bytes: Uint8Array, seeds: readonly Uint8Array[]): FuzzInput {
  const other = (): Uint8Array => (random.oneIn(2) && seeds.length > 0 ? random.pick(seeds) : das2Stream(random).bytes);
  return { bytes: mutate(random, bytes, other), args: [], nature: 'damaged' };
}
