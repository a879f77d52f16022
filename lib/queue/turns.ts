/**
 * Turns of long work that a process does besides others: a worker that keeps everything to itself gives no sign of life, and its jobs are taken
 * for those of a dead one (server-internals 3.6).
 *
 * Contract: cheap enough to be asked in front of each small piece of work.
 */

/** Work may go on for so long, in milliseconds, before timers, signals and connections get their turn. */
const LONGEST_MS = 20;

/** One piece of long work. */
export class Turns {
  #since = performance.now();

  /** True if others should have their turn; for pieces so small that waiting for nothing would be most of the work. */
  get isDue(): boolean {
    return performance.now() - this.#since >= LONGEST_MS;
  }

  /** Lets others have their turn if it is due. */
  async next(): Promise<void> {
    if (this.isDue) await this.give();
  }

  /** Lets others have their turn. */
  async give(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#since = performance.now();
  }
}
