/**
 * Blocks that rot on disk: one bit, a missing end, nothing left, two blocks in each other's place, a side file that says nothing or
 * belongs to another block. They are damaged in place, as a bad disk or a careless copy does it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Random } from '../../../fuzz/random.js';
import { sidePath } from '../blocks.js';
import { pause } from '../programs.js';
import type { Fault, World } from '../world.js';

export const BLOCK_FAULTS: readonly Fault[] = [
  damage('block-bit-flips', ({ blocks }, random, name) => {
    blocks.damage(
      name,
      (bytes) => {
        const at = random.below(bytes.length);
        bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
        return bytes;
      },
      writeFileSync,
    );
  }),
  damage('block-cut', ({ blocks }, random, name) => {
    blocks.damage(name, (bytes) => bytes.subarray(0, random.below(bytes.length)), writeFileSync);
  }),
  damage('block-emptied', ({ blocks }, _random, name) => blocks.damage(name, () => Buffer.alloc(0), writeFileSync)),
  damage('blocks-swapped', (world, random, name, others) => swap(world, name, random.pick(others), random.oneIn(2))),
  damage('side-file-garbled', ({ site }, random, name) => {
    const file = sidePath(join(site.cacheRoot, name));
    writeFileSync(file, random.pick(['', '{"format":1,', 'null', '{"format":1,"bytes":17}']));
  }),
];

function damage(
  name: string,
  spoil: (world: World, random: Random, name: string, others: readonly string[]) => void,
): Fault {
  const strike = (world: World, random: Random): void => {
    const there = [...world.blocks.whole.keys()].filter((each) => world.blocks.isGood(each));
    for (let i = random.between(1, 3); i > 0 && there.length > 1; i--) {
      const [victim] = there.splice(random.below(there.length), 1);
      // In each other's place only if they look alike from outside.
      const others = there.filter((each) => dirname(dirname(each)) === dirname(dirname(victim as string)));
      spoil(world, random, victim as string, others);
    }
  };
  return {
    name,
    async before(world, random) {
      await fillCache(world);
      strike(world, random);
    },
  };
}

/** Makes sure that there are blocks to damage. */
async function fillCache({ blocks, site }: World): Promise<void> {
  for (const [name, bytes] of blocks.whole) {
    if (blocks.isGood(name)) continue;
    writeFileSync(join(site.cacheRoot, name), bytes);
    writeFileSync(sidePath(join(site.cacheRoot, name)), readFileSync(sidePath(join(site.wholeRoot, name))));
  }
  await pause(0);
}

/** Exchanges two blocks, with or without their side files. */
function swap({ blocks, site }: World, a: string, b: string | undefined, withSides: boolean): void {
  if (b === undefined) return;
  const read = (name: string): Buffer => readFileSync(join(site.cacheRoot, name));
  const [first, second] = [read(a), read(b)];
  blocks.damage(a, () => second, writeFileSync);
  blocks.damage(b, () => first, writeFileSync);
  if (!withSides) return;
  const [sideA, sideB] = [read(sidePath(a)), read(sidePath(b))];
  writeFileSync(sidePath(join(site.cacheRoot, a)), sideB);
  writeFileSync(sidePath(join(site.cacheRoot, b)), sideA);
}
