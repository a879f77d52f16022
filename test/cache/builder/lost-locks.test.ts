/** Builders that stood still until another one took their lock: what that one has made stays, and nothing of theirs comes upon it. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { sideName } from '../../../lib/cache/block/look.js';
import type { BlockRecord } from '../../../lib/cache/block/record.js';
import { buildBlocks } from '../../../lib/cache/builder/levels.js';
import { type BlockLock, BlockLocks, type QueueLocks } from '../../../lib/cache/builder/locks.js';
import { type FinishedBlock, publishBlocks } from '../../../lib/cache/builder/publish.js';
import { BlockWriter } from '../../../lib/cache/builder/writer.js';
import { countTurns } from '../../tools/count-turns.js';
import { temporaryFolder } from '../../tools/temporary-folder.js';
import { cacheSite, range } from '../site.js';

const DAY = range('2017-03-01', '2017-03-02');
const FILE = '_noparam/bin-60s/2017/03/2017-03-01_bin-60s.d2s';
/** A lock that another machine holds. */
const FOREIGN = '30 elsewhere-1-0';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}

/** A block of another process in `spare`, and a builder whose reader stops at its first run until it is told to go on. */
async function stoppedBuilder(t: Test, reducer: string) {
  const site = cacheSite(t, ["cacheLevel_01 = '1 min | daily'", `reducer = '${reducer}'`, "reader = 'held_reader'"]);
  site.program('copy', '#!/bin/sh\nexec cat\n');
  site.program('held_reader', '#!/bin/sh\nSTEP=600 exec test_reader "$@"\n');
  const build = (more: { readonly force?: boolean } = {}) =>
    buildBlocks({
      source: site.source(),
      level: site.level(1),
      range: DAY,
      configuration: site.configuration,
      ...more,
    });
  const file = join(site.cacheRoot, 'data/T/S', FILE);
  const folder = dirname(file);
  const names = [basename(file), sideName(basename(file))];
  await build();
  for (const name of names) cpSync(join(folder, name), join(site.folder, 'spare', name), { preserveTimestamps: true });
  for (const name of names) rmSync(join(folder, name));
  site.program(
    'held_reader',
    `#!/bin/sh
here=$(dirname "$0")
: > "$here/stopped"
while [ ! -e "$here/go" ]; do sleep 0.05; done
STEP=600 test_reader "$@"
: > "$here/done"
`,
  );
  return {
    build,
    lock: join(folder, `.${basename(file)}.lock`),
    /** The other process puts its block there. */
    make(): void {
      for (const name of names)
        cpSync(join(site.folder, 'spare', name), join(folder, name), { preserveTimestamps: true });
    },
    stopped: () => until(() => existsSync(join(site.folder, 'bin/stopped'))),
    goOn: () => writeFileSync(join(site.folder, 'bin/go'), ''),
    /** Its reader has ended, and it keeps nothing that is unfinished. */
    async waits(): Promise<void> {
      await until(() => existsSync(join(site.folder, 'bin/done')));
      for (let looks = 0; looks < 15; looks++) {
        if (readdirSync(folder).some((name) => name.endsWith('.tmp'))) looks = 0;
        await sleep(20);
      }
    },
    runs: () => site.calls().length - 1,
    /** What there is, with the times at which it was made; whether it is what the other process has made. */
    isSpare: () =>
      names.every((name) => {
        const [mine, spare] = [join(folder, name), join(site.folder, 'spare', name)];
        return (
          readFileSync(mine).equals(readFileSync(spare)) &&
          Math.trunc(statSync(mine).mtimeMs) === Math.trunc(statSync(spare).mtimeMs)
        );
      }),
    files: () => readdirSync(folder).sort(),
    names: [...names].sort(),
  };
}

