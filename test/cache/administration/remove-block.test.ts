/** Blocks that are removed while others make them: none is left without its side file. */
import { existsSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { removeBlock } from '../../../lib/cache/administration/remove-block.js';
import { sweepFolder } from '../../../lib/cache/block/leftovers.js';
import type { BlockRecord } from '../../../lib/cache/block/record.js';
import { BlockLocks, lockName } from '../../../lib/cache/builder/locks.js';
import { publishBlocks } from '../../../lib/cache/builder/publish.js';
import { BlockWriter } from '../../../lib/cache/builder/writer.js';
import { temporaryFolder } from '../../tools/temporary-folder.js';

const NAME = 'b.d2s';
const SIDE = `.${NAME}.json`;
const STREAM = '[00]000025<stream version="2.2" />\n';

function cacheFolder(t: Test) {
  const folder = temporaryFolder(t);
  return {
    ...folder,
    files: () => readdirSync(folder.path).sort(),
    read: (name: string) => readFileSync(join(folder.path, name), 'utf8').trim(),
  };
}

/** Publishes a block as a builder does, with its lock; `between` is called before step `when` (0 to 2). */
async function publishWith(t: Test, folder: string, when: number, between: () => void): Promise<void> {
  const lock = { file: join(folder, lockName(NAME)), block: NAME };
  const locks = new BlockLocks();
  t.teardown(() => locks.release([lock]));
  await locks.takeFree([lock]);
  const writer = new BlockWriter(folder, NAME, { kind: 'das2', umask: 0o022 });
  writer.write(Buffer.from(STREAM));
  writer.finish();
  let step = 0;
  const isOurs = (): boolean => {
    if (step++ === when) between();
    return locks.holds(lock);
  };
  await publishBlocks([{ writer, record: 'our record' as unknown as BlockRecord, isOurs }]);
  locks.release([lock]);
}

for (const [title, isThere] of [
  ['a new block', false],
  ['a block that is replaced', true],
] as const) {
  for (const when of [0, 1, 2]) {
    t.test(`${title}, removed before step ${when}`, async (t) => {
      const folder = cacheFolder(t);
      if (isThere) {
        folder.write(NAME, 'old');
        folder.write(SIDE, '"old record"');
      }
      await publishWith(t, folder.path, when, () => removeBlock(folder.path, NAME));
      t.equal(folder.read(SIDE), '"our record"');
      // The new one itself was removed, before the last of three steps: a side file alone means nothing.
      const isGone = isThere && when === 2;
      t.strictSame(folder.files(), isGone ? [SIDE] : [SIDE, NAME]);
      if (!isGone) t.equal(folder.read(NAME), STREAM.trim());
    });
  }
}

t.test('a block that nobody is at goes with its side file', async (t) => {
  const folder = cacheFolder(t);
  folder.write(NAME, 'old');
  folder.write(SIDE, '"old record"');
  removeBlock(folder.path, NAME);
  t.strictSame(folder.files(), []);
  t.doesNotThrow(() => removeBlock(folder.path, NAME));
  t.doesNotThrow(() => removeBlock(join(folder.path, 'gone'), NAME));
});

t.test('a side file that had to stay is swept when it is old', async (t) => {
  const folder = cacheFolder(t);
  folder.write(SIDE, '"old record"');
  folder.write('.c.d2s.json', '"of a block that is there"');
  folder.write('c.d2s', 'block');
  t.equal(sweepFolder(folder.path, Date.now()), 0, 'it may be the first step of a builder');
  for (const name of folder.files()) utimesSync(join(folder.path, name), 1, 1);
  t.equal(sweepFolder(folder.path, Date.now()), 1);
  t.strictSame(folder.files(), ['.c.d2s.json', 'c.d2s']);
  t.equal(existsSync(join(folder.path, SIDE)), false);
});
