/** Caches that an account may not read, or not write: nobody is told that they are empty, or of an internal error. */
import { chmodSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { blocksOnDisk, findLevels } from '../../../lib/cache/administration/levels-on-disk.js';
import { invalidate } from '../../../lib/cache/administration/remove.js';
import { statusOf } from '../../../lib/cache/administration/status.js';
import { verifyLevel } from '../../../lib/cache/administration/verify.js';
import { buildBlocks } from '../../../lib/cache/builder/levels.js';
import { SourceTree } from '../../../lib/source/tree/source-tree.js';
import { cacheSite, filesBelow, range, type TestSite } from '../site.js';

const LEVELS = ["cacheLevel_00 = 'intrinsic | hourly'"];
const NOBODY = 65534;

/** Does something as an account that has no right beyond the mode of a folder. */
async function within(t: Test, folder: string, mode: number, action: () => void | Promise<void>): Promise<void> {
  chmodSync(folder, mode);
  const isRoot = process.geteuid?.() === 0;
  // The executables and the folder for temporary files have been found by now.
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    await action();
  } finally {
    if (isRoot) process.seteuid?.(0);
    chmodSync(folder, 0o755);
  }
  t.ok(existsSync(folder));
}

async function filled(t: Test): Promise<{ site: TestSite; file: string }> {
  const site = cacheSite(t, LEVELS);
  chmodSync(site.folder, 0o755);
  const over = range('2017-03-01T04:00', '2017-03-01T05:00');
  const { configuration } = site;
  await buildBlocks({ configuration, source: site.source(), level: site.level(0), range: over });
  const [file = ''] = filesBelow(site.cacheRoot);
  return { site, file };
}

t.test('what cannot be read is not empty', async (t) => {
  const { site, file } = await filled(t);
  const { configuration } = site;
  const levels = () => findLevels(configuration, new SourceTree(configuration));
  const [found] = levels();
  if (found === undefined) throw new Error('no level');
  const refused = { code: 'configuration', message: /cannot be read \(EACCES\)/ };
  await within(t, join(site.cacheRoot, 'data'), 0o000, () => {
    t.throws(levels, refused);
  });
  await within(t, dirname(file), 0o000, () => {
    t.throws(() => statusOf(found, Date.now()), refused);
    t.throws(() => [...verifyLevel(found, site.cacheRoot, Date.now())], refused);
    t.throws(() => invalidate([found], undefined, { dryRun: true, now: Date.now() }), refused);
    t.throws(() => blocksOnDisk(configuration, site.source(), [site.level(0)]), refused);
  });
  t.match(statusOf(found, Date.now()), [{ blocks: 1, valid: 1 }]);
});

t.test('what cannot be written is told by its name', async (t) => {
  const { site, file } = await filled(t);
  const { configuration } = site;
  const found = findLevels(configuration, new SourceTree(configuration));
  const [source, level] = [site.source(), site.level(0)];
  await within(t, dirname(file), 0o555, async () => {
    t.throws(() => invalidate(found, undefined, { dryRun: false, now: Date.now() }), {
      code: 'configuration',
      message: /CACHE_ROOT cannot be written \(EACCES\)/,
    });
    await t.rejects(
      buildBlocks({ configuration, source, level, range: range('2017-03-01T05:00', '2017-03-01T06:00') }),
      {
        code: 'configuration',
        message: 'CACHE_ROOT/data/T/S/_noparam/intrinsic/2017/03/01 cannot be written (EACCES)',
      },
    );
  });
  t.strictSame(filesBelow(site.cacheRoot), [file]);
});
