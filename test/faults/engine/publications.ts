/**
 * Invariant: no block is published twice. A block is published when both its file and its side file have appeared under their own names;
 * once that has happened, nobody has a reason to do it again until the block is taken away or damaged.
 *
 * Every folder of blocks is watched (inotify): a rename tells of each appearance. Which of the two comes first is the writer's
 * business, and one that was killed in between has published nothing; so what counts is how often the rarer of them appeared.
 */
import { type FSWatcher, mkdirSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { sidePath } from './blocks.js';
import { pause } from './programs.js';

/** Long enough for the system to deliver what has happened. */
const DELIVERY_MS = 30;

export class Publications {
  private readonly watchers: FSWatcher[] = [];
  private readonly appeared = new Map<string, number>();

  /** `names` are the paths of all blocks there can be; their folders are made. */
  constructor(
    root: string,
    private readonly names: readonly string[],
  ) {
    for (const folder of new Set(names.map((name) => dirname(name)))) {
      mkdirSync(join(root, folder), { recursive: true });
      this.watchers.push(
        watch(join(root, folder), (kind, file) => {
          if (kind !== 'rename' || file === null) return;
          const name = join(folder, file);
          this.appeared.set(name, (this.appeared.get(name) ?? 0) + 1);
        }),
      );
    }
  }

  /** Forgets what has happened: from now on a round counts. */
  async begin(): Promise<void> {
    await pause(DELIVERY_MS);
    this.appeared.clear();
  }

  /** Number of blocks published since, and those that were published again. */
  async count(): Promise<{ readonly blocks: number; readonly faults: readonly string[] }> {
    await pause(DELIVERY_MS);
    const faults: string[] = [];
    let blocks = 0;
    for (const name of this.names) {
      const times = Math.min(this.appeared.get(name) ?? 0, this.appeared.get(sidePath(name)) ?? 0);
      if (times > 0) blocks++;
      if (times > 1) faults.push(`${name} was published ${times} times`);
    }
    return { blocks, faults };
  }

  close(): void {
    for (const watcher of this.watchers) watcher.close();
  }
}
