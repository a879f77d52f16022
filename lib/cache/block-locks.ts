/**
 * The right to write blocks: a lock file beside each (server-internals 2.7, rule 3).
 *
 * Contract: locks are renewed as long as they are held, and break by themselves when their process is gone or does not renew them. So a
 * process that stood still (stopped, swapped out, on a machine that paused) may have lost one without knowing: who is about to publish a block
 * asks `holds` first. A lock that was lost is never taken again on the quiet, since others may have made the block in between.
 */
import { hostname } from 'node:os';
import { releaseLock, renewLock, takeLock } from '../queue/spool-lock.js';

/** As long as a worker counts as alive without a sign (3.6): who waits for a lock of another machine waits no longer than for its jobs. */
const LOCK_SECONDS = 30;
const RENEW_MS = 10_000;
const POLL_MS = 200;

let count = 0;

export class BlockLocks {
  private readonly owner = `${hostname()}-${process.pid}-${count++}`;
  private readonly held = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly signal: AbortSignal | undefined,
    private readonly renewMs = RENEW_MS,
  ) {}

  /** Takes the lock if nobody has it. */
  tryTake(file: string): boolean {
    if (!takeLock(file, this.owner, LOCK_SECONDS)) return false;
    this.held.add(file);
    this.timer ??= setInterval(() => this.renew(), this.renewMs);
    return true;
  }

  /** Waits until nobody else has the lock. Rejects when the signal comes. */
  async take(file: string): Promise<void> {
    while (!this.tryTake(file)) {
      this.signal?.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** True if the lock is still ours; it then holds for its full time again. */
  holds(file: string): boolean {
    return this.held.has(file) && renewLock(file, this.owner);
  }

  release(file: string): void {
    if (!this.held.delete(file)) return;
    releaseLock(file, this.owner);
    if (this.held.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private renew(): void {
    for (const file of this.held) {
      try {
        renewLock(file, this.owner);
      } catch {
        // The next time may go well; until then the lock holds by itself.
      }
    }
  }
}
