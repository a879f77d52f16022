/**
 * Questions of a slot to its queue, over times at which nobody answers (server-internals 3.6): the job goes on, and its end waits.
 *
 * Contract: only a queue out of reach is waited for; every other fault is the caller's.
 */
import { BrokerUnreachable } from '../../queue/broker-error.js';
import { sleep } from '../../queue/sleep.js';
import type { WorkerMetrics } from '../metrics/metrics.js';
import type { WorkerLog } from './log.js';
import { FIRST_PAUSE_MS, LONGEST_PAUSE_MS, type Pauses } from './pauses.js';

/** While the worker ends, the queue gets this long to take the jobs back. */
const FAREWELL_MS = 4000;

export interface AskOptions {
  readonly metrics: WorkerMetrics;
  readonly log: WorkerLog;
  readonly pauses: Pauses;
  /** Aborted when the worker is to end. */
  readonly stop: AbortSignal;
}

/** Asks again until the queue answers; undefined if the worker has to end without an answer. */
export async function untilReached<Value>(
  ask: () => Promise<Value>,
  { metrics, log, pauses, stop }: AskOptions,
): Promise<Value | undefined> {
  let pause = FIRST_PAUSE_MS;
  for (;;) {
    try {
      const value = await ask();
      if (metrics.brokerReached()) log.info('the job queue answers again');
      return value;
    } catch (error) {
      if (!(error instanceof BrokerUnreachable)) throw error;
      if (metrics.brokerLost()) log.error(error.message);
      if (stop.aborted) return farewell(ask);
      await pauses.wait(pause, stop);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }
}

/** A last word to the queue, with little patience; undefined if it was not heard. */
export async function farewell<Value>(ask: () => Promise<Value>): Promise<Value | undefined> {
  const end = Date.now() + FAREWELL_MS;
  do {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof BrokerUnreachable)) throw error;
      await sleep(FIRST_PAUSE_MS / 4);
    }
  } while (Date.now() < end);
  return undefined;
}
