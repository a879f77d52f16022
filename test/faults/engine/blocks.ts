/**
 * Invariant: no half block is visible. Every file in the cache that has the name of a block is compared with that block of a whole cache,
 * built in peace: the same records of the same planes, and a side file that fits them. Headers and messages may be written in more than one
 * way, since a run for many blocks writes them anew and a run for one passes them on.
 *
 * A block that the harness has damaged itself may lie there unchanged until it is made anew; a block whose side file does not vouch for it
 * (killed between the two) counts as missing, yet must be whole, too.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sideName } from '../../../lib/cache/block/look.js';
import { planesOf, splitStream } from '../../tools/split-stream.js';

/** Path of a block below the cache root -> its bytes. */
export type WholeBlocks = ReadonlyMap<string, Buffer>;

/** Reads the blocks of a cache that nobody writes. */
export function readWholeBlocks(root: string): WholeBlocks {
  return new Map(blockNames(root).map((name) => [name, readFileSync(join(root, name))]));
}

/** Paths of all files below a cache root that readers would take for blocks: those without a dot in front. */
export function blockNames(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && entry.name !== 'ballast')
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

/** Path of the side file of a block, given by its path. */
export function sidePath(path: string): string {
  const cut = path.lastIndexOf('/') + 1;
  return `${path.slice(0, cut)}${sideName(path.slice(cut))}`;
}

/** True if the side file vouches for a block file: right form and size. */
function isVouchedFor(path: string): boolean {
  try {
    const side = JSON.parse(readFileSync(sidePath(path), 'utf8')) as { bytes?: unknown };
    return side.bytes === statSync(path).size;
  } catch {
    return false;
  }
}

/** All records with their planes, as text; something that no other stream has if the bytes are no whole stream. */
function recordsOf(bytes: Buffer): string {
  try {
    return splitStream(bytes)
      .flatMap(({ data, header }) => {
        if (data === undefined || header === undefined) return [];
        const planes = planesOf(header).map(({ name, attributes }) => [name, ...[...attributes].sort()].join());
        return [`${planes.join(';')} ${Buffer.from(data).toString('latin1')}`];
      })
      .join('');
  } catch (error) {
    return `${bytes.toString('latin1')}: ${(error as Error).message}`;
  }
}

export class BlockCheck {
  /** Blocks that the harness damaged: path below the root -> the damaged bytes. */
  readonly damaged = new Map<string, Buffer>();
  /** Bytes that were found to be those of a block though they differ. */
  private readonly alike = new Map<string, Buffer>();

  constructor(
    private readonly root: string,
    readonly whole: WholeBlocks,
  ) {}

  /** What is wrong with the blocks that lie there. */
  check(): string[] {
    const faults: string[] = [];
    for (const name of blockNames(this.root)) {
      const wanted = this.whole.get(name);
      const bytes = readFileSync(join(this.root, name));
      if (wanted === undefined) faults.push(`${name} is no block of this source`);
      else if (this.damaged.get(name)?.equals(bytes)) continue;
      else if (!this.isSame(name, bytes))
        faults.push(`${name} has ${bytes.length} bytes that are not those of the block`);
      this.damaged.delete(name);
    }
    return faults;
  }

  /** True if the block is there, vouched for and right. */
  isGood(name: string): boolean {
    const path = join(this.root, name);
    if (!existsSync(path) || !isVouchedFor(path)) return false;
    return this.isSame(name, readFileSync(path));
  }

  private isSame(name: string, bytes: Buffer): boolean {
    const wanted = this.whole.get(name);
    if (wanted === undefined) return false;
    if (bytes.equals(wanted) || this.alike.get(name)?.equals(bytes)) return true;
    const same = recordsOf(bytes) === recordsOf(wanted);
    if (same) this.alike.set(name, bytes);
    return same;
  }

  /** Takes blocks away, as `das2_srv_cache prune` does. */
  remove(names: readonly string[]): void {
    for (const name of names) {
      rmSync(join(this.root, name), { force: true });
      rmSync(sidePath(join(this.root, name)), { force: true });
      this.damaged.delete(name);
    }
  }

  /** Damages a block that is there. */
  damage(name: string, change: (bytes: Buffer) => Buffer, write: (path: string, bytes: Buffer) => void): void {
    const path = join(this.root, name);
    const bytes = change(Buffer.from(readFileSync(path)));
    write(path, bytes);
    this.damaged.set(name, bytes);
  }
}
