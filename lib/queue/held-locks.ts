/**
 * The locks that one slot of a worker holds in its queue (server-internals 3.6), over times at which the queue is away.
 *
 * Contract: never rejects on account of the queue. What the queue cannot say is no refusal: whoever asks has another lock as well, a file
 * beside the block, and that one still holds. Each sign of life renews all that is held (`renew`), so the locks of a worker that dies run
 * out when its jobs do; what a restart of the queue has forgotten comes back with it.
 */
import type { SharedLocks } from './broker.js';
import { BrokerUnreachable } from './broker-error.js';

export class HeldLocks {
  readonly #held = new Set<string>();
  /** Held by another owner when they were last renewed. */
  readonly #lost = new Set<string>();
  /** Since a question has failed nothing is asked until a sign of life gets through: work shall not wait for a queue that is away. */
  #away = false;

  /** `seconds`: how long a lock holds without renewal. */
  constructor(
    private readonly locks: SharedLocks,
    private readonly owner: string,
    private readonly seconds: number,
  ) {}

  /** Takes locks, or renews those that are held already; false for each that another owner has. */
  async take(names: readonly string[]): Promise<readonly boolean[]> {
    for (const name of names) this.#held.add(name);
    if (!this.#away) await this.#ask(names);
    return names.map((name) => {
      const isLost = this.#lost.delete(name);
      if (isLost) this.#held.delete(name);
      return !isLost;
    });
  }

  /** Lets locks go, as far as they are still held. Does not wait for an answer: what comes later reaches the queue later. */
  release(names: readonly string[]): void {
    const ours = names.filter((name) => this.#held.delete(name));
    for (const name of names) this.#lost.delete(name);
    if (ours.length === 0) return;
    // One that cannot be let go runs out.
    this.locks.release(ours, this.owner).catch(() => {});
  }

  /** Renews all that is held, with the sign of life of the slot. */
  async renew(): Promise<void> {
    const names = [...this.#held];
    if (names.length === 0) this.#away = false;
    else await this.#ask(names);
  }

  /** Takes or renews, and keeps in mind what others have. */
  async #ask(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    try {
      const taken = await this.locks.take(names, this.owner, this.seconds);
      this.#away = false;
      for (const [i, name] of names.entries()) {
        // One that was let go meanwhile is nobody's concern any more.
        if (taken[i] === false && this.#held.has(name)) this.#lost.add(name);
      }
    } catch (error) {
      if (!(error instanceof BrokerUnreachable)) throw error;
      this.#away = true;
    }
  }
}
