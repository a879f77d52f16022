/**
 * What every filter does around its work: the first fault lets it write what is complete, is thrown on, and nothing is done after it
 * (stream-format 11.4).
 */

export class FaultGuard {
  /** The input has ended, or something has thrown: further calls are ignored. */
  stopped = false;

  /** `leave` writes what is complete before a fault is thrown on; it looks itself whether its sink still takes bytes. */
  constructor(private readonly leave: (error: unknown) => void) {}

  run(work: () => void): void {
    if (this.stopped) return;
    try {
      work();
    } catch (error) {
      this.stopped = true;
      this.leave(error);
      throw error;
    }
  }

  /** The last work. */
  end(work: () => void): void {
    this.run(work);
    this.stopped = true;
  }
}
