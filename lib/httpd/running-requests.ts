/**
 * The requests that are being answered, so that a server that is asked to end can wait for them and then end them.
 *
 * Who is in the middle of an answer must not take it for whole, and SCGI has no sign for one that was cut. So readers are
 * ended first, which an answer tells in its last packet; connections are closed only when that has had its time.
 */
import type { TerminationReason } from '../pipeline/stage/stage.js';

/** Time for the end of readers (KILL comes 2 s behind TERM) and for slow clients to take the last packet. */
const LAST_PACKET_MS = 5000;

/** What tells that a connection has closed: a response or a socket. */
export interface Closable {
  on(event: 'close', listener: () => void): unknown;
  destroy(): unknown;
}

/** All requests that one server is answering. */
export class RunningRequests {
  readonly #running = new Map<Promise<void>, { connection: Closable; controller: AbortController }>();

  /** Runs `action`; its signal is aborted when the connection closes, and with the reason `serverStopped` when the server ends. */
  add(action: (gone: AbortSignal) => Promise<void>, connection: Closable): Promise<void> {
    const controller = new AbortController();
    connection.on('close', () => controller.abort());
    const done: Promise<void> = action(controller.signal)
      // A fault here is a fault of ours; the connection must not hang for it.
      .catch(() => void connection.destroy())
      .finally(() => this.#running.delete(done));
    this.#running.set(done, { connection, controller });
    return done;
  }

  get count(): number {
    return this.#running.size;
  }

  /** Waits for all to end, and after `graceMs` ends them. */
  async finish(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.endAll(), graceMs);
    while (this.#running.size > 0) await Promise.all(this.#running.keys());
    clearTimeout(timer);
  }

  /** Ends the readers of all at once, and a little later what is still there. */
  endAll(): void {
    const reason: TerminationReason = 'serverStopped';
    for (const { controller } of this.#running.values()) controller.abort(reason);
    setTimeout(() => {
      for (const { connection } of this.#running.values()) connection.destroy();
    }, LAST_PACKET_MS).unref();
  }
}
