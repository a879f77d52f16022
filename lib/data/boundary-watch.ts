/**
 * Where the stream of an answer stands, for its end (outcome.ts): packet-boundary.ts, loaded when it is needed.
 *
 * Contract: `see` takes all bytes in order; if it returns a promise, the next ones follow when that has resolved. What is expected to end well
 * keeps the first bytes and reads them only if it does not: hits are short, and reading their headers is most of what they would have to load.
 */
import type { PacketBoundary } from '../stream/packet-boundary.js';

/** More is not kept. */
const MOST_HELD = 256 * 1024;

/** What follows streams, once it has been loaded: from then on nobody waits for it, and nothing is kept meanwhile. */
let follower: typeof PacketBoundary | undefined;

export class BoundaryWatch {
  private boundary: PacketBoundary | undefined;
  private held: Uint8Array[] = [];
  private heldBytes = 0;

  /** `isSafe`: the stream is expected to end well. */
  constructor(private readonly isSafe: boolean) {}

  see(bytes: Uint8Array): void | Promise<void> {
    if (!this.isSafe && this.boundary === undefined && follower !== undefined) this.boundary = new follower();
    if (this.boundary !== undefined) {
      this.boundary.push(bytes);
      return;
    }
    this.held.push(new Uint8Array(bytes));
    this.heldBytes += bytes.length;
    if (!this.isSafe || this.heldBytes > MOST_HELD) return this.load();
  }

  /** Where the stream stands after all that was seen. */
  async stand(): Promise<PacketBoundary> {
    await this.load();
    return this.boundary as PacketBoundary;
  }

  /** The same where that is known already: what ended well as expected has not been read. */
  get known(): PacketBoundary | undefined {
    return this.boundary;
  }

  private async load(): Promise<void> {
    follower ??= (await import('../stream/packet-boundary.js')).PacketBoundary;
    this.boundary ??= new follower();
    for (const bytes of this.held.splice(0)) this.boundary.push(bytes);
  }
}
