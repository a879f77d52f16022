/**
 * The numbers of a worker for those who watch it: over HTTP and as a file, where the command line asks for that (metrics/).
 */
import { errorDetail } from '../../conf/configuration-error.js';
import type { Broker } from '../../queue/broker.js';
import { openMetricsDoor, writeMetricsFile } from '../metrics/door.js';
import type { QueueState, WorkerMetrics, WorkerState } from '../metrics/metrics.js';
import { SiteWatch } from '../metrics/site-numbers.js';
import type { WorkerLog } from './log.js';
import type { Site } from './site.js';
import type { Slot } from './slot.js';

const FILE_MS = 15_000;

export interface NumbersOptions {
  /** Where to answer over HTTP. */
  readonly metrics?: { readonly host: string; readonly port: number } | undefined;
  readonly metricsFile?: string | undefined;
}

export interface NumbersFacts {
  readonly slots: readonly Slot[];
  readonly broker: Broker;
  readonly metrics: WorkerMetrics;
  readonly log: WorkerLog;
  readonly site: () => Site;
}

export interface Numbers {
  /** Ends when nobody looks at the size of the cache any more; undefined if nobody does. */
  readonly watched: Promise<void> | undefined;
  /** The last ones to the file; then nobody is answered any more. */
  close(): Promise<void>;
}

/** Lets the numbers be seen; looks at the site until the signal. Throws `usage` if it cannot listen there. */
export async function showNumbers(
  { metrics: address, metricsFile }: NumbersOptions,
  { slots, broker, metrics, log, site }: NumbersFacts,
  signal: AbortSignal,
): Promise<Numbers> {
  const watch = new SiteWatch();
  const state = async (): Promise<WorkerState> => ({
    slots: slots.length,
    busy: slots.filter((slot) => slot.busy).length,
    queue: await queueState(broker).catch(() => undefined),
    site: watch.numbers(site().configuration),
  });
  const numbers = async (): Promise<string> => metrics.text(await state());
  const health = async () => metrics.health(await state());
  const answers = { numbers, health, configuration: () => site().configuration };
  const door = address === undefined ? undefined : await openMetricsDoor(address, answers);
  if (door !== undefined) log.info(`metrics at ${door.url}`);
  const write = async (): Promise<void> => {
    if (metricsFile === undefined) return;
    try {
      writeMetricsFile(metricsFile, await numbers());
    } catch (error) {
      log.error(`--metrics-file: ${errorDetail(error)}`);
    }
  };
  const isWatched = door !== undefined || metricsFile !== undefined;
  const clock = setInterval(() => void write(), FILE_MS);
  return {
    watched: isWatched ? watch.watchCache(() => site().configuration, signal) : undefined,
    async close() {
      clearInterval(clock);
      await write();
      door?.close();
    },
  };
}

async function queueState(broker: Broker): Promise<QueueState> {
  const [waiting, dead, working, oldest] = [
    await broker.count('todo'),
    await broker.count('dead'),
    await broker.working(),
    await broker.oldest(),
  ];
  const asked = oldest === undefined ? Number.NaN : Date.parse(`${oldest.slice(0, oldest.indexOf('|'))}Z`);
  const oldestSeconds = Number.isNaN(asked) ? undefined : Math.max(0, (Date.now() - asked) / 1000);
  return { waiting, dead, working: working.length, oldestSeconds };
}
