/** Waiting that can be called off. */

/** Waits, at most until the signal. Never rejects. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(clock);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const clock = setTimeout(done, milliseconds);
    signal?.addEventListener('abort', done, { once: true });
  });
}
