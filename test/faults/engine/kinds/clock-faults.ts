/**
 * Clocks that are wrong: a worker whose own clock is an hour or days off (libfaketime), and leases and locks that look too old or come from
 * the future, as they do when clocks of machines that share a folder differ.
 */
import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { FAKETIME_LIBRARY, pause } from '../programs.js';
import { type Fault, LOST, type World } from '../world.js';

const CLOCKS = ['+90s', '-90s', '+1h', '-1h', '+3d', '-3d'];

export const CLOCK_FAULTS: readonly Fault[] = [
  {
    name: 'worker-clock-off',
    // Each lease that is taken away from a living worker counts as a lost run.
    mayEndWith: LOST,
    unable: () => (FAKETIME_LIBRARY === undefined ? 'libfaketime is not installed' : undefined),
    async before({ workers, found }, random) {
      found.push(...(await workers.stop()));
      workers.startOff(random.pick(CLOCKS));
    },
    async after({ workers, found }) {
      found.push(...(await workers.stop()));
    },
  },
  leases('leases-look-old', -3600),
  leases('leases-from-the-future', 3600),
];

function leases(name: string, seconds: number): Fault {
  return {
    name,
    mayEndWith: LOST,
    async during(world, random) {
      for (let i = random.between(3, 8); i > 0; i--) {
        await pause(random.between(10, 80));
        shift(world, seconds);
        if (world.kind === 'spool') await world.jobs.broker.reclaim();
      }
    },
  };
}

/** Sets the times of all locks and signs of life. */
function shift({ site, kind }: World, seconds: number): void {
  const files = [
    ...filesBelow(site.cacheRoot, (name) => name.endsWith('.lock')),
    ...(kind === 'spool' ? filesBelow(site.queueFolder, (name) => name === 'beat') : []),
  ];
  const time = Date.now() / 1000 + seconds;
  for (const file of files) {
    try {
      utimesSync(file, time, time);
    } catch {
      // It has gone meanwhile.
    }
  }
}

function filesBelow(folder: string, wanted: (name: string) => boolean): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => wanted(name.slice(name.lastIndexOf('/') + 1)))
      .map((name) => join(folder, name));
  } catch {
    // A folder went while it was read: the others are looked at the next time.
    return [];
  }
}
