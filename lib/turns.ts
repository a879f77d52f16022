/**
 * Turns of long work that a process does besides others. A worker that keeps everything to itself gives no sign of life, and its jobs are taken
 * for those of a dead one (server-internals 3.6); a web server that does keeps all other clients waiting.
 *
 * To wait for a promise is not enough: one that is settled already gives no turn. Nor are 'data' events of a child: where the runtime reads as
 * long as there is something to read (Bun), a writer that is always ahead keeps the process to itself.
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
