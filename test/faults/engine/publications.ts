/**
 * Invariant: no block is published twice. A block is published when both its file and its side file have appeared under their own names;
 * once that has happened, nobody has a reason to do it again until the block is taken away or damaged.
 *
 * Every folder of blocks is watched (inotify): a rename tells of each appearance. Which of the two comes first is the writer's
 * business, and one that was killed in between has published nothing; so what counts is how often the rarer of them appeared. A file
 * of our own in each folder tells that all that came before it has been delivered.
 */
import { type FSWatcher, mkdirSync, rmSync, watch, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sidePath } from './blocks.js';
import { pause } from './programs.js';

const LONGEST_MS = 60_000;

export class Publications {
  private readonly watchers: FSWatcher[] = [];
  private readonly folders: readonly string[];
  private readonly appeared = new Map<string, number>();
  private markers = 0;

  /** `names` are the paths of all blocks there can be; their folders are made. */
  constructor(
    private readonly root: string,
    private readonly names: readonly string[],
  ) {
    this.folders = [...new Set(names.map((name) => dirname(name)))];
    for (const folder of this.folders) {
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
    await this.delivered();
    this.appeared.clear();
  }

  /** Number of blocks published since, and those that were published again. */
  async count(): Promise<{ readonly blocks: number; readonly faults: readonly string[] }> {
    await this.delivered();
    const faults: string[] = [];
    let blocks = 0;
    for (const name of this.names) {
      const times = Math.min(this.appeared.get(name) ?? 0, this.appeared.get(sidePath(name)) ?? 0);
      if (times > 0) blocks++;
      if (times > 1) faults.push(`${name} was published ${times} times`);
    }
    return { blocks, faults };
  }

  private async delivered(): Promise<void> {
    const markers = this.folders.map((folder) => join(folder, `.marker-${this.markers++}.tmp`));
    for (const marker of markers) {
      writeFileSync(join(this.root, marker), '');
      rmSync(join(this.root, marker));
    }
    const end = Date.now() + LONGEST_MS;
    while (!markers.every((marker) => this.appeared.has(marker))) {
      if (Date.now() > end) throw new Error('the system does not tell what happens in the folders of the cache');
      await pause(5);
    }
    for (const marker of markers) this.appeared.delete(marker);
  }

  close(): void {
    for (const watcher of this.watchers) watcher.close();
  }
}
