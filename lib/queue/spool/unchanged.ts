/**
 * Since when something has been as it is now, as far as this process has seen: for signs of life whose own times are not to be believed, since
 * clocks of machines differ and are set.
 */

/** More are not remembered; what is forgotten is only waited for longer. */
const MOST_SEEN = 10_000;

export class Unchanged {
  readonly #seen = new Map<string, { readonly stamp: string; readonly since: number }>();

  /** Milliseconds since the first look that found this stamp under this name; 0 at that look. */
  since(name: string, stamp: string): number {
    const now = performance.now();
    const known = this.#seen.get(name);
    if (known?.stamp === stamp) return now - known.since;
    if (this.#seen.size >= MOST_SEEN) this.#seen.clear();
    this.#seen.set(name, { stamp, since: now });
    return 0;
  }

  /** The name means something else from now on. */
  forget(name: string): void {
    this.#seen.delete(name);
  }
}