for (const [way, reducer] of [
  ['a shared run', 'das2_bin_avgsec'],
  ['a run of its own', 'copy'],
] as const) {
  t.test(`${way}: another process has made the block and let the lock go`, async (t) => {
    const builder = await stoppedBuilder(t, reducer);
    const building = builder.build();
    await builder.stopped();
    rmSync(builder.lock);
    builder.make();
    builder.goOn();
    t.match(await building, { built: 0, skipped: 1, failed: 0 });
    t.equal(builder.runs(), 1);
    t.equal(builder.isSpare(), true);
    t.strictSame(builder.files(), builder.names, 'no lock and no temporary file is left');
  });

  t.test(`${way}: another process is still at it`, async (t) => {
    const builder = await stoppedBuilder(t, reducer);
    const building = builder.build();
    await builder.stopped();
    writeFileSync(builder.lock, FOREIGN);
    builder.goOn();
    await builder.waits();
    t.equal(readFileSync(builder.lock, 'utf8'), FOREIGN, 'its lock stays');
    t.strictSame(builder.files(), [basename(builder.lock)], 'nothing is published');
    builder.make();
    rmSync(builder.lock);
    t.match(await building, { built: 0, skipped: 1, failed: 0 });
    t.equal(builder.runs(), 1);
    t.equal(builder.isSpare(), true);
  });

  t.test(`${way}: the other process has failed`, async (t) => {
    const builder = await stoppedBuilder(t, reducer);
    const building = builder.build();
    await builder.stopped();
    rmSync(builder.lock);
    builder.goOn();
    t.match(await building, { built: 1, skipped: 0, failed: 0 });
    t.equal(builder.runs(), 2);
    t.strictSame(builder.files(), builder.names);
  });

  t.test(`${way}: a block that is wanted anew in any case`, async (t) => {
    const builder = await stoppedBuilder(t, reducer);
    const building = builder.build({ force: true });
    await builder.stopped();
    rmSync(builder.lock);
    builder.make();
    builder.goOn();
    t.match(await building, { built: 1, skipped: 0, failed: 0 });
    t.equal(builder.runs(), 2);
    t.equal(builder.isSpare(), false);
  });
}

t.test('the lock is looked at before each step', async (t) => {
  const STREAM = '[00]000025<stream version="2.2" />\n';
  for (const [title, isThere] of [
    ['a new block', false],
    ['a block replaced', true],
  ] as const) {
    for (let good = 0; good <= 3; good++) {
      const folder = temporaryFolder(t);
      const at = (name: string): string | undefined => {
        const path = join(folder.path, name);
        return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
      };
      if (isThere) {
        folder.write('b.d2s', 'theirs');
        folder.write('.b.d2s.json', '"their record"');
      }
      const writer = new BlockWriter(folder.path, 'b.d2s', { kind: 'das2', umask: 0o022 });
      writer.write(Buffer.from(STREAM));
      writer.finish();
      let asked = 0;
      const block = { writer, record: 'our record' as unknown as BlockRecord, isOurs: () => asked++ < good };
      let published: readonly FinishedBlock[] = [];
      const turns = await countTurns(async () => {
        published = await publishBlocks([block]);
      });
      t.ok(turns >= 3, 'others have their turn between the steps');
      writer.discard();
      const steps = isThere ? 3 : 2;
      t.equal(published.length, good >= steps ? 1 : 0, `${title}, ${good}`);
      t.equal(at('b.d2s'), good >= 2 ? STREAM.trim() : isThere ? 'theirs' : undefined, `${title}, ${good}: block`);
      const isOurs = isThere ? good >= 3 : good >= 1;
      const record = isOurs ? '"our record"' : isThere ? '"their record"' : undefined;
      t.equal(at('.b.d2s.json'), record, `${title}, ${good}: side file`);
      t.equal(asked, Math.min(good + 1, steps));
    }
  }
});

t.test('a lock that was lost does not come back by itself', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder.path, 'lock');
  const lock = { file, block: 'data/block' };
  const locks = new BlockLocks({ renewMs: 10 });
  t.teardown(() => locks.release([lock]));
  t.equal(locks.holds(lock), false, 'nobody has taken it');
  t.same(await locks.takeFree([lock]), new Set([lock]));
  utimesSync(file, 1, 1);
  await until(() => statSync(file).mtimeMs > 1000);
  t.equal(locks.holds(lock), true);
  rmSync(file);
  await sleep(100);
  t.equal(existsSync(file), false, 'renewal takes nothing');
  t.equal(locks.holds(lock), false);
  writeFileSync(file, FOREIGN);
  t.equal(locks.holds(lock), false);
  locks.release([lock]);
  t.equal(readFileSync(file, 'utf8'), FOREIGN, 'what is of others is not let go');
});

