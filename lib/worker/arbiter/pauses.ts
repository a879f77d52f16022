/**
 * The pauses of a worker between two questions to a queue that is out of reach (server-internals 3.4).
 *
 * Contract: each of those who ask has pauses of its own, and they grow. When anybody has had an answer all of them end, so that a queue that was
 * away for long is not left alone for as long again.
 */
import { sleep } from '../../queue/sleep.js';

/** The first pause, and the longest; each is twice the one before it. */
export const FIRST_PAUSE_MS = 1000;
export const LONGEST_PAUSE_MS = 60_000;

export class Pauses {
  #running = 0;
  #over = new AbortController();

  /** True while somebody waits. */
  get any(): boolean {
    return this.#running > 0;
  }

  /** Waits, at most until the signal or until all pauses end. */
  async wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    this.#running++;
    await sleep(milliseconds, AbortSignal.any([signal, this.#over.signal]));
    this.#running--;
  }

  /** The queue has answered: whoever waits asks now. */
  end(): void {
    this.#over.abort();
    this.#over = new AbortController();
  }
}
