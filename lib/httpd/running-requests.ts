/**
 * The requests that are being answered, so that a server that is asked to end can wait for them and then end them.
 */

/** What tells that a connection has closed: a response or a socket. */
export interface Closable {
  on(event: 'close', listener: () => void): unknown;
  destroy(): unknown;
}

/** All requests that one server is answering. */
export class RunningRequests {
  readonly #running = new Map<Promise<void>, { connection: Closable; controller: AbortController }>();

  /** Runs `action`; its signal is aborted when the connection closes. */
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

  /** Waits for all to end, and after `graceMs` ends them: their readers get TERM, and KILL two seconds later. */
  async finish(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.endAll(), graceMs);
    while (this.#running.size > 0) await Promise.all(this.#running.keys());
    clearTimeout(timer);
  }

  /** Ends all at once, as if their clients had gone. */
  endAll(): void {
    for (const { connection, controller } of this.#running.values()) {
      controller.abort();
      connection.destroy();
    }
  }
}