/** Locks of a queue in which others have some blocks. */
function queueLocks() {
  const [ours, others] = [new Set<string>(), new Set<string>()];
  const asked: (readonly string[])[] = [];
  const locks: QueueLocks = {
    async take(blocks) {
      asked.push(blocks);
      for (const block of blocks) if (!others.has(block)) ours.add(block);
      return blocks.map((block) => !others.has(block));
    },
    release(blocks) {
      for (const block of blocks) ours.delete(block);
    },
  };
  return { locks, ours, others, asked };
}

t.test('who has the file asks the queue, once for all blocks', async (t) => {
  const folder = temporaryFolder(t);
  const all = ['a', 'b', 'c'].map((name) => ({ file: join(folder.path, name), block: `data/${name}` }));
  const [a, b, c] = all as [BlockLock, BlockLock, BlockLock];
  const queue = queueLocks();
  const locks = new BlockLocks({ queue: queue.locks });
  writeFileSync(a.file, FOREIGN);
  queue.others.add('data/b');
  t.same(await locks.takeFree(all), new Set([c]));
  t.same(queue.asked, [['data/b', 'data/c']], 'a file in other hands is answer enough');
  t.equal(existsSync(b.file), false, 'its file goes back');
  t.same([...queue.ours], ['data/c']);
  t.equal(locks.holds(c), true);
  await locks.confirm(all);
  t.equal(locks.holds(c), true);
  queue.others.add('data/c');
  await locks.confirm(all);
  t.equal(locks.holds(c), false, 'another worker has it now');
  t.equal(existsSync(c.file), false);
  locks.release(all);
  t.equal(readFileSync(a.file, 'utf8'), FOREIGN);
});

t.test('a worker waits until the queue lets it have the block', async (t) => {
  const folder = temporaryFolder(t);
  const lock = { file: join(folder.path, 'lock'), block: 'data/block' };
  const queue = queueLocks();
  queue.others.add('data/block');
  const stop = new AbortController();
  const locks = new BlockLocks({ queue: queue.locks, signal: stop.signal });
  const taken = locks.take(lock);
  await until(() => queue.asked.length > 1);
  queue.others.clear();
  t.same(await taken, new Set([lock]));
  t.equal(locks.holds(lock), true);
  locks.release([lock]);
  t.equal(queue.ours.size, 0);
  queue.others.add('data/block');
  const waiting = locks.take(lock);
  stop.abort(new Error('stop'));
  await t.rejects(waiting, { message: 'stop' });
  t.equal(existsSync(lock.file), false);
});

t.test('a lock that cannot be let go keeps none of the others', async (t) => {
  const folder = temporaryFolder(t);
  const all = ['a', 'b'].map((name) => ({ file: join(folder.path, name), block: name }));
  const [a, b] = all as [BlockLock, BlockLock];
  const locks = new BlockLocks();
  await locks.takeFree(all);
  rmSync(a.file);
  mkdirSync(a.file);
  locks.release(all);
  t.equal(existsSync(b.file), false);
});

t.test('what has been written is left where it cannot be removed', async (t) => {
  const folder = temporaryFolder(t);
  const place = join(folder.path, 'place');
  mkdirSync(place);
  const writer = new BlockWriter(place, 'b.d2s', { kind: 'das2', umask: 0o022 });
  rmSync(place, { recursive: true });
  writeFileSync(place, '');
  t.doesNotThrow(() => writer.discard());
});

t.test('a fault while many locks are taken leaves none', async (t) => {
  const folder = temporaryFolder(t);
  const [good, bad] = ['lock', 'no-folder/lock'].map((name) => ({ file: join(folder.path, name), block: name })) as [
    BlockLock,
    BlockLock,
  ];
  await t.rejects(new BlockLocks().takeFree([good, bad]), {
    code: 'configuration',
    message: 'CACHE_ROOT/no-folder cannot be written (ENOENT)',
  });
  t.equal(existsSync(good.file), false);
});
