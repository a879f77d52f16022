/**
 * How long a job waits before it is tried again: longer each time, within bounds, and never exactly as long as others that failed for the
 * same reason, so that they do not come back all at once (server-internals 3.6).
 */

const FIRST_SECONDS = 60;
const FACTOR = 4;
const LONGEST_SECONDS = 3600;
/** Part of the time that chance may add or take away. */
const SPREAD = 0.25;

/** Seconds before the next run of a job that has failed `attempt` times (1 or more). `random` is from [0, 1). */
export function retryDelay(attempt: number, random: () => number = Math.random): number {
  const usual = Math.min(LONGEST_SECONDS, FIRST_SECONDS * FACTOR ** Math.max(0, Math.min(attempt, 20) - 1));
  return usual * (1 - SPREAD + 2 * SPREAD * random());
}
