/**
 * What a worker does beside its jobs (server-internals 3.6, 2.7): signs of life for its own, and an end to what dead workers have left: jobs, programs
 * that still run, files in the cache.
 *
 * Contract: none of it is a reason to end; what goes wrong is told to the log and tried again.
 */
import { errorDetail } from '../../conf/configuration-error.js';
import type { Broker } from '../../queue/broker.js';
import { BrokerUnreachable } from '../../queue/broker-error.js';
import { sleep } from '../../queue/sleep.js';
import type { WorkerMetrics } from '../metrics/metrics.js';
import type { WorkerLog } from './log.js';
import type { Pauses } from './pauses.js';
import type { Site } from './site.js';
import type { Slot } from './slot.js';

const RECLAIM_MS = 60_000;

export interface Upkeep {
  readonly slots: readonly Slot[];
  readonly broker: Broker;
  readonly metrics: WorkerMetrics;
  readonly pauses: Pauses;
  readonly log: WorkerLog;
  readonly site: () => Site;
  readonly leaseSeconds: number;
}

/** Does all of it until the signal. */
export async function keepUp(upkeep: Upkeep, signal: AbortSignal): Promise<void> {
  await Promise.all([beating(upkeep, signal), reclaiming(upkeep, signal), sweeping(upkeep, signal)]);
}

/**
 * Renews all leases three times in their length, starting at once. As often it looks whether a queue that was out of reach answers again: slots ask
 * it ever more seldom.
 */
async function beating({ slots, broker, pauses, leaseSeconds, log }: Upkeep, signal: AbortSignal): Promise<void> {
  const everyMs = (leaseSeconds * 1000) / 3;
  while (!signal.aborted) {
    for (const slot of slots) {
      try {
        if (!signal.aborted) await slot.beat();
      } catch (error) {
        // The slots themselves say that the queue is out of reach.
        if (!(error instanceof BrokerUnreachable)) log.error(`no sign of life: ${errorDetail(error)}`);
      }
    }
    if (pauses.any && !signal.aborted) {
      await broker.count('todo').then(
        () => pauses.end(),
        () => undefined,
      );
    }
    await sleep(everyMs, signal);
  }
}

/** Ends what dead workers left running and puts their jobs back: at once, then again and again, not all workers at the same time. */
async function reclaiming({ broker, metrics, log, site, leaseSeconds }: Upkeep, signal: AbortSignal): Promise<void> {
  const everyMs = Math.min(RECLAIM_MS, leaseSeconds * 2000);
  while (!signal.aborted) {
    try {
      await endOrphans(log);
      const found = await broker.reclaim();
      metrics.reclaimed(found.length);
      for (const { holder, item, outcome } of found) {
        log.error(`${outcome}, from lost worker ${holder}: ${item}`);
        if (outcome !== 'dead') continue;
        const { noteGivenUp } = await import('./given-up.js');
        noteGivenUp(item, 'its worker was lost each time', site());
      }
    } catch (error) {
      if (!(error instanceof BrokerUnreachable)) log.error(`jobs of lost workers: ${errorDetail(error)}`);
    }
    await sleep(everyMs * (0.75 + Math.random() / 2), signal);
  }
}

/** Ends readers of workers on this machine that were killed and could not do it themselves. */
async function endOrphans(log: WorkerLog): Promise<void> {
  const { endOrphanedGroups } = await import('../../pipeline/process/group-notes.js');
  for (const groupId of await endOrphanedGroups()) {
    log.error(`process group ${groupId} ended: the program that had started it was killed`);
  }
}

/** Removes what builders that were killed have left in the cache. */
async function sweeping({ site, log }: Upkeep, signal: AbortSignal): Promise<void> {
  const root = site().configuration.path('CACHE_ROOT');
  if (root === undefined) return;
  const { sweepCache } = await import('../../cache/administration/sweep-cache.js');
  const count = await sweepCache(root, signal);
  if (count > 0) log.info(`${count} leftovers of dead workers removed from the cache`);
}
