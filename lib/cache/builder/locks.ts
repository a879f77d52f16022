/**
 * The right to write blocks: a lock file beside each, and for workers of several machines a lock in their queue as well (server-internals
 * 2.7, rule 3; 3.6).
 *
 * Contract: locks are renewed as long as they are held, and break by themselves when their process is gone or does not renew them. So a
 * process that stood still (stopped, swapped out, on a machine that paused) may have lost one without knowing: who is about to publish a block
 * asks `confirm` and `holds` first. A lock that was lost is never taken again on the quiet, since others may have made the block in between.
 * The file comes first: whoever has it alone asks the queue, and while the queue is away the file is enough.
 */
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { sleep } from '../../queue/sleep.js';
import { Turns } from '../../turns.js';
import { LOCK } from '../block/leftovers.js';
import { notWritable } from '../safe-files.js';
import { releaseLease, renewLease, takeLease } from './lease-file.js';

/** As long as a worker counts as alive without a sign (3.6): who waits for a lock of another machine waits no longer than for its jobs. */
export const LOCK_SECONDS = 30;
const RENEW_MS = 10_000;
const POLL_MS = 200;

let count = 0;

/** Name of the lock file of a block file's name. */
export function lockName(name: string): string {
  return `.${name}${LOCK}`;
}

/** A name for an owner of locks that tells his process. */
export function newOwner(): string {
  return `${hostname()}-${process.pid}-${count++}`;
}

/** What is locked when a block is. */
export interface BlockLock {
  /** The lock file. */
  readonly file: string;
  /** The block for workers that see the same cache elsewhere: its path below `CACHE_ROOT`. */
  readonly block: string;
}

/** Locks in a queue (held-locks.ts). Renewed by whoever hands them out. */
export interface QueueLocks {
  /** Takes locks, or renews those that are held; false for each that another worker has. Does not reject because the queue is away. */
  take(blocks: readonly string[]): Promise<readonly boolean[]>;
  release(blocks: readonly string[]): void;
}

export class BlockLocks {
  private readonly owner = newOwner();
  /** Lock files. */
  private readonly held = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly options: {
      readonly signal?: AbortSignal | undefined;
      readonly queue?: QueueLocks | undefined;
      readonly renewMs?: number;
    } = {},
  ) {}

  /** Takes those locks that nobody has, with one question to the queue for all; answers them. */
  async takeFree(locks: readonly BlockLock[]): Promise<ReadonlySet<BlockLock>> {
    try {
      const turns = new Turns();
      const free: BlockLock[] = [];
      for (const lock of locks) {
        await turns.next();
        if (this.takeFile(lock)) free.push(lock);
      }
      await this.confirm(free);
      return new Set(free.filter(({ file }) => this.held.has(file)));
    } catch (error) {
      this.release(locks);
      throw error;
    }
  }

  /** Waits until nobody else has the lock, and answers it. Rejects when the signal comes. */
  async take(lock: BlockLock): Promise<ReadonlySet<BlockLock>> {
    for (;;) {
      const taken = await this.takeFree([lock]);
      if (taken.has(lock)) return taken;
      this.options.signal?.throwIfAborted();
      await sleep(POLL_MS, this.options.signal);
    }
  }

  /** Asks the queue whether locks are still ours, and lets those go that are not. */
  async confirm(locks: readonly BlockLock[]): Promise<void> {
    const ours = locks.filter(({ file }) => this.held.has(file));
    if (this.options.queue === undefined || ours.length === 0) return;
    const answers = await this.options.queue.take(ours.map(({ block }) => block));
    this.release(ours.filter((_lock, i) => answers[i] === false));
  }

  /** True if the lock is still ours, as far as its file tells; it then holds for its full time again. */
  holds({ file }: BlockLock): boolean {
    return this.held.has(file) && renewLease(file, this.owner);
  }

  /** Lets locks go, as far as they are ours. Never throws. */
  release(locks: readonly BlockLock[]): void {
    const ours = locks.filter(({ file }) => this.held.delete(file));
    this.options.queue?.release(ours.map(({ block }) => block));
    for (const { file } of ours) {
      try {
        releaseLease(file, this.owner);
      } catch {
        // It runs out.
      }
    }
    if (this.held.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private takeFile({ file, block }: BlockLock): boolean {
    try {
      if (!takeLease(file, this.owner, LOCK_SECONDS)) return false;
    } catch (error) {
      throw notWritable(`CACHE_ROOT/${dirname(block)}`, error);
    }
    this.held.add(file);
    this.timer ??= setInterval(() => this.renew(), this.options.renewMs ?? RENEW_MS);
    return true;
  }

  private renew(): void {
    for (const file of this.held) {
      try {
        renewLease(file, this.owner);
      } catch {
        // The next time may go well; until then the lock holds by itself.
      }
    }
  }
}
