/**
 * What a worker does on signals (server-internals 3.4): TERM and INT end it, a second one at once; HUP and USR1 as arbiter.ts says.
 */

/** Calls these on signals; the result takes the handlers off again. */
export function installSignals(actions: { end(): void; reload(): void; report(): void }): () => void {
  let asked = 0;
  const end = (): void => {
    // The second time nobody waits any more; processes of jobs are ended by the exit.
    if (++asked > 1) process.exit(1);
    actions.end();
  };
  const handlers: readonly (readonly [NodeJS.Signals, () => void])[] = [
    ['SIGTERM', end],
    ['SIGINT', end],
    ['SIGHUP', () => actions.reload()],
    ['SIGUSR1', () => actions.report()],
  ];
  for (const [name, handler] of handlers) process.on(name, handler);
  return () => {
    for (const [name, handler] of handlers) process.off(name, handler);
  };
}
