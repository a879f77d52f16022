/**
 * What a stage inside the process has written and its neighbour has not yet taken.
 *
 * Filters and producers reuse their buffers and may write several times in one go, so bytes are copied, and queued while the neighbour keeps
 * us waiting. Whoever writes looks at `waiting` now and then, which bounds the queue.
 */
import type { Consumer, StageEvents } from './flow.js';

export class OutputQueue {
  /** Bytes written so far. */
  byteCount = 0;
  /** Set while the neighbour keeps us waiting. */
  waiting: Promise<void> | undefined;
  private pieces: Uint8Array[] = [];

  constructor(
    private readonly next: Consumer,
    private readonly events: StageEvents,
  ) {}

  /** Takes bytes that are valid during the call only. */
  put(bytes: Uint8Array): void {
    if (bytes.length > 0) this.give(new Uint8Array(bytes));
  }

  /** Takes bytes that stay as they are until nothing is `waiting`. */
  give(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.byteCount += bytes.length;
    this.events.progress();
    if (this.waiting !== undefined) {
      this.pieces.push(bytes);
      return;
    }
    const wait = this.next.write(bytes);
    if (wait !== undefined) this.waiting = this.drain(wait);
  }

  /** Forgets what is queued: nobody wants it any more. */
  discard(): void {
    this.pieces = [];
  }

  private async drain(first: Promise<void>): Promise<void> {
    await first;
    for (let bytes = this.pieces.shift(); bytes !== undefined; bytes = this.pieces.shift()) {
      await this.next.write(bytes);
    }
    this.waiting = undefined;
  }
}
