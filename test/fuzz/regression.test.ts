/**
 * Inputs that once found a defect: every folder of regression/ has the input, and in `cmd` the target with its arguments.
 *
 * The same properties are checked as in the fuzzer, with many chunkings. `what` says in a line what was wrong, or must not go wrong.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { checkInput } from './campaign.js';
import type { Target } from './property.js';
import { allTargets } from './targets.js';

const CHUNKINGS = 40;

const folder = join(import.meta.dirname, 'regression');
const targets = await allTargets();

for (const name of readdirSync(folder).sort()) {
  t.test(name, async (t) => {
    const [word = '', ...args] = readFileSync(join(folder, name, 'cmd'), 'utf8')
      .trim()
      .split(/\s+/);
    const target = targets.find((candidate) => candidate.name === word) as Target;
    t.ok(target, `there is a target ${word}`);
    t.match(readFileSync(join(folder, name, 'what'), 'utf8'), /^[A-Z].{30,150}\.\n$/, 'what was wrong, in a line');
    const bytes = new Uint8Array(readFileSync(join(folder, name, 'input')));
    for (let index = 0; index < CHUNKINGS; index++) {
      const result = checkInput(target, { bytes, args, nature: 'damaged' }, 1, index);
      if (typeof result !== 'number') t.fail(result.text);
    }
  });
}
