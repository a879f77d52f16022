/**
 * The short form of the fuzzer: some hundred cases of every target, always the same ones. `scripts/fuzz` runs more of them, ends what
 * hangs, and prints how to run one case again.
 */
import { join } from 'node:path';
import t from 'tap';
import { FILTER_PROGRAM_NAMES } from '../../lib/filter/registry.js';
import { checkInput, inputOf } from './campaign.js';
import { PropertyFailure, type Target } from './property.js';
import { Random } from './random.js';
import { allTargets, readSeeds } from './targets.js';

const SEED = 1;
const CASES = 150;
/** Targets that look at one value only are quick. */
const MORE_CASES = 3000;

const seeds = [...readSeeds(join(import.meta.dirname, 'corpus')).values()];
const targets = await allTargets();

t.test('every filter program is a target', async (t) => {
  const names = new Set(targets.map(({ name }) => name));
  t.same(
    FILTER_PROGRAM_NAMES.filter((name) => !names.has(name)),
    [],
  );
});

for (const target of targets) {
  t.test(target.name, async (t) => {
    const count = target.share === undefined ? CASES : MORE_CASES;
    const found = new Map<string, string>();
    for (let index = 0; index < count; index++) {
      const result = checkInput(target, inputOf(target, SEED, index, seeds), SEED, index);
      if (typeof result === 'number') continue;
      found.set(result.key, `scripts/fuzz --target ${target.name} --seed ${SEED} --case ${index}: ${result.text}`);
    }
    t.same([...found.values()], [], `${count} cases`);
  });
}

t.test('a case is the same whenever it is made', async (t) => {
  for (const target of targets) {
    const first = inputOf(target, SEED, 7, seeds);
    inputOf(target, SEED, 8, seeds);
    t.same(inputOf(target, SEED, 7, seeds), first, target.name);
  }
});

t.test('what does not hold is found', async (t) => {
  const failing = (error: unknown): Target => ({
    name: 'failing',
    make: () => ({ bytes: new Uint8Array(0), args: [], nature: 'damaged' }),
    check() {
      throw error;
    },
  });
  const find = (error: unknown): unknown => checkInput(failing(error), inputOf(failing(error), 1, 0, []), 1, 0);
  t.match(find(new PropertyFailure('a property', 'details')), { key: 'failing: a property', text: /details/ });
  t.match(find(new TypeError('no function')), { key: /^failing: TypeError/, text: /no function/ });
});

t.test('random numbers are spread', async (t) => {
  const random = new Random(1, 'a', 1);
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < 10_000; i++) {
    const value = random.below(10);
    counts[value] = (counts[value] as number) + 1;
  }
  t.ok(
    counts.every((count) => count > 800 && count < 1200),
    counts.join(),
  );
  t.not(new Random(1, 'a', 2).word(), new Random(1, 'a', 3).word());
  t.not(new Random(1, 'a', 2).word(), new Random(1, 'b', 2).word());
  t.not(new Random(1, 'a', 2).word(), new Random(2, 'a', 2).word());
});
