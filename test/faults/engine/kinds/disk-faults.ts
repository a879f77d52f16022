/**
 * Full disks: that of the cache, and that of the spool queue. A file of ballast takes all but a little; then it goes again. While the queue's
 * disk is full, jobs may be refused, but none that was accepted may be lost.
 */
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pause } from '../programs.js';
import type { Fault, World } from '../world.js';

export const DISK_FAULTS: readonly Fault[] = [
  full('cache-disk-full', ({ site }) => site.cacheRoot),
  full('cache-disk-full-at-last', ({ site }) => site.cacheRoot, 40_000),
  { ...full('queue-disk-full', ({ site }) => dirname(site.queueFolder)), broker: 'spool' },
];

function full(name: string, folderOf: (world: World) => string, left = 0): Fault {
  return {
    name,
    unable: ({ site }) => site.noMount,
    async during(world, random) {
      const folder = folderOf(world);
      await pause(random.between(0, 150));
      fill(folder, left === 0 ? 0 : random.below(left));
      await pause(random.between(100, 500));
      rmSync(join(folder, 'ballast'), { force: true });
    },
    after: (world) => rmSync(join(folderOf(world), 'ballast'), { force: true }),
  };
}

/** Writes until no more than `left` bytes are free. */
function fill(folder: string, left: number): void {
  mkdirSync(folder, { recursive: true });
  const descriptor = openSync(join(folder, 'ballast'), 'w');
  try {
    const { bavail, bsize } = statfsSync(folder);
    const page = Buffer.alloc(bsize, 1);
    for (let i = bavail - Math.ceil(left / bsize); i > 0; i--) writeSync(descriptor, page);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(descriptor);
  }
}
